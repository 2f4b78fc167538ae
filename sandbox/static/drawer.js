// The panel beside the phone: documents to try, faults to order, tickets and webhooks as they happen.
import { announce, clock, element, post } from "./words.js";

const by = (id) => document.getElementById(id);
const drawer = by("drawer"), opener = by("open-drawer"), tabs = [...document.querySelectorAll("[role=tab]")];
const STATES = { open: "aberto", finished: "finalizado", handed_over: "com atendente" };
const EVENTS = { opened: "aberto", transferred: "na fila", finished: "finalizado", handed_over: "passado a uma pessoa", reopened: "reaberto", abandoned: "abandonado" };
const DETAILS = {
  overdue: "vencida", next_due: "a vencer", partial: "em parte", unpayable: "ainda sem como pagar", nothing_to_send: "nada a enviar",
  invalid_document: "documento inválido", suspicious: "dados que não conferem", gateway_unavailable: "gateway indisponível",
  not_configured: "sem gateway", token_rejected: "token recusado", too_many_tries: "tentativas demais", send_failed: "envio falhou",
  requested: "a pedido",
};
const narrow = matchMedia("(max-width: 900px)");
let gateways = [];

// [name, explanation, the orders it makes]
const FAULTS = [
  ["Gateway fora do ar", "toda consulta responde 503", () => gateways.map((gateway) => ({ gateway, fault: "503" }))],
  ["Gateway lento", "cada resposta demora 10 segundos", () => gateways.map((gateway) => ({ gateway, fault: "slow" }))],
  ["Token recusado", "o gateway responde 401", () => gateways.map((gateway) => ({ gateway, fault: "401" }))],
  ["Twilio fora do ar", "as próximas 5 chamadas respondem 503", () => [{ gateway: "twilio", fault: "503", path: "/Messages.json", times: 5 }]],
  ["Twilio com pressa", "as próximas 3 chamadas respondem 429", () => [{ gateway: "twilio", fault: "429", path: "/Messages.json", times: 3 }]],
  ["Próxima mensagem se perde", "aceita, e depois falha: 63024", () => [{ fault: "fail", code: 63024, at: "sent", times: 1 }]],
  ["Mídia que não baixa", "a 4ª mensagem a partir de agora falha: 63019", () => [{ fault: "fail", code: 63019, after: 3, times: 1 }]],
  ["Avisos fora de ordem", "os status chegam do último ao primeiro", () => [{ fault: "out_of_order" }]],
  ["Avisos que não chegam", "nenhum status é contado ao canal", () => [{ fault: "no_callback" }]],
];

function toggle(open) {
  drawer.classList.toggle("open", open);
  opener.setAttribute("aria-expanded", String(open));
  if (open) by("close-drawer").focus();
  else if (narrow.matches) opener.focus();
}

function choose(tab) {
  for (const each of tabs) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    by(each.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (tab.id === "tab-tickets") tickets();
}

async function personas() {
  const people = await (await fetch("/personas")).json();
  by("personas").replaceChildren(...people.map((person) => {
    const button = element("button", { type: "button" }, element("strong", {}, person.document), element("small", {}, person.shows));
    button.addEventListener("click", () => {
      if (narrow.matches) toggle(false);
      document.dispatchEvent(new CustomEvent("insert", { detail: person.document }));
    });
    return element("li", {}, button);
  }));
}

async function faults() {
  const health = await (await fetch("/health")).json();
  gateways = Object.keys(health.gateways);
  const items = FAULTS.map(([name, explanation, orders]) => {
    const button = element("button", { type: "button" }, element("strong", {}, name), element("small", {}, explanation));
    button.addEventListener("click", async () => {
      for (const order of orders()) await post("/control/faults", order);
      announce(`Falha pedida: ${name}`);
      standing();
    });
    return element("li", {}, button);
  });
  const connection = element("button", { type: "button", "aria-pressed": "false" }, element("strong", {}, "Telefone sem internet"), element("small", {}, "nada chega até voltar a conexão"));
  connection.addEventListener("click", async () => {
    const offline = connection.getAttribute("aria-pressed") !== "true";
    await post("/phone/offline", { of: by("customer").value, offline });
    connection.setAttribute("aria-pressed", String(offline));
    by("offline-note").hidden = !offline;
  });
  const again = element("button", { type: "button" }, element("strong", {}, "Repetir a última mensagem"), element("small", {}, "o mesmo webhook, de novo: não pode ter efeito"));
  again.addEventListener("click", async () => {
    const answer = await post("/phone/repeat", { of: by("customer").value });
    announce(answer.ok ? "Webhook repetido." : "Ainda não há mensagem para repetir.");
  });
  by("fault-list").classList.add("plain");
  by("fault-list").replaceChildren(...items, element("li", {}, connection), element("li", {}, again));
  standing();
}

async function standing() {
  const orders = await (await fetch("/control/faults")).json();
  const names = [...new Set(orders.map((order) => order.kind + (order.code ? ` ${order.code}` : "")))];
  by("standing").textContent = names.length ? `Em vigor: ${names.join(", ")}` : "Nenhuma falha em vigor.";
}

async function tickets() {
  const answer = await (await fetch("/phone/tickets")).json();
  if (!answer.tickets) {
    by("ticket-list").replaceChildren(element("li", { class: "hint" }, "Este telefone não está ligado a um diário: use make demo."));
    return;
  }
  by("ticket-list").replaceChildren(...answer.tickets.map((ticket) => {
    const state = element("span", { class: `state ${ticket.status}` }, STATES[ticket.status] || ticket.status);
    const life = ticket.events.map((event) => element("li", {}, element("time", {}, clock(event.at, true)), ` ${EVENTS[event.event] || event.event}`, event.detail ? ` · ${DETAILS[event.detail] || event.detail}` : ""));
    return element("li", { class: "card" }, element("h3", {}, ticket.who, state), element("ol", {}, ...life));
  }));
  if (!answer.tickets.length) by("ticket-list").replaceChildren(element("li", { class: "hint" }, "Ainda não há atendimentos."));
}

function wire(told) {
  const right = !told.error;
  const what = told.what === "webhook" ? `mensagem do cliente (${told.kind})` : `status: ${told.state}`;
  const item = element("li", {},
    element("time", {}, clock(Date.now(), true)),
    element("span", { class: "what" }, what, told.attempts > 1 ? ` · ${told.attempts} tentativas` : ""),
    element("span", { class: right ? "" : "bad" }, `${told.status ?? "sem resposta"} · ${told.milliseconds} ms`));
  by("wire-list").prepend(item);
  while (by("wire-list").children.length > 100) by("wire-list").lastChild.remove();
  tickets();
}

opener.addEventListener("click", () => toggle(!drawer.classList.contains("open")));
by("close-drawer").addEventListener("click", () => toggle(false));
drawer.addEventListener("keydown", (event) => { if (event.key === "Escape" && narrow.matches) toggle(false); });
for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    choose(next);
    next.focus();
  });
}
by("mend").addEventListener("click", async () => {
  await fetch("/control/faults", { method: "DELETE" });
  announce("Tudo normal de novo.");
  standing();
});
by("restart").addEventListener("click", () => post("/phone/clear", {}));
document.addEventListener("wire", (event) => wire(event.detail));
setInterval(() => { if (!by("tickets").hidden && document.visibilityState === "visible") tickets(); }, 2000);
personas();
faults();
tickets();
