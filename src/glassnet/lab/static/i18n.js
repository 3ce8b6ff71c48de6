// The texts in the language of the page; elements that were bound follow a switch.
import { settled } from "./particles.js";
import { termOf } from "./terms.js";
import CATALOGUES from "./texts.js"; // made by the server from glassnet/texts

const en = CATALOGUES.en;
let current = "en";

// "auto" takes the first of the browser's languages that there is.
export function choose(wanted) {
  const offered = wanted === "auto" ? (navigator.languages ?? [navigator.language]) : [wanted];
  const found = offered.map((l) => l.slice(0, 2).toLowerCase()).find((l) => l in CATALOGUES);
  if ((found ?? "en") === document.documentElement.dataset.language) return current;
  current = document.documentElement.dataset.language = found ?? "en";
  document.documentElement.lang = current;
  for (const element of document.querySelectorAll("[data-t]")) translate(element);
  return current;
}

export const language = () => current;
export const has = (key) => key in en;

// The text of a key; {name} in it stands for values.name. What has no text, as an activation that
// somebody added, is called by its name: the end of the key.
export function t(key, values = {}) {
  const text = CATALOGUES[current][key] ?? en[key];
  if (text === undefined) return key.slice(key.lastIndexOf(".") + 1);
  const filled = text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  return settled(filled);
}

const bound = new WeakMap(); // element → attribute ("" for the text) → [key, values]

export function bind(element, attribute, key) {
  const mine = bound.get(element) ?? new Map();
  mine.set(attribute ?? "", Array.isArray(key) ? key : [key, {}]);
  bound.set(element, mine);
  element.setAttribute("data-t", "");
  if (attribute === null) {
    const word = termOf(Array.isArray(key) ? key[0] : key);
    if (word) element.dataset.term = word;
  }
  translate(element);
}

function translate(element) {
  for (const [attribute, [key, values]] of bound.get(element) ?? []) {
    if (attribute === "") element.textContent = t(key, values);
    else element.setAttribute(attribute, t(key, values));
  }
}
