// Many small pictures of one size on one canvas, in rows as wide as the page: pointed at, or walked
// among by the arrow keys, each says its words.

import { h, sharpen, sized } from "../dom.js";
import { hideTip, showTip } from "../tooltip.js";

export class TileGrid {
  // label, walk: keys of what the canvas shows, and of what the keys do
  // of: {count, width, height, draw(context, i, x, y, chosen), lines(i, x, y)} of the tiles, with
  // (x, y) where in the tile the pointer is, or undefined
  constructor({ label, walk, gap = 6 }) {
    this.gap = gap;
    this.of = null;
    this.at = null; // the tile that the keys have chosen
    this.canvas = h("canvas", { role: "img", ta: { "aria-label": label } });
    this.said = h("span", { class: "unseen", role: "status" });
    this.box = h(
      "div",
      {
        class: "view unit-pictures",
        tabindex: 0,
        role: "group",
        ta: { "aria-label": walk },
        onkeydown: (event) => this.walk(event),
        onfocus: () => this.go(this.at ?? 0),
        onblur: () => this.go(null),
        onpointermove: (event) => this.tell(event),
        onpointerleave: hideTip,
      },
      this.canvas,
    );
    this.elements = [this.box, this.said];
    sized(this.box, (width) => {
      if (width === this.width) return;
      this.width = width;
      this.draw();
    });
  }

  show(of) {
    this.of = of;
    this.draw();
  }

  get across() {
    return Math.max(1, Math.floor((this.width + this.gap) / (this.of.width + this.gap)));
  }

  corner(i) {
    const { width, height } = this.of;
    return [(i % this.across) * (width + this.gap), Math.floor(i / this.across) * (height + this.gap)];
  }

  draw() {
    if (!this.width || !this.of) return;
    const height = Math.ceil(this.of.count / this.across) * (this.of.height + this.gap);
    this.canvas.style.setProperty("height", `${height}px`);
    const context = sharpen(this.canvas, this.width, height);
    context.clearRect(0, 0, this.width, height);
    context.imageSmoothingEnabled = false;
    for (let i = 0; i < this.of.count; i++) this.of.draw(context, i, ...this.corner(i), i === this.at);
  }

  // ---- keys ----

  walk(event) {
    if (!this.of) return;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.across, ArrowDown: this.across };
    if (event.key === "Escape") hideTip();
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = (this.at ?? 0) + steps[event.key];
    if (next >= 0 && next < this.of.count) this.go(next);
  }

  // Chooses a tile and says its words; null: none. A click does not choose.
  go(tile) {
    if (!this.of || (tile !== null && !this.box.matches(":focus-visible"))) return;
    this.at = tile === null ? null : Math.min(tile, this.of.count - 1);
    this.draw();
    hideTip();
    if (this.at === null) return;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = this.corner(this.at);
    const lines = this.of.lines(this.at);
    showTip(box.left + x + this.of.width / 2, box.top + y + this.of.height, lines);
    this.said.textContent = lines.join(", ");
  }

  // ---- pointer ----

  tell(event) {
    if (!this.of) return;
    const box = this.canvas.getBoundingClientRect();
    const [left, top] = [event.clientX - box.left, event.clientY - box.top];
    const column = Math.floor(left / (this.of.width + this.gap));
    const tile = Math.floor(top / (this.of.height + this.gap)) * this.across + column;
    if (column < 0 || column >= this.across || tile < 0 || tile >= this.of.count) return hideTip();
    const [x, y] = this.corner(tile);
    showTip(event.clientX, event.clientY, this.of.lines(tile, left - x, top - y));
  }
}
