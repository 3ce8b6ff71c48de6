// A surface in 3-D on a 2-D canvas: the quads are drawn from far to near. Drag to turn, arrow
// keys too. It is given heights; what they mean it does not know. The paths lie on a canvas of
// their own, so that they move without the surface being drawn again; what the surface hides of
// them is faint. While it is turned, only every second line of it is drawn.

import { heightColor, ink } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { tick } from "../format.js";
import { font } from "./axes.js";
import { Horizon } from "./horizon.js";
import { mark } from "./shapes.js";

const CORNERS = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
];
const STEEP = 0.7; // a height is drawn that much shorter than a length on the ground
const FAINT = 0.38; // how much of a hidden path is left

// options: {label: key for screen readers, names: of the two axes, onturn(turn, tilt): when it was
// turned by hand}
export class Surface {
  constructor({ label, names = ["x₀", "x₁"], onturn } = {}) {
    Object.assign(this, { names, onturn, turn: -0.62, tilt: 0.85 });
    this.data = null; // {x: [low, high], y: [low, high], z: rows of heights}
    this.paths = []; // [{color, dash, points: [[x, y, z], …]}]
    this.canvas = h("canvas", { tabindex: 0, role: "img", ta: label ? { "aria-label": label } : {} });
    this.above = h("canvas", { class: "over", "aria-hidden": "true" });
    this.element = h("div", { class: "view surface" }, this.canvas, this.above);
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
    const [low, high] = [Math.min(...flat), Math.max(...flat)];
    const every = (step) => (list) => list.filter((_, i) => i % step === 0);
    const fine = z.map((row) => row.map((value) => (Number.isFinite(value) ? this.share(value, [low, high]) : null)));
    this.data = { x, y, low, high, fine, coarse: every(2)(fine).map(every(2)) };
    this.draw();
  }

  // start: [x, y, z], marked by a ring
  showPaths(paths, start = null) {
    Object.assign(this, { paths, start });
    this.drawPaths();
  }

  grab(event) {
    this.canvas.setPointerCapture(event.pointerId);
    let [x, y] = [event.clientX, event.clientY];
    this.grabbed = true;
    const move = (e) => {
      this.rotate((e.clientX - x) * 0.01, (e.clientY - y) * 0.01);
      [x, y] = [e.clientX, e.clientY];
    };
    const up = () => {
      this.grabbed = false;
      this.canvas.removeEventListener("pointermove", move);
    };
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
    const around = 2 * Math.PI;
    const turn = this.turn + by;
    this.look(turn - around * Math.round(turn / around), Math.max(0.05, Math.min(1.5, this.tilt + tilt)));
    this.onturn?.(this.turn, this.tilt);
  }

