// A picture or a map as a grid of cells: large enough, each shows its number; a window lies over
// it, and zeros of padding stand around it.

import { ink } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { fixed } from "../format.js";
import { pictureOf } from "./pixels.js";

const ROOM = 25; // pixels of a cell that has its number in it
const LINES = 7; // and of one that has lines around it

export class GridView {
  // options: {label: key, signed, on: {point(place or null, event), choose(place), key(event)}};
  // a place is {row, column}, and may lie in the padding
  constructor({ label, signed = false, on = {} } = {}) {
    Object.assign(this, { signed, on });
    this.around = { top: 0, left: 0, bottom: 0, right: 0 };
    this.marks = {};
    this.small = document.createElement("canvas");
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.said = h("span", { class: "unseen", role: "status" });
    this.element = h(
      "div",
      {
        class: "view grid-view",
        role: "application",
        tabindex: on.key ? 0 : null,
        ta: { "aria-label": label },
        onkeydown: on.key,
      },
      this.canvas,
      this.said,
    );
    if (!on.key) this.element.setAttribute("role", "img");
    this.element.classList.toggle("can-point", Boolean(on.choose || on.point));
    this.element.addEventListener("pointermove", (event) => on.point?.(this.under(event), event));
    this.element.addEventListener("pointerleave", (event) => on.point?.(null, event));
    this.element.addEventListener("pointerdown", (event) => {
      const place = this.under(event);
      if (event.button === 0 && place && this.inside(place)) on.choose?.(place);
    });
    sized(this.element, (width) => {
      this.width = width;
      this.draw();
    });
  }

  // bytes: 0 … 255 ink, or signed; numbers: what stands in large cells, or null
  frame(bytes, rows, columns, numbers = null) {
    Object.assign(this, { bytes, rows, columns, numbers });
    this.draw();
  }

  // around: {top, left, bottom, right}, cells of padding
  pad(around) {
    this.around = around;
  }

  // marks: {box: {top, left, rows, columns}, cell: {row, column}, dots: [{row, column}], known: how
  // many cells are computed so far, or undefined: all}
  mark(marks) {
    this.marks = marks;
    this.draw();
  }

  get across() {
    return (this.columns ?? 1) + this.around.left + this.around.right;
  }

  get down() {
    return (this.rows ?? 1) + this.around.top + this.around.bottom;
  }

  inside({ row, column }) {
    return row >= 0 && column >= 0 && row < this.rows && column < this.columns;
  }

  under(event) {
    if (!this.bytes) return null;
    const box = this.canvas.getBoundingClientRect();
    const cell = box.width / this.across;
    const row = Math.floor((event.clientY - box.top) / cell) - this.around.top;
    const column = Math.floor((event.clientX - box.left) / cell) - this.around.left;
    return row < -this.around.top || row >= this.rows + this.around.bottom ? null : { row, column };
  }

  draw() {
    if (!this.width || !this.bytes) return;
    const { width, rows, columns, around } = this;
    const cell = width / this.across;
    const height = cell * this.down;
    this.canvas.style.setProperty("height", `${height}px`);
    const context = sharpen(this.canvas, width, height);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = false;
    context.fillStyle = ink("ground");
    context.fillRect(0, 0, width, height);
    context.save();
    context.translate(around.left * cell, around.top * cell);
    pictureOf(this.bytes, columns, rows, this.signed, this.small);
    context.drawImage(this.small, 0, 0, columns * cell, rows * cell);
    this.drawUnknown(context, cell);
    if (cell >= LINES) this.drawLines(context, cell);
    if (this.numbers && cell >= ROOM) this.drawNumbers(context, cell);
    context.strokeStyle = ink("faint");
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, columns * cell - 1, rows * cell - 1);
    this.drawMarks(context, cell);
    context.restore();
  }

  // What the window has not yet come to.
  drawUnknown(context, cell) {
    const { known } = this.marks;
    if (known === undefined) return;
    context.fillStyle = ink("ground");
    const row = Math.floor(known / this.columns);
    const rest = known % this.columns;
    context.fillRect(rest * cell, row * cell, (this.columns - rest) * cell, cell);
    context.fillRect(0, (row + 1) * cell, this.columns * cell, (this.rows - row - 1) * cell);
  }

  drawLines(context, cell) {
    const { around, rows, columns } = this;
    context.strokeStyle = ink("line");
    context.lineWidth = 1;
    context.beginPath();
    for (let i = -around.top; i <= rows + around.bottom; i++) {
      context.moveTo(-around.left * cell, i * cell);
      context.lineTo((columns + around.right) * cell, i * cell);
    }
    for (let j = -around.left; j <= columns + around.right; j++) {
      context.moveTo(j * cell, -around.top * cell);
      context.lineTo(j * cell, (rows + around.bottom) * cell);
    }
    context.stroke();
  }

  drawNumbers(context, cell) {
    context.font = `${Math.min(13, cell * 0.34)}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const strong = this.signed ? 96 : 128; // from here on the cell is dark on a light page
    for (let i = 0; i < this.bytes.length; i++) {
      if (this.marks.known !== undefined && i >= this.marks.known) break;
      const size = this.signed ? Math.abs(this.bytes[i] - 128) : this.bytes[i];
      context.fillStyle = ink(size >= strong && !this.signed ? "paper" : size >= strong ? "paper" : "ink");
      const [row, column] = [Math.floor(i / this.columns), i % this.columns];
      context.fillText(inCell(this.numbers[i]), (column + 0.5) * cell, (row + 0.5) * cell, cell - 4);
    }
  }

  drawMarks(context, cell) {
    const { box, cell: one, dots } = this.marks;
    const large = cell >= ROOM; // its number stays to be read
    context.strokeStyle = context.fillStyle = ink("accent");
    context.lineWidth = 2.5;
    for (const { row, column } of dots ?? []) {
      context.beginPath();
      context.arc((column + 0.5) * cell, (row + 0.5) * cell, Math.max(1.5, cell * (large ? 0.44 : 0.2)), 0, 7);
      if (large) context.stroke();
      else context.fill();
    }
    if (one) context.strokeRect(one.column * cell, one.row * cell, cell, cell);
    if (box) context.strokeRect(box.left * cell, box.top * cell, box.columns * cell, box.rows * cell);
  }
}

// A number that fits into a cell.
function inCell(value) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return "–";
  if (size >= 100) return fixed(value, 0);
  return String(Number(value.toFixed(size >= 10 ? 1 : 2))).replace("-", "−");
}
