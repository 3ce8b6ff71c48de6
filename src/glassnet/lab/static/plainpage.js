// A page of a class that is no lab: its language and theme are the browser's.
import { choose } from "./i18n.js";

export function dressed(onchange = () => {}) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const dress = () => {
    document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
    onchange();
  };
  dark.addEventListener("change", dress);
  choose("auto");
  dress();
}
