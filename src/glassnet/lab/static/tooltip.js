// One small label that names what is under the pointer or has the focus.
import { h } from "./dom.js";

const element = h("div", { class: "tooltip", role: "tooltip", id: "tooltip", hidden: true });

// lines: texts, the first of them bold; x, y in the window.
export function showTip(x, y, lines) {
  const home = document.querySelector("main") ?? document.body; // a part of the page, not beside it
  if (element.parentNode !== home) home.append(element);
  const words = lines.join("\n");
  if (element.dataset.words !== words) {
    element.dataset.words = words;
    element.replaceChildren(...lines.map((line, i) => h(i ? "div" : "strong", {}, line)));
  }
  element.hidden = false;
  const box = element.getBoundingClientRect();
  const left = Math.min(window.innerWidth - box.width - 8, Math.max(8, x + 14));
  const below = y + 18;
  const top = below + box.height > window.innerHeight - 8 ? y - box.height - 12 : below;
  element.style.left = `${left}px`;
  element.style.top = `${Math.max(8, top)}px`;
}

export function hideTip() {
  element.hidden = true;
}
