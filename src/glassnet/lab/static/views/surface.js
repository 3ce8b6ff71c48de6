// A surface in 3-D on a 2-D canvas: the quads are drawn from far to near. Drag to turn, arrow
// keys too. It is given heights; what they mean it does not know.
import { h, sharpen, sized } from "../dom.js";
import { ink, signedColor } from "../colors.js";

// options: {label: key for screen readers}
export class Surface {
  constructor({ label } = {}) {
    this.turn = -0.9;
    this.tilt = 0.62;
    this.data = null; // {x: [low, high], y: [low, high], z: rows of heights}
    this.paths = []; // [{color, points: [[x, y, z], …]}]
    this.canvas = h("canvas", { tabindex: 0, role: "img", ta: label ? { "aria-label": label } : {} });
    this.element = h("div", { class: "view surface" }, this.canvas);
    this.canvas.addEventListener("pointerdown", (event) => this.grab(event));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    sized(this.element, (width, height) => {
      this.size = [width, height];
      this.draw();
    });
  }

  // z: rows of numbers, z[i][j] at y_i, x_j; null where there is none.
  show({ x, y, z }) {
    const flat = z.flat().filter((value) => Number.isFinite(value));
    this.data = { x, y, z, low: Math.min(...flat), high: Math.max(...flat) };
    this.draw();
  }

  showPaths(paths) {
    this.paths = paths;
    this.draw();
  }

  grab(event) {
    this.canvas.setPointerCapture(event.pointerId);
    let [x, y] = [event.clientX, event.clientY];
    const move = (e) => {
      this.rotate((e.clientX - x) * 0.01, (e.clientY - y) * 0.01);
      [x, y] = [e.clientX, e.clientY];
    };
    const up = () => this.canvas.removeEventListener("pointermove", move);
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("pointerup", up, { once: true });
    this.canvas.addEventListener("pointercancel", up, { once: true });
  }

  key(event) {
    const steps = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.rotate(...steps[event.key]);
  }

  rotate(by, tilt) {
    this.turn += by;
    this.tilt = Math.max(0.05, Math.min(1.5, this.tilt + tilt));
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.draw());
  }

  // From the unit cube (each from -1 to 1) to the canvas: [x, y, depth].
  project(a, b, c) {
    const [width, height] = this.size;
    const scale = Math.min(width, height * 1.15) * 0.36;
    const [cos, sin] = [Math.cos(this.turn), Math.sin(this.turn)];
    const [u, w] = [a * cos - b * sin, a * sin + b * cos];
    const [ct, st] = [Math.cos(this.tilt), Math.sin(this.tilt)];
    return [width / 2 + scale * u, height / 2 - scale * (w * st + c * 0.8 * ct), w * ct - c * st];
  }

  unit(x, y, z) {
    const d = this.data;
    const to = (value, [low, high]) => (2 * (value - low)) / (high - low) - 1;
    return [to(x, d.x), to(y, d.y), to(Math.min(z, d.high), [d.low, d.high > d.low ? d.high : d.low + 1])];
  }

  draw() {
    if (!this.size || !this.data) return;
    const context = sharpen(this.canvas, ...this.size);
    context.clearRect(0, 0, ...this.size);
    this.floor(context);
    const { z, low, high } = this.data;
    const [rows, columns] = [z.length, z[0].length];
    const place = (i, j) =>
      this.project((2 * j) / (columns - 1) - 1, (2 * i) / (rows - 1) - 1,
        (2 * (z[i][j] - low)) / (high - low || 1) - 1);
    const corners = z.map((line, i) => line.map((value, j) => (Number.isFinite(value) ? place(i, j) : null)));
    const quads = [];
    for (let i = 0; i + 1 < rows; i++) {
      for (let j = 0; j + 1 < columns; j++) {
        const four = [corners[i][j], corners[i][j + 1], corners[i + 1][j + 1], corners[i + 1][j]];
        if (four.includes(null)) continue;
        const height = (z[i][j] + z[i + 1][j + 1]) / 2;
        quads.push([four[0][2] + four[2][2], four, (2 * (height - low)) / (high - low || 1) - 1]);
      }
    }
    quads.sort((p, q) => q[0] - p[0]); // far to near
    context.lineWidth = 0.5;
    for (const [, four, share] of quads) {
      context.beginPath();
      four.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.closePath();
      context.fillStyle = signedColor(share * 0.9);
      context.fill();
      context.strokeStyle = context.fillStyle;
      context.stroke();
    }
    this.drawPaths(context);
  }

  floor(context) {
    const at = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([a, b]) => this.project(a, b, -1));
    context.beginPath();
    at.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.strokeStyle = ink("line");
    context.lineWidth = 1;
    context.stroke();
  }

  drawPaths(context) {
    for (const { color, points } of this.paths) {
      const at = points.map(([x, y, z]) => this.project(...this.unit(x, y, z)));
      context.strokeStyle = color;
      context.fillStyle = color;
      context.lineWidth = 2;
      context.beginPath();
      at.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.stroke();
      if (at.length) {
        context.beginPath();
        context.arc(at[at.length - 1][0], at[at.length - 1][1], 4, 0, 7);
        context.fill();
      }
    }
  }
}
