// A small picture, pixel by pixel: grey as ink on paper, or signed on the diverging scale.
import { h } from "../dom.js";
import { divergingPixels, ink } from "../colors.js";

// Base64 → bytes.
export const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

const channels = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));

// Bytes to 32-bit pixels: 0 is paper and 255 ink, or 128 is zero.
export function pixelsOf(bytes, signed) {
  if (signed) {
    const table = divergingPixels();
    return Int32Array.from(bytes, (b) => table[b]);
  }
  const [paper, full] = [channels(ink("paper")), channels(ink("ink"))];
  return Int32Array.from(bytes, (b) => {
    const [r, g, blue] = paper.map((v, i) => Math.round(v + ((full[i] - v) * b) / 255));
    return (255 << 24) | (blue << 16) | (g << 8) | r;
  });
}

// A canvas with one canvas pixel for each of them.
export function smallCanvas(bytes, side, signed = false, canvas = document.createElement("canvas")) {
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  new Int32Array(image.data.buffer).set(pixelsOf(bytes, signed));
  context.putImageData(image, 0, 0);
  return canvas;
}

export class PixelView {
  // options: {label: key, signed, onhover({row, column, byte} or null, event)}
  constructor({ label, signed = false, onhover } = {}) {
    this.signed = signed;
    this.canvas = h("canvas", { role: "img", class: "pixels", width: 8, height: 8, ta: { "aria-label": label } });
    this.element = h("div", { class: "view pixel-view" }, this.canvas);
    if (!onhover) return;
    this.element.addEventListener("pointermove", (event) => onhover(this.under(event), event));
    this.element.addEventListener("pointerleave", (event) => onhover(null, event));
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
    const [column, row] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      .map((share) => Math.floor(share * this.side));
    if (Math.min(row, column) < 0 || Math.max(row, column) >= this.side) return null;
    return { row, column, byte: this.bytes[row * this.side + column] };
  }
}
