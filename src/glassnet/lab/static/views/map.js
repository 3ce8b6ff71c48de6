// The large map: what the network says at each point of the plane, with the samples on it.
// With one input it is a curve instead. It can show another small map in its place for a while.

import { classColor, classPixels, divergingPixels, ink, signedColor } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { drawAxes, margins } from "./axes.js";
import { Drawer } from "./drawer.js";
import { mark } from "./shapes.js";

const FAINT = 0.3; // what stands in for points that are not drawn yet
const PLAIN = [0, 1]; // mean and scale of what is as the table has it
const MARGIN = margins({ left: 34, right: 4, top: 4, bottom: 22 });

export class MapView {
  // options: {label: key, pen: what draws points on it, onhover(info or null, event)}
  constructor({ label, pen = null, onhover } = {}) {
    this.canvas = h("canvas", { role: "img", ta: label ? { "aria-label": label } : {} });
    this.dots = h("canvas", { class: "over", "aria-hidden": "true" });
    this.element = h("div", { class: "view map" }, this.canvas, this.dots);
    this.picture = document.createElement("canvas");
    this.onhover = onhover;
    this.testShown = true;
    this.sharp = false;
    this.instead = null;
    this.drawer = pen && new Drawer(this, pen);
    this.listen();
    sized(this.element, (width, height) => {
      this.size = [width, height];
      this.redraw();
    });
  }

  // structure and data as the server gives them
  // own: [[x, y, class]] that were drawn by hand, if so; the others only stand in for them
  show(structure, data, { testShown, sharp, own = null }) {
    Object.assign(this, { structure, data, testShown, sharp, own });
    this.redraw();
  }

  frame({ map, line }) {
    this.map = map;
    this.line = line;
    this.drawMap();
  }

  // A unit's small map in place of the large one; null: the large one again.
  showInstead(tile) {
    this.instead = tile;
    this.drawMap();
  }

  get box() {
    const [width, height] = this.size;
    const free = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
    if (this.structure.plane.kind === "line") {
      return { left: MARGIN.left, top: MARGIN.top, width: free[0], height: free[1] };
    }
    const side = Math.min(...free);
    return { left: MARGIN.left + (free[0] - side) / 2, top: MARGIN.top, width: side, height: side };
  }

  get range() {
    const { plane, value_scale: scale } = this.structure;
    return [plane.x, plane.kind === "line" ? [-1.15 * scale, 1.15 * scale] : plane.y];
  }

  // From the numbers that the network gets to those of the table, across and up.
  get units() {
    const { plane, value_unit: value } = this.structure;
    const [x, y] = plane.units ?? [PLAIN, PLAIN];
    return [x, plane.kind === "line" ? (value ?? PLAIN) : y].map(
      ([mean, scale]) =>
        (v) =>
          mean + scale * v,
    );
  }

  redraw() {
    if (!this.size || !this.structure) return;
    this.drawMap();
    this.drawDots();
  }

  drawMap() {
    if (!this.size || !this.structure) return;
    const context = sharpen(this.canvas, ...this.size);
    context.clearRect(0, 0, ...this.size);
    const { box } = this;
    const pixels = this.instead ? this.signed(this.instead) : this.map ? this.colors(this.map) : null;
    if (pixels && this.structure.plane.kind !== "line") {
      context.imageSmoothingEnabled = !this.sharp || Boolean(this.instead);
      context.drawImage(pixels, box.left, box.top, box.width, box.height);
    }
    const [x, y] = this.range;
    const [ofX, ofY] = this.units;
    const axes = drawAxes(context, box, x.map(ofX), y.map(ofY), { grid: false, wantedX: 4 });
    const [toX, toY] = [(v) => axes.toX(ofX(v)), (v) => axes.toY(ofY(v))];
    context.strokeStyle = ink("line");
    context.strokeRect(box.left - 0.5, box.top - 0.5, box.width + 1, box.height + 1);
    if (this.structure.plane.kind === "line" && this.line) this.drawLine(context, toX, toY, x);
  }

  drawLine(context, toX, toY, [low, high]) {
    const { data } = this.line;
    context.save();
    context.beginPath();
    context.rect(this.box.left, this.box.top, this.box.width, this.box.height);
    context.clip();
    context.beginPath();
    data.forEach((value, i) => {
      const at = [toX(low + ((high - low) * (i + 0.5)) / data.length), toY(value)];
      if (i) context.lineTo(...at);
      else context.moveTo(...at);
    });
    context.strokeStyle = ink("accent");
    context.lineWidth = 2;
    context.stroke();
    context.restore();
  }

