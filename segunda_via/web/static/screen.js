// Renews the lights in the head while the page is looked at, and a training while it goes on; keeps a form from being
// sent twice, what was typed from being left behind unsaved, and a text that is too long from being cut in silence.
(() => {
  "use strict";
  const lights = document.querySelector("[data-lights]");
  if (lights) {
    setInterval(async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(lights.dataset.lights, { credentials: "same-origin" });
        if (answer.ok) lights.innerHTML = await answer.text();
      } catch { /* the server is away: what is shown stays */ }
    }, 20000);
  }
  document.querySelectorAll("[data-copy]").forEach((button) => button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.textContent = "Copiado";
  }));
  const renewed = document.querySelector("[data-renew]");
  if (renewed) {
    setInterval(async () => {
      if (!renewed.querySelector("progress")) return;
      try {
        const answer = await fetch(renewed.dataset.renew, { credentials: "same-origin" });
        if (answer.ok && !answer.redirected) renewed.innerHTML = await answer.text();
      } catch { /* the server is away: what is shown stays */ }
    }, 2000);
  }
  document.addEventListener("input", (event) => {
    const field = event.target;
    const longest = Number(field.dataset.longest);
    if (longest) {
      const length = field.value.trim().length;
      field.setCustomValidity(length > longest ? `Até ${longest} caracteres: este tem ${length}.` : "");
      if (length > longest) field.reportValidity();
    }
    if (field.form && field.form.querySelector("[name^=versao]")) field.form.dataset.edited = "1";
  });
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("[data-edited]:not([data-sent])")) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = "1";
    const button = event.submitter;
    if (button) button.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  }));
})();
