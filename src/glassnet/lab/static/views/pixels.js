// A small picture, pixel by pixel: grey as ink on paper, or signed on the diverging scale.

import { divergingPixels, ink } from "../colors.js";
import { h } from "../dom.js";

// Base64 → bytes.
export const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

const channels = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));

// Bytes to 32-bit pixels: 0 is paper and 255 ink, or 128 is zero.
export function pixelsOf(bytes, signed) {
  const table = signed ? divergingPixels() : greyPixels();
  const pixels = new Int32Array(bytes.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[bytes[i]];
  return pixels;
}

const greys = {}; // by the colours of paper and ink

function greyPixels() {
  const ends = [ink("paper"), ink("ink")];
  greys[ends] ??= Int32Array.from({ length: 256 }, (_, b) => {
    const [paper, full] = ends.map(channels);
    const [r, g, blue] = paper.map((v, i) => Math.round(v + ((full[i] - v) * b) / 255));
    return (255 << 24) | (blue << 16) | (g << 8) | r;
  });
  return greys[ends];
}

// A canvas with one canvas pixel for each of them.
export const smallCanvas = (bytes, side, signed, canvas) => pictureOf(bytes, side, side, signed, canvas);

// The same for pictures that are not square.
export function pictureOf(bytes, columns, rows, signed = false, canvas = document.createElement("canvas")) {
  if (canvas.width !== columns) canvas.width = columns;
  if (canvas.height !== rows) canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  new Int32Array(image.data.buffer).set(pixelsOf(bytes, signed));
  context.putImageData(image, 0, 0);
  return canvas;
}

// Shares from −1 to 1 as the address of a picture, side by side.
export function signedPicture(shares, side) {
  const bytes = Uint8Array.from(shares, (share) => 128 + Math.round(127 * share));
  return smallCanvas(bytes, side, true).toDataURL();
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class PixelView {
  // options: {label: key, signed, onhover({row, column, byte} or null, x, y)}; onhover shows
  // the words for a pixel at (x, y) of the window, and returns them
  constructor({ label, signed = false, onhover } = {}) {
    this.signed = signed;
    this.canvas = h("canvas", { role: "img", class: "pixels", width: 8, height: 8, ta: { "aria-label": label } });
    this.element = h("div", { class: "view pixel-view" }, this.canvas);
    if (!onhover) return;
    this.onhover = onhover;
    this.element.addEventListener("pointermove", (event) => onhover(this.under(event), event.clientX, event.clientY));
    this.element.addEventListener("pointerleave", () => onhover(null));
    this.byKeyboard();
  }

  // Arrow keys go from pixel to pixel: a frame shows where, and its words are said aloud.
  byKeyboard() {
    this.at = { row: 0, column: 0 };
    this.frameOf = h("i", { class: "cell", "aria-hidden": "true", hidden: true });
    this.said = h("span", { class: "unseen", role: "status" });
    this.element.append(this.frameOf, this.said);
    this.canvas.tabIndex = 0;
    this.canvas.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const within = (value) => Math.max(0, Math.min((this.side ?? 1) - 1, value));
      this.at = { row: within(this.at.row + step[0]), column: within(this.at.column + step[1]) };
      this.point();
    });
    this.canvas.addEventListener("focus", () => this.canvas.matches(":focus-visible") && this.point());
    this.canvas.addEventListener("blur", () => {
      this.frameOf.hidden = true;
      this.onhover(null);
    });
  }

  point() {
    this.frameOf.hidden = !this.bytes;
    if (!this.bytes) return;
    const {
      at: { row, column },
      side,
    } = this;
    const share = (value) => `${(100 * value) / side}%`;
    const { style } = this.frameOf;
    Object.assign(style, { left: share(column), top: share(row), width: share(1), height: share(1) });
    const box = this.frameOf.getBoundingClientRect();
    const byte = this.bytes[row * side + column];
    this.said.textContent = this.onhover({ row, column, byte }, box.right, box.bottom).join(", ");
  }

  // bytes, or null: nothing to show
  frame(bytes, side) {
    Object.assign(this, { bytes, side });
    this.draw();
  }

  draw() {
    const side = this.side ?? 8;
    smallCanvas(this.bytes ?? new Uint8Array(side * side).fill(this.signed ? 128 : 0), side, this.signed, this.canvas);
  }

  under(event) {
    if (!this.bytes) return null;
    const box = this.canvas.getBoundingClientRect();
    const [column, row] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map(
      (share) => Math.floor(share * this.side),
    );
    if (Math.min(row, column) < 0 || Math.max(row, column) >= this.side) return null;
    return { row, column, byte: this.bytes[row * this.side + column] };
  }
}
