// The chat: what arrives is drawn as the server tells it, what is typed goes to the channel's webhook by the server.
import { announce, clock, codeName, element, formatted, post, size } from "./words.js";

const by = (id) => document.getElementById(id);
const chat = by("chat"), bubbles = by("bubbles"), text = by("text"), customer = by("customer"), attachments = by("attachments");
const NOBODY = "whatsapp:+5547999990001";
const TICK = { one: "M2 6.5 5 10 11 2.5", two: "M2 6.5 5 10 11 2.5M8.5 9.5 9 10 15 2.5" };
let messages = new Map(), source = null, silence = 0;

const me = () => customer.value || NOBODY;
const profile = () => customer.selectedOptions[0].textContent;

function ticks(message) {
  const states = { sent: ["one", "enviada"], accepted: ["two", "entregue"], read: ["two", "lida"] };
  const state = message.status === "read" ? "read" : message.accepted ? "accepted" : "sent";
  const [shape, said] = states[state];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 17 12");
  svg.setAttribute("class", `ticks ${state}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", said);
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", TICK[shape]);
  svg.append(path);
  return svg;
}

function fileCard(media, label, sign) {
  const icon = element("span", { class: `sheet-icon ${sign === "PDF" ? "" : "plain"}`, "aria-hidden": "true" }, sign);
  const words = element("span", {}, element("strong", {}, media.name || label), element("small", {}, `${label} · ${size(media.size)}`));
  return element("a", { class: "file", href: media.url, target: "_blank", rel: "noopener" }, icon, words);
}

function drawMedia(media, kind) {
  if (kind === "sticker") return element("img", { src: media.url, alt: "Figurinha" });
  if (media.type.startsWith("image/")) {
    const qr = (media.name || "").includes("qr");
    const image = element("img", { src: media.url, alt: qr ? "QR code do Pix" : "Foto" });
    image.addEventListener("load", toEnd);
    return element("a", { class: `picture ${qr ? "qr" : ""}`, href: media.url, target: "_blank", rel: "noopener" }, image);
  }
  if (media.type.startsWith("audio/")) return element("audio", { src: media.url, controls: true, preload: "metadata", "aria-label": "Mensagem de voz" });
  if (media.type === "text/vcard") return fileCard(media, "Contato", "👤");
  return fileCard(media, media.type === "application/pdf" ? "Documento PDF" : "Arquivo", media.type === "application/pdf" ? "PDF" : "DOC");
}

function copyButton(message, name) {
  const button = element("button", { type: "button", class: "copy" }, name === "Pix" ? "Copiar Pix" : "Copiar linha digitável");
  button.addEventListener("click", async () => {
    await copy(message.body);
    button.textContent = "Copiado ✓";
    announce(`${name === "Pix" ? "Pix copiado" : "Linha digitável copiada"}`);
    setTimeout(() => { button.textContent = name === "Pix" ? "Copiar Pix" : "Copiar linha digitável"; }, 2000);
  });
  return button;
}

async function copy(words) {
  if (navigator.clipboard && window.isSecureContext) {
    try { return await navigator.clipboard.writeText(words); } catch { /* not allowed: the older way */ }
  }
  const area = element("textarea", { class: "hidden-text", "aria-label": "texto a copiar" });
  const focused = document.activeElement;
  area.value = words;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  focused?.focus();
}

function choice(message, button) {
  const made = element("button", { type: "button", class: "choice" }, button.title);
  const kind = message.kind === "list-picker" ? "list" : "button";
  made.addEventListener("click", () => send({ kind, text: button.title, payload: button.id, reply_to: message.sid }));
  return made;
}

function draw(message) {
  const code = message.mine ? null : codeName(message.body);
  const classes = ["bubble", message.mine && "mine", code && "code", code === "Pix" && "pix", message.kind === "sticker" && "sticker"].filter(Boolean);
  const item = element("li", { class: classes.join(" "), "data-sid": message.sid });
  item.append(element("span", { class: "hidden-text" }, message.mine ? "Você: " : "Empresa: "));
  for (const media of message.media) item.append(drawMedia(media, message.kind));
  if (message.kind === "location") {
    item.append(element("p", { class: "words" }, `📍 ${message.place.Latitude}, ${message.place.Longitude}`));
  }
  if (message.body) item.append(element("p", { class: "words" }, ...(code ? [message.body] : formatted(message.body))));
  if (code) item.append(copyButton(message, code));
  const meta = element("p", { class: "meta" }, element("time", { datetime: message.at }, clock(message.at)));
  if (message.mine) meta.append(ticks(message));
  item.append(meta, ...message.buttons.map((button) => choice(message, button)));
  return item;
}

function toEnd() {
  chat.scrollTop = chat.scrollHeight;
}

function show(message) {
  const before = messages.get(message.sid);
  messages.set(message.sid, message);
  if (!message.arrived) return;
  const old = bubbles.querySelector(`[data-sid="${message.sid}"]`);
  if (old) {
    // A company's message looks the same whatever its status: drawing it anew would take the focus away.
    if (message.mine && (before.status !== message.status || before.accepted !== message.accepted)) old.replaceWith(draw(message));
    return;
  }
  bubbles.append(draw(message));
  if (!message.mine) {
    typing(false);
    if (document.visibilityState === "visible") post("/phone/read", { of: me() });
  }
  toEnd();
}

function typing(on) {
  clearTimeout(silence);
  by("typing").hidden = !on;
  by("presence").textContent = on ? "digitando…" : "conta comercial";
  if (on) { silence = setTimeout(() => typing(false), 25000); toEnd(); }
}

function listen() {
  source?.close();
  messages = new Map();
  bubbles.replaceChildren();
  source = new EventSource(`/phone/events?of=${encodeURIComponent(me())}`);
  source.addEventListener("messages", (event) => {
    messages = new Map();
    bubbles.replaceChildren();
    typing(false);
    JSON.parse(event.data).forEach(show);
  });
  source.addEventListener("message", (event) => show(JSON.parse(event.data)));
  source.addEventListener("typing", () => typing(true));
  source.addEventListener("wire", (event) => document.dispatchEvent(new CustomEvent("wire", { detail: JSON.parse(event.data) })));
}

async function send(act) {
  attachments.hidden = true;
  by("attach").setAttribute("aria-expanded", "false");
  const answer = await post("/phone/send", { from: me(), profile: profile(), ...act });
  const told = await answer.json();
  if (!told.webhook) announce("Nenhum canal está ligado a este telefone.");
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 2, 120)}px`;
}

by("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words) return;
  text.value = "";
  grow();
  text.focus();
  send({ kind: "text", text: words });
});
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    by("composer").requestSubmit();
  }
});
by("attach").addEventListener("click", () => {
  attachments.hidden = !attachments.hidden;
  by("attach").setAttribute("aria-expanded", String(!attachments.hidden));
  if (!attachments.hidden) attachments.querySelector("button").focus();
});
attachments.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { attachments.hidden = true; by("attach").setAttribute("aria-expanded", "false"); by("attach").focus(); }
});
attachments.addEventListener("click", (event) => {
  const kind = event.target.closest("[data-kind]")?.dataset.kind;
  if (!kind) return;
  by("attach").focus();
  const last = [...messages.values()].filter((message) => !message.mine && message.arrived).at(-1);
  const extra = {
    location: { latitude: "-26.3045", longitude: "-48.8487", label: "Joinville" },
    reaction: { text: "👍", reply_to: last?.sid || "" },
  };
  send({ kind, ...extra[kind] });
});
by("own-file").addEventListener("click", () => by("file").click());
by("file").addEventListener("change", () => {
  const [file] = by("file").files;
  if (!file) return;
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    const kind = ["image", "audio", "video"].find((each) => file.type.startsWith(each)) || "document";
    send({ kind, type: file.type, name: file.name, file: reader.result.split(",")[1] });
  });
  reader.readAsDataURL(file);
  by("file").value = "";
});
customer.addEventListener("change", listen);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") post("/phone/read", { of: me() });
});
document.addEventListener("insert", (event) => {
  text.value = [text.value.trim(), event.detail].filter(Boolean).join(" ");
  grow();
  text.focus();
});
listen();
