// A small histogram with the ends of its axis written under it.

import { ink, signedColor } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { short } from "../format.js";

export class HistogramView {
  constructor({ label } = {}) {
    this.canvas = h("canvas", { role: "img", ta: label ? { "aria-label": label } : {} });
    this.left = h("span", {});
    this.right = h("span", {});
    this.element = h(
      "div",
      { class: "view histogram" },
      h("div", { class: "bars" }, this.canvas),
      h("div", { class: "ends faint" }, this.left, h("span", {}, "0"), this.right),
    );
    sized(this.canvas.parentElement, (width, height) => {
      this.size = [width, height];
      this.draw();
    });
  }

  frame(counts, end) {
    this.counts = counts;
    const words = short(Number(end.toPrecision(2)));
    this.left.textContent = `−${words}`;
    this.right.textContent = words;
    this.draw();
  }

  draw() {
    if (!this.size || !this.counts) return;
    const [width, height] = this.size;
    const context = sharpen(this.canvas, width, height);
    context.clearRect(0, 0, width, height);
    const n = this.counts.length;
    const most = Math.max(...this.counts, 1);
    const step = width / n;
    this.counts.forEach((count, i) => {
      const share = (2 * (i + 0.5)) / n - 1;
      const tall = count ? Math.max(1, (count / most) * (height - 2)) : 0;
      context.fillStyle =
        Math.abs(share) < 1 / n ? ink("faint") : signedColor(Math.sign(share) * (0.35 + 0.65 * Math.abs(share)));
      context.fillRect(i * step + 0.5, height - tall, Math.max(1, step - 1), tall);
    });
    context.fillStyle = ink("line");
    context.fillRect(0, height - 1, width, 1);
  }
}
