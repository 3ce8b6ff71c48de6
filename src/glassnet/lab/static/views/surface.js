// A surface in 3-D on a 2-D canvas: the quads are drawn from far to near. Drag to turn, arrow
// keys too. It is given heights; what they mean it does not know. The paths lie on a canvas of
// their own, so that they move without the surface being drawn again; while it is turned, only
// every second line of it is.
import { h, sharpen, sized } from "../dom.js";
import { heightColor, ink } from "../colors.js";
import { tick } from "../format.js";
import { FONT } from "./axes.js";
import { mark } from "./shapes.js";

const CORNERS = [[-1, -1], [1, -1], [1, 1], [-1, 1]];

// options: {label: key for screen readers, names: of the two axes, onturn(turn, tilt): when it was
// turned by hand}
export class Surface {
  constructor({ label, names = ["x₀", "x₁"], onturn } = {}) {
    Object.assign(this, { names, onturn, turn: -0.62, tilt: 0.62 });
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
    this.data = { x, y, z, low: Math.min(...flat), high: Math.max(...flat) };
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
    this.waiting = requestAnimationFrame(() => this.draw(2));
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.draw(), 150);
  }

  // From the unit cube (each from -1 to 1) to the canvas: [x, y, depth].
  project(a, b, c) {
    const [width, height] = this.size;
    const scale = Math.min(width * 0.33, height * 0.325);
    const [cos, sin] = [Math.cos(this.turn), Math.sin(this.turn)];
    const [u, w] = [a * cos - b * sin, a * sin + b * cos];
    const [ct, st] = [Math.cos(this.tilt), Math.sin(this.tilt)];
    return [width / 2 + scale * u, height * 0.49 - scale * (w * st + c * 0.7 * ct), w * ct - c * st];
  }

  share(value, [low, high]) {
    return (2 * (value - low)) / (high - low || 1) - 1;
  }

  draw(every = 1) {
    if (!this.size || !this.data) return;
    const context = sharpen(this.canvas, ...this.size);
    context.clearRect(0, 0, ...this.size);
    this.floor(context);
    this.quads(context, every);
    this.drawPaths();
  }

  // Each quad in the colour of its height, lit from the upper left, with a fine edge.
  quads(context, every) {
    const { low, high } = this.data;
    const some = (list) => list.filter((_, i) => i % every === 0);
    const z = every > 1 && (this.data.z.length - 1) % every === 0 ? some(this.data.z).map(some) : this.data.z;
    const [rows, columns] = [z.length, z[0].length];
    const up = (i, j) => this.share(z[i][j], [low, high]);
    const corners = z.map((line, i) => line.map((value, j) => (Number.isFinite(value)
      ? this.project((2 * j) / (columns - 1) - 1, (2 * i) / (rows - 1) - 1, up(i, j)) : null)));
    const quads = [];
    for (let i = 0; i + 1 < rows; i++) {
      for (let j = 0; j + 1 < columns; j++) {
        const four = [corners[i][j], corners[i][j + 1], corners[i + 1][j + 1], corners[i + 1][j]];
        if (four.includes(null)) continue;
        const [rise, slope] = [up(i, j + 1) - up(i, j), up(i + 1, j) - up(i, j)];
        const light = 1 - 0.16 * Math.max(-1, Math.min(1, (rise - slope) * columns * 0.12));
        quads.push([four[0][2] + four[2][2], four, (up(i, j) + up(i + 1, j + 1) + 2) / 4, light]);
      }
    }
    quads.sort((p, q) => q[0] - p[0]); // far to near
    context.lineWidth = 0.6;
    context.lineJoin = "round";
    for (const [, four, share, light] of quads) {
      context.beginPath();
      four.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.closePath();
      context.fillStyle = heightColor(share, Math.min(1, light));
      context.fill();
      context.strokeStyle = heightColor(share, Math.min(1, light) * 0.88);
      context.stroke();
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
    context.font = FONT;
    context.fillStyle = ink("faint");
    context.textAlign = "center";
    context.textBaseline = "middle";
    const { x, y } = this.data;
    // of the two edges along each axis, the one nearer to the eye
    const front = (edge) => (this.project(...edge(-1), -1)[2] < this.project(...edge(1), -1)[2] ? -1 : 1);
    const b = front((side) => [0, side]);
    const a = front((side) => [side, 0]);
    const off = 1.17;
    const write = (words, u, w) => context.fillText(words, ...this.project(u, w, -1).slice(0, 2));
    write(tick(x[0]), -0.92, b * off);
    write(this.names[0], 0, b * off);
    write(tick(x[1]), 0.92, b * off);
    write(tick(y[0]), a * off, -0.92);
    write(this.names[1], a * off, 0);
    write(tick(y[1]), a * off, 0.92);
  }

  ring(context, [px, py, pz]) {
    const { x, y, low, high } = this.data;
    const [a, b] = [this.share(px, x), this.share(py, y)];
    if (Math.abs(a) > 1 || Math.abs(b) > 1) return;
    const [left, top] = this.project(a, b, Math.max(-1, Math.min(1, this.share(pz, [low, high]))));
    context.beginPath();
    context.arc(left, top, 6, 0, 7);
    context.strokeStyle = ink("ink");
    context.lineWidth = 2;
    context.stroke();
  }

  // A path as far as it stays above the floor's frame, and a little beyond.
  drawPaths() {
    if (!this.size || !this.data) return;
    const context = sharpen(this.above, ...this.size);
    context.clearRect(0, 0, ...this.size);
    const { x, y, low, high } = this.data;
    const over = (value) => Math.abs(value) <= 1.02;
    const ends = [];
    if (this.start) this.ring(context, this.start);
    this.paths.forEach(({ color, dash = [], points }, k) => {
      context.strokeStyle = context.fillStyle = color;
      context.lineWidth = 2;
      context.setLineDash(dash);
      context.beginPath();
      let [drawn, last] = [false, null];
      for (const [px, py, pz] of points) {
        const [a, b] = [this.share(px, x), this.share(py, y)];
        if (!over(a) || !over(b) || !Number.isFinite(pz)) {
          drawn = false;
          continue;
        }
        const at = this.project(a, b, Math.max(-1, Math.min(1, this.share(pz, [low, high]))));
        if (drawn) context.lineTo(at[0], at[1]);
        else context.moveTo(at[0], at[1]);
        [drawn, last] = [true, at];
      }
      context.stroke();
      context.setLineDash([]);
      if (last && drawn) ends.push([last, k, color]);
    });
    for (const [[left, top], k, color] of ends) mark(context, k, left, top, 5.5, { color });
  }
}
