// Renews the preview while one types, as the server renders it, and makes the variables buttons that insert themselves.
(() => {
  "use strict";
  const form = document.querySelector("[data-preview]");
  const text = form.querySelector("textarea");
  const seeing = form.querySelector("[data-seeing]");
  form.querySelector("[name=ver]").hidden = true;
  let waiting = 0;
  let last = 0;
  const renew = async () => {
    const turn = ++last;
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.dataset.preview, { method: "POST", body, credentials: "same-origin" });
      if (answer.ok && !answer.redirected && turn === last) seeing.innerHTML = await answer.text();
    } catch { /* the server is away: the last preview stays */ }
  };
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(renew, 150);
  });
  document.querySelectorAll("[data-insert]").forEach((chip) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "chip";
    button.textContent = chip.dataset.insert;
    button.setAttribute("aria-label", `Inserir ${chip.dataset.insert}`);
    button.addEventListener("click", () => {
      text.setRangeText(chip.dataset.insert, text.selectionStart, text.selectionEnd, "end");
      text.focus();
      text.dispatchEvent(new Event("input"));
    });
    chip.replaceWith(button);
  });
})();
