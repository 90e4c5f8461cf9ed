// Whatever comes from the corpus becomes text of a node, never markup.
const byId = (id) => document.getElementById(id);

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null && child !== ""));
  return node;
}

// Control characters, which browsers swallow, as pictures of themselves; they keep the length of the text.
const shown = (text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (char) => String.fromCharCode(0x2400 + char.charCodeAt(0)));

// An address that may be followed, or nothing: `javascript:` and the like are none.
function webAddress(text) {
  try {
    const address = new URL(text);
    return ["http:", "https:"].includes(address.protocol) ? address : null;
  } catch {
    return null;
  }
}

const whole = (number) => number.toLocaleString("en");
const counted = (number, one, many) => `${whole(number)} ${number === 1 ? one : many}`;
const decimal = (number) => number.toFixed(2);

const names = new Intl.DisplayNames(["en"], { type: "language" });
function languageName(code) {
  try {
    return names.of(code);
  } catch {
    return code;
  }
}

// What is no language tag is not put into `lang`.
const languageTag = (code) => (/^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(code || "") ? code : null);

// Text of the corpus in a span of its own, so that its direction does not spread to what stands around it.
const isolated = (tag, attributes, text) => make(tag, { dir: "auto", ...attributes }, shown(text));

function bar(quality) {
  const node = make("span", { class: "bar", "aria-hidden": "true" });
  node.style.setProperty("--share", `${Math.round(quality * 100)}%`);
  return node;
}
