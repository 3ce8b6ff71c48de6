// What the units of the first layer see: their weights as small pictures of the input, and
// under each a bar of its answer to the drawing.

import { ink, signedColor } from "../../colors.js";
import { h, sharpen, sized, unique } from "../../dom.js";
import { number } from "../../format.js";
import { t } from "../../i18n.js";
import { hideTip, showTip } from "../../tooltip.js";
import { KeyView } from "../../views/key.js";
import { bytesOf, smallCanvas } from "../../views/pixels.js";

const TILE = 42;
const BAR = 5;
const GAP = 6;

export class Units {
  constructor() {
    const id = unique("seen"); // two rooms show units
    this.canvas = h("canvas", { role: "img", ta: { "aria-label": "digits.units" } });
    this.said = h("span", { class: "unseen", role: "status" });
    this.at = null; // the unit that the keys have chosen
    this.box = h(
      "div",
      {
        class: "view unit-pictures",
        tabindex: 0,
        role: "group",
        ta: { "aria-label": "digits.units_walk" },
        onkeydown: (event) => this.walk(event),
        onfocus: () => this.go(this.at ?? 0),
        onblur: () => this.go(null),
      },
      this.canvas,
    );
    this.key = new KeyView("−", "+");
    this.words = h("p", { class: "faint" });
    this.element = h(
      "section",
      { class: "seen", "aria-labelledby": id },
      h("div", { class: "seen-top" }, h("h2", { id, t: "digits.units" }), this.words, this.key.element),
      this.box,
      this.said,
    );
    this.box.addEventListener("pointermove", (event) => this.tell(event));
    this.box.addEventListener("pointerleave", hideTip);
    sized(this.box, (width) => {
      if (width === this.width) return;
      this.width = width;
      this.draw();
    });
  }

  // found: the answer of "units"
  show(found) {
    this.found = found;
    this.bytes = bytesOf(found.weights);
    this.shown = this.bytes.length / found.side ** 2;
    this.paint();
  }

  // The units' answers to the drawing; null: there is none.
  react(activations) {
    this.activations = activations ?? null;
    this.draw();
  }

  paint() {
    this.key.draw();
    if (!this.found) return;
    const { side, count, scale, activation } = this.found;
    this.key.label(number(-scale, 2), number(scale, 2));
    this.words.textContent = t(this.shown < count ? "digits.units_some" : "digits.units_all", {
      count,
      shown: this.shown,
      activation: t(`activation.${activation}`),
    });
    const cells = side * side;
    this.pictures = Array.from({ length: this.shown }, (_, i) =>
      smallCanvas(this.bytes.subarray(i * cells, (i + 1) * cells), side, true),
    );
    this.draw();
  }

  get across() {
    return Math.max(1, Math.floor((this.width + GAP) / (TILE + GAP)));
  }

  draw() {
    if (!this.width || !this.pictures) return;
    const rows = Math.ceil(this.shown / this.across);
    const height = rows * (TILE + BAR + 2 + GAP);
    this.canvas.style.setProperty("height", `${height}px`);
    const context = sharpen(this.canvas, this.width, height);
    context.clearRect(0, 0, this.width, height);
    context.imageSmoothingEnabled = false;
    const most = Math.max(1e-9, ...(this.activations ?? []).map(Math.abs));
    this.pictures.forEach((picture, i) => {
      const [x, y] = this.corner(i);
      context.drawImage(picture, x, y, TILE, TILE);
      context.strokeStyle = ink(i === this.at ? "accent" : "line");
      context.lineWidth = i === this.at ? 3 : 1;
      context.strokeRect(x + 0.5, y + 0.5, TILE - 1, TILE - 1);
      context.fillStyle = ink("line");
      context.fillRect(x, y + TILE + 2 + BAR - 1, TILE, 1);
      const value = this.activations?.[i] ?? 0;
      if (!value) return;
      context.fillStyle = signedColor(Math.sign(value));
      context.fillRect(x, y + TILE + 2, Math.max(1, (Math.abs(value) / most) * TILE), BAR);
    });
  }

  corner(i) {
    return [(i % this.across) * (TILE + GAP), Math.floor(i / this.across) * (TILE + BAR + 2 + GAP)];
  }

  // ---- keys ----

  walk(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.across, ArrowDown: this.across };
    if (event.key === "Escape") hideTip();
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = (this.at ?? 0) + steps[event.key];
    if (next >= 0 && next < this.shown) this.go(next);
  }

  // Chooses a unit and says what it gives; null: none. A click does not choose.
  go(unit) {
    if (!this.pictures || (unit !== null && !this.box.matches(":focus-visible"))) return;
    this.at = unit === null ? null : Math.min(unit, this.shown - 1);
    this.draw();
    hideTip();
    if (this.at === null) return;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = this.corner(this.at);
    const lines = this.lines(this.at);
    showTip(box.left + x + TILE / 2, box.top + y + TILE, lines);
    this.said.textContent = lines.join(", ");
  }

  // ---- what a unit says ----

  lines(unit) {
    const lines = [t("digits.unit", { unit: unit + 1 })];
    if (this.activations) lines.push(t("digits.unit_gives", { value: number(this.activations[unit]) }));
    if (this.found.biases.length) lines.push(t("play.unit_bias", { bias: number(this.found.biases[unit]) }));
    return lines;
  }

  tell(event) {
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / (TILE + GAP));
    const row = Math.floor((event.clientY - box.top) / (TILE + BAR + 2 + GAP));
    const unit = row * this.across + column;
    if (!this.pictures || column < 0 || row < 0 || column >= this.across || unit >= this.shown) {
      hideTip();
      return;
    }
    showTip(event.clientX, event.clientY, this.lines(unit));
  }
}
