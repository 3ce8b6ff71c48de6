// A small panel beside what opened it; Escape or a click elsewhere puts it away. After Escape
// the browser gives the focus back; after a click it stays where the click put it.
import { h } from "./dom.js";

// Opens at (x, y) in the window; returns the element. onclose is called once.
export function openPopover(x, y, content, { label, onclose } = {}) {
  const element = h(
    "div",
    { class: "popover", popover: "auto", role: "dialog", ta: label ? { "aria-label": label } : {} },
    content,
  );
  document.body.append(element);
  element.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    element.remove();
    onclose?.();
  });
  element.showPopover();
  const box = element.getBoundingClientRect();
  element.style.left = `${Math.max(8, Math.min(x, window.innerWidth - box.width - 8))}px`;
  element.style.top = `${Math.max(8, Math.min(y, window.innerHeight - box.height - 8))}px`;
  const first = element.querySelector("input, select, button");
  first?.focus();
  if (first instanceof HTMLInputElement) first.select();
  return element;
}

export function under(element) {
  const box = element.getBoundingClientRect();
  return [box.left, box.bottom + 4];
}
