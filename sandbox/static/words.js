// Text as a chat shows it: *bold*, _italic_, ~struck~, ```fixed``` and links. Nothing is ever read as HTML.

const MARKS = [
  [/```([^`]+)```/, "code"],
  [/(?<![\p{L}\p{N}*])\*(?!\s)([^*\n]*[^*\s])\*(?![\p{L}\p{N}*])/u, "strong"],
  [/(?<![\p{L}\p{N}_])_(?!\s)([^_\n]*[^_\s])_(?![\p{L}\p{N}_])/u, "em"],
  [/(?<![\p{L}\p{N}~])~(?!\s)([^~\n]*[^~\s])~(?![\p{L}\p{N}~])/u, "s"],
];
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/;

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export function formatted(text) {
  const link = LINK.exec(text);
  if (link) {
    const anchor = element("a", { href: link[0], target: "_blank", rel: "noopener noreferrer" }, link[0]);
    return [...formatted(text.slice(0, link.index)), anchor, ...formatted(text.slice(link.index + link[0].length))];
  }
  let first = null;
  for (const [pattern, tag] of MARKS) {
    const found = pattern.exec(text);
    if (found && (!first || found.index < first.found.index)) first = { found, tag };
  }
  if (!first) return text ? [text] : [];
  const { found, tag } = first;
  const inner = tag === "code" ? [found[1]] : formatted(found[1]);
  return [text.slice(0, found.index), element(tag, {}, ...inner), ...formatted(text.slice(found.index + found[0].length))];
}

// What a whole message is, when it is a code to copy.
export function codeName(text) {
  if (/^000201\S/.test(text) && /6304[0-9A-F]{4}$/.test(text)) return "Pix";
  const digits = text.replace(/[\s.]/g, "");
  return /^\d{44,48}$/.test(digits) && !/[^\d\s.-]/.test(text) ? "linha digitável" : null;
}

export function clock(moment, seconds = false) {
  const format = { hour: "2-digit", minute: "2-digit", ...(seconds && { second: "2-digit" }) };
  return new Date(moment).toLocaleTimeString("pt-BR", format);
}

export function size(bytes) {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

export function announce(text) {
  document.getElementById("said").textContent = text;
}

export async function post(path, value, method = "POST") {
  return fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });
}
