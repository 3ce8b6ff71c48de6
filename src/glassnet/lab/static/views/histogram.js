// A small histogram with the ends of its axis written under it.

import { ink, signedColor } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { number } from "../format.js";
import { t } from "../i18n.js";
import { hideTip, showTip } from "../tooltip.js";

export class HistogramView {
  constructor({ label } = {}) {
    this.canvas = h("canvas", { role: "img", ta: label ? { "aria-label": label } : {} });
    this.left = h("span", {});
    this.right = h("span", {});
    this.element = h(
      "div",
      { class: "view histogram" },
      h("div", { class: "bars", onpointermove: (event) => this.tell(event), onpointerleave: hideTip }, this.canvas),
      h("div", { class: "ends faint" }, this.left, h("span", {}, "0"), this.right),
    );
    sized(this.canvas.parentElement, (width, height) => {
      this.size = [width, height];
      this.draw();
    });
  }

  frame(counts, end) {
    this.counts = counts;
    this.end = end;
    const words = number(Number(end.toPrecision(2)), 2);
    this.left.textContent = `−${words}`;
    this.right.textContent = words;
    this.draw();
  }

  // How many values lie in the bar that is pointed at.
  tell(event) {
    if (!this.counts) return;
    const box = this.canvas.getBoundingClientRect();
    const n = this.counts.length;
    const bar = Math.max(0, Math.min(n - 1, Math.floor(((event.clientX - box.left) / box.width) * n)));
    const [low, high] = [bar, bar + 1].map((i) => number(this.end * ((2 * i) / n - 1), 2));
    showTip(event.clientX, event.clientY, [String(this.counts[bar]), t("play.bar", { low, high })]);
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