  // Bytes to pixels, on a small canvas of their own.
  paint(side, colors) {
    const { picture } = this;
    if (picture.width !== side) picture.width = picture.height = side;
    const context = picture.getContext("2d");
    const image = context.createImageData(side, side);
    new Int32Array(image.data.buffer).set(colors);
    context.putImageData(image, 0, 0);
    return picture;
  }

  signed({ side, bytes, pixels }) {
    const table = pixels ?? divergingPixels();
    return this.paint(
      side,
      Int32Array.from(bytes, (b) => table[b]),
    );
  }

  colors({ shape, data }) {
    const side = shape[1];
    if (shape[0] === 1) return this.signed({ side, bytes: data });
    const table = classPixels();
    const cells = side * side;
    const pixels = new Int32Array(cells);
    for (let i = 0; i < cells; i++) {
      pixels[i] = table[256 * (data[i] % 8) + (this.sharp ? 255 : data[cells + i])];
    }
    return this.paint(side, pixels);
  }

  drawDots() {
    const context = sharpen(this.dots, ...this.size);
    context.clearRect(0, 0, ...this.size);
    const { box } = this;
    const [[x0, x1], [y0, y1]] = this.range;
    const onLine = this.structure.plane.kind === "line";
    const values = this.structure.task === "regression";
    const many = this.data.points.length > 400;
    const drawn = (a, b) => !this.own || this.own.some(([x, y]) => Math.hypot(x - a, y - b) < 0.005);
    const toX = (a) => box.left + ((a - x0) / (x1 - x0)) * box.width;
    const toY = (b) => box.top + (1 - (b - y0) / (y1 - y0)) * box.height;
    for (const [a, b, value, test] of this.data.points) {
      if (test && !this.testShown) continue;
      const [x, y] = [toX(a), toY(onLine ? value : b)];
      context.globalAlpha = drawn(a, b) ? 1 : FAINT;
      if (values) {
        const color = onLine ? ink("ink") : signedColor(value / this.structure.value_scale);
        this.dot(context, x, y, color, test);
      } else {
        mark(context, value, x, y, many ? 2.4 : 3.1, { hollow: test, color: classColor(value) });
      }
    }
    context.globalAlpha = 1;
    this.drawer?.draw(context, toX, toY);
  }

  dot(context, x, y, color, hollow) {
    context.beginPath();
    context.arc(x, y, 2.8, 0, 7);
    context.fillStyle = hollow ? ink("paper") : color;
    context.strokeStyle = hollow ? color : ink("faint");
    context.lineWidth = hollow ? 1.5 : 0.75;
    context.fill();
    context.stroke();
  }

  // ---- the pointer ----

  place(event) {
    const frame = this.element.getBoundingClientRect();
    const { box } = this;
    const share = [
      (event.clientX - frame.left - box.left) / box.width,
      1 - (event.clientY - frame.top - box.top) / box.height,
    ];
    if (share.some((s) => s < 0 || s > 1)) return null;
    const [[x0, x1], [y0, y1]] = this.range;
    return { x: x0 + share[0] * (x1 - x0), y: y0 + share[1] * (y1 - y0), share };
  }

  // What the map says there: {x, y, class, sure} or {x, y, value}
  under(event) {
    if (!this.structure) return null;
    const at = this.place(event);
    if (!at || !this.map || this.instead || this.structure.plane.kind === "line") return at;
    const [kinds, side] = this.map.shape;
    const cell =
      Math.min(side - 1, Math.floor((1 - at.share[1]) * side)) * side +
      Math.min(side - 1, Math.floor(at.share[0] * side));
    const { data } = this.map;
    if (kinds === 1) return { ...at, value: ((data[cell] - 128) / 127) * this.structure.value_scale };
    return { ...at, class: data[cell], sure: data[side * side + cell] / 255 };
  }

  listen() {
    this.element.addEventListener("pointermove", (event) => {
      if (!this.drawer?.drags(event)) this.onhover?.(this.under(event), event); // it would lie on what is drawn
    });
    this.element.addEventListener("pointerleave", (event) => this.onhover?.(null, event));
  }
}
