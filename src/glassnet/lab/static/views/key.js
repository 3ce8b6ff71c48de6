// The key of the diverging scale: orange below zero, paper at zero, blue above.

import { divergingGradient } from "../colors.js";
import { h } from "../dom.js";

export class KeyView {
  constructor(left = "", right = "") {
    this.bar = h("i", {});
    this.words = [left, right].map((word) => h("span", {}, word));
    this.element = h("div", { class: "view key" }, this.words[0], this.bar, this.words[1]);
    this.draw();
  }

  label(left, right) {
    this.words[0].textContent = left;
    this.words[1].textContent = right;
  }

  draw() {
    this.bar.style.background = divergingGradient();
  }
}
