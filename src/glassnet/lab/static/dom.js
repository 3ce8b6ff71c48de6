// Elements in one call: h("button", {class: "quiet", onclick: f, t: "play"}, children …).
// "t" is a key of the catalogues, or [key, values]; "ta" the same for attributes:
// {title: key}. They follow the language.
import { bind } from "./i18n.js";

const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";

export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
export const mathml = (tag, attributes, ...children) =>
  fill(document.createElementNS(MATHML, tag), attributes, children);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "t") bind(element, null, value);
    else if (name === "ta") Object.entries(value).forEach(([a, key]) => bind(element, a, key));
    else if (name === "style") Object.entries(value).forEach(([k, v]) => element.style.setProperty(k, v));
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

// What a box for a number says now. It does not write over what is being typed; a box that
// has the focus stays selected, so that typing replaces the number and does not add to it.
export function write(box, text) {
  if (box.typing || box.value === text) return;
  box.value = text;
  if (document.activeElement === box) box.select();
}

// Makes the controls in an element again; the one of the same name has the focus again.
export function keepingFocus(element, change) {
  const name = element.contains(document.activeElement) ? document.activeElement.ariaLabel : null;
  change();
  if (name) [...element.querySelectorAll("button, select")].find((one) => one.ariaLabel === name)?.focus();
}

// A canvas as sharp as the screen: its size in CSS pixels, its context in the same units.
export function sharpen(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const w = Math.max(1, Math.round(width * ratio));
  const hgt = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== w || canvas.height !== hgt) {
    canvas.width = w;
    canvas.height = hgt;
  }
  const context = canvas.getContext("2d");
  context.setTransform(w / width, 0, 0, hgt / height, 0, 0);
  return context;
}

// Calls back with the element's size, now and whenever it changes.
export function sized(element, call) {
  new ResizeObserver((entries) => {
    const box = entries[entries.length - 1].contentRect;
    if (box.width > 0 && box.height > 0) call(box.width, box.height);
  }).observe(element);
}

let made = 0;
export const unique = (stem) => `${stem}-${++made}`;