  // From there, in radians.
  look(turn, tilt) {
    if (turn === this.turn && tilt === this.tilt) return;
    Object.assign(this, { turn, tilt });
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.draw(true));
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.draw(), 150);
  }

  // From the unit cube (each from -1 to 1) to the canvas.
  project(a, b, c) {
    const [width, height] = this.size;
    const scale = Math.min(width * 0.33, height * 0.295);
    const [cos, sin] = [Math.cos(this.turn), Math.sin(this.turn)];
    const [u, w] = [a * cos - b * sin, a * sin + b * cos];
    const [ct, st] = [Math.cos(this.tilt), Math.sin(this.tilt)];
    return [width / 2 + scale * u, height * 0.49 - scale * (w * st + c * STEEP * ct)];
  }

  share(value, [low, high]) {
    return (2 * (value - low)) / (high - low || 1) - 1;
  }

  draw(quick = false) {
    if (!this.size || !this.data) return;
    const context = sharpen(this.canvas, ...this.size);
    context.clearRect(0, 0, ...this.size);
    this.floor(context);
    const heights = quick ? this.data.coarse : this.data.fine;
    this.quads(context, heights);
    const way = [-Math.sin(this.turn), -Math.cos(this.turn)];
    this.horizon = new Horizon(heights, way, Math.tan(this.tilt) / STEEP);
    this.drawPaths();
  }

  // Each quad in the colour of its height, lit from the upper left, with a fine edge. What is
  // nearer on the ground hides what is farther, however high both are: so row by row.
  quads(context, heights) {
    const last = heights.length - 1;
    const corners = heights.map((line, i) =>
      line.map((c, j) => (c === null ? null : this.project((2 * j) / last - 1, (2 * i) / last - 1, c))),
    );
    context.lineWidth = 0.6;
    context.lineJoin = "round";
    const order = (falling) => Array.from({ length: last }, (_, k) => (falling ? last - 1 - k : k));
    const across = order(Math.sin(this.turn) > 0);
    for (const i of order(Math.cos(this.turn) > 0)) {
      for (const j of across) {
        const four = [corners[i][j], corners[i][j + 1], corners[i + 1][j + 1], corners[i + 1][j]];
        if (four.includes(null)) continue;
        const [rise, slope] = [heights[i][j + 1] - heights[i][j], heights[i + 1][j] - heights[i][j]];
        const light = Math.min(1, 1 - 0.16 * Math.max(-1, Math.min(1, (rise - slope) * (last + 1) * 0.12)));
        const share = (heights[i][j] + heights[i + 1][j + 1] + 2) / 4;
        context.beginPath();
        four.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
        context.closePath();
        context.fillStyle = heightColor(share, light);
        context.fill();
        context.strokeStyle = heightColor(share, light * 0.88);
        context.stroke();
      }
    }
  }

  // The frame on the floor, with the ends of both axes at its edges.
  floor(context) {
    const at = CORNERS.map(([a, b]) => this.project(a, b, -1));
    context.beginPath();
    at.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.strokeStyle = ink("line");
    context.lineWidth = 1;
    context.stroke();
    context.font = font();
    context.fillStyle = ink("faint");
    context.textAlign = "center";
    context.textBaseline = "middle";
    const { x, y } = this.data;
    // of the two edges along each axis, the one nearer to the eye
    const b = Math.cos(this.turn) > 0 ? -1 : 1;
    const a = Math.sin(this.turn) > 0 ? -1 : 1;
    const off = 1.17;
    const write = (words, u, w) => context.fillText(words, ...this.project(u, w, -1));
    write(tick(x[0]), -0.92, b * off);
    write(this.names[0], 0, b * off);
    write(tick(x[1]), 0.92, b * off);
    write(tick(y[0]), a * off, -0.92);
    write(this.names[1], a * off, 0);
    write(tick(y[1]), a * off, 0.92);
  }

  // A point of a path in the unit cube; null beside the floor's frame or without a height.
  place([px, py, pz]) {
    const { x, y, low, high } = this.data;
    const [a, b] = [this.share(px, x), this.share(py, y)];
    if (Math.abs(a) > 1.02 || Math.abs(b) > 1.02 || !Number.isFinite(pz)) return null;
    return [a, b, Math.max(-1, Math.min(1, this.share(pz, [low, high])))];
  }

  // The paths, first what is hidden of them; then the start and where each path has come to.
  drawPaths() {
    if (!this.horizon) return;
    const context = sharpen(this.above, ...this.size);
    context.clearRect(0, 0, ...this.size);
    context.lineWidth = 2;
    const lines = this.paths.map((path) => ({ ...path, runs: this.runs(path.points) }));
    for (const hidden of [true, false]) {
      context.globalAlpha = hidden ? FAINT : 1;
      for (const { color, dash = [], runs } of lines) {
        context.strokeStyle = color;
        context.setLineDash(dash);
        for (const run of runs) if (run.hidden === hidden) trace(context, run);
      }
      context.setLineDash([]);
    }
    if (this.start) this.stand(context, this.start, (left, top) => ring(context, left, top));
    this.paths.forEach(({ color, points }, k) =>
      this.stand(context, points[points.length - 1], (left, top) => mark(context, k, left, top, 5.5, { color })),
    );
    context.globalAlpha = 1;
  }

  // A path on the canvas, in runs that are seen or hidden; it breaks where it leaves the picture.
  runs(points) {
    const found = [];
    let part = [];
    const close = () => {
      let length = 0; // so that the dashes go on from run to run
      for (const { hidden, points: cut } of this.horizon.cut(part)) {
        const run = { hidden, from: length, points: cut.map((p) => this.project(...p)) };
        run.points.forEach(
          ([x, y], k) => k && (length += Math.hypot(x - run.points[k - 1][0], y - run.points[k - 1][1])),
        );
        found.push(run);
      }
      part = [];
    };
    for (const point of points) {
      const at = this.place(point);
      if (at) part.push(at);
      else close();
    }
    close();
    return found;
  }

  // Draws what stands at a point of the surface.
  stand(context, point, draw) {
    const at = this.place(point);
    if (!at) return;
    const top = Math.max(at[2], this.horizon.between(this.horizon.heights, at[0], at[1]));
    context.globalAlpha = this.horizon.hides([at[0], at[1], top]) ? FAINT : 1;
    draw(...this.project(...at));
  }
}

function trace(context, { from, points }) {
  context.lineDashOffset = from;
  context.beginPath();
  points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

function ring(context, left, top) {
  context.beginPath();
  context.arc(left, top, 6, 0, 7);
  context.strokeStyle = ink("ink");
  context.lineWidth = 2;
  context.stroke();
}
