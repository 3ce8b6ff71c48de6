// Functions over one axis, with points and straight lines on them. Pressing, dragging or the
// arrow keys move the point that the handle stands for; what that means the view does not know.

import { ink } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { drawAxes, margins, rule } from "./axes.js";

const MARGIN = margins({ left: 46, right: 12, top: 8, bottom: 22 });

export class PlotView {
  // options: {label: key, logX, logY, numbers: whether the x axis has its numbers,
  //           handle: key of the handle's name, onmove(x), onhover(x, y, event) or (null)}
  constructor({ label, logX = false, logY = false, numbers = true, handle, onmove, onhover } = {}) {
    Object.assign(this, { logX, logY, numbers, onmove, onhover });
    this.canvas = h("canvas", { role: "img", ta: label ? { "aria-label": label } : {} });
    this.handle = handle
      ? h("div", {
          class: "handle",
          role: "slider",
          tabindex: 0,
          hidden: true,
          ta: { "aria-label": handle },
          onkeydown: (event) => this.key(event),
        })
      : null;
    this.element = h("div", { class: "view plot" }, this.canvas, this.handle);
    if (onmove) this.element.classList.add("moves");
    this.listen();
    sized(this.element, (width, height) => {
      this.size = [width, height];
      this.draw();
    });
  }

  // x, y: [low, high]; series: [{x, y, jumps, color, dash, width, faint}]
  show(scene) {
    this.scene = { ...this.scene, ...scene };
    this.draw();
  }

  // marks: [{x, y, color, ring}], lines: [{from, to, color, dash, width}], guides: [{x, color}]
  mark(scene) {
    this.show({ marks: [], lines: [], guides: [], ...scene });
  }

  // The handle at a place of the plot: {x, y, low, high, text}
  hold(at) {
    this.held = at;
    this.placeHandle();
  }

  get box() {
    const [width, height] = this.size;
    const bottom = this.numbers ? MARGIN.bottom : 8;
    return {
      left: MARGIN.left,
      top: MARGIN.top,
      width: Math.max(1, width - MARGIN.left - MARGIN.right),
      height: Math.max(1, height - MARGIN.top - bottom),
    };
  }

  draw() {
    if (!this.size || !this.scene?.series) return;
    const context = sharpen(this.canvas, ...this.size);
    context.clearRect(0, 0, ...this.size);
    const { box } = this;
    const { x, y, series, marks = [], lines = [], guides = [] } = this.scene;
    const wantedY = Math.max(3, Math.min(7, Math.floor(box.height / 34)));
    const wantedX = Math.max(4, Math.min(10, Math.floor(box.width / 70)));
    const { toX, toY } = drawAxes(context, box, x, y, {
      logX: this.logX,
      logY: this.logY,
      numbers: this.numbers,
      wantedX,
      wantedY,
    });
    this.place = { toX, toY };
    context.save();
    context.beginPath();
    context.rect(box.left - 1, box.top - 1, box.width + 2, box.height + 2);
    context.clip();
    context.strokeStyle = ink("faint");
    context.lineWidth = 1;
    if (!this.logX && x[0] < 0 && x[1] > 0)
      rule(context, Math.round(toX(0)) + 0.5, box.top, Math.round(toX(0)) + 0.5, box.top + box.height);
    if (!this.logY && y[0] < 0 && y[1] > 0)
      rule(context, box.left, Math.round(toY(0)) + 0.5, box.left + box.width, Math.round(toY(0)) + 0.5);
    for (const guide of guides) {
      stroke(context, { color: guide.color, width: 1.25, dash: guide.dash ?? [] });
      rule(context, toX(guide.x), box.top, toX(guide.x), box.top + box.height);
    }
    context.lineJoin = "round";
    for (const one of series) this.curve(context, one, toX, toY);
    for (const line of lines) {
      stroke(context, line);
      rule(context, toX(line.from[0]), far(toY(line.from[1])), toX(line.to[0]), far(toY(line.to[1])));
    }
    context.setLineDash([]);
    for (const mark of marks) dot(context, toX(mark.x), far(toY(mark.y)), mark);
    context.restore();
    this.placeHandle();
  }

  curve(context, { x, y, jumps = [], color, dash, width }, toX, toY) {
    stroke(context, { color, dash, width });
    context.beginPath();
    let drawn = false;
    const breaks = new Set(jumps);
    y.forEach((value, i) => {
      if (!Number.isFinite(value) || (this.logY && value <= 0)) {
        drawn = false;
        return;
      }
      const at = [toX(x[i]), far(toY(value))];
      if (drawn) context.lineTo(...at);
      else context.moveTo(...at);
      drawn = !breaks.has(i);
    });
    context.stroke();
  }

  placeHandle() {
    if (!this.handle || !this.held || !this.place || !this.size) return;
    const { x, y, low, high, text } = this.held;
    const { box } = this;
    const [left, top] = [this.place.toX(x), this.place.toY(y)];
    this.handle.hidden = !(Number.isFinite(left) && Number.isFinite(top));
    this.handle.style.left = `${left}px`;
    this.handle.style.top = `${Math.max(box.top, Math.min(box.top + box.height, top))}px`;
    this.handle.setAttribute("aria-valuemin", String(low));
    this.handle.setAttribute("aria-valuemax", String(high));
    this.handle.setAttribute("aria-valuenow", String(x));
    this.handle.setAttribute("aria-valuetext", text);
  }

  // ---- pointer and keys ----

  under(event) {
    if (!this.size || !this.scene?.x) return null;
    const frame = this.element.getBoundingClientRect();
    const { box } = this;
    const share = (event.clientX - frame.left - box.left) / box.width;
    const up = 1 - (event.clientY - frame.top - box.top) / box.height;
    const between = ([low, high], s, log) => (log ? low * (high / low) ** s : low + s * (high - low));
    const inside = share >= -0.02 && share <= 1.02 && up >= -0.02 && up <= 1.02;
    const clamped = Math.max(0, Math.min(1, share));
    return { x: between(this.scene.x, clamped, this.logX), y: between(this.scene.y, up, this.logY), inside };
  }

  listen() {
    const { element } = this;
    element.addEventListener("pointerdown", (event) => {
      const at = this.under(event);
      if (!this.onmove || event.button || !at?.inside) return;
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      this.dragging = true;
      this.handle?.focus({ preventScroll: true });
      this.onmove(at.x);
    });
    element.addEventListener("pointermove", (event) => {
      const at = this.under(event);
      if (this.dragging && at) this.onmove(at.x);
      else this.onhover?.(at?.inside ? at : null, event);
    });
    const up = () => (this.dragging = false);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    element.addEventListener("pointerleave", (event) => this.onhover?.(null, event));
  }

  key(event) {
    if (!this.held) return;
    const { x, low, high } = this.held;
    const step = (high - low) / 200;
    const to = {
      ArrowLeft: x - step,
      ArrowDown: x - step,
      ArrowRight: x + step,
      ArrowUp: x + step,
      PageDown: x - 10 * step,
      PageUp: x + 10 * step,
      Home: low,
      End: high,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.onmove(Math.max(low, Math.min(high, to)));
  }
}

// Canvases do not like places that are millions of pixels away.
const far = (pixel) => Math.max(-1e5, Math.min(1e5, pixel));

function stroke(context, { color, dash, width = 1.75 }) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.setLineDash(dash ?? []);
}

function dot(context, x, y, { color, ring, radius = 4.5 }) {
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.fillStyle = ring ? ink("paper") : color;
  context.fill();
  context.strokeStyle = ring ? color : ink("paper");
  context.lineWidth = ring ? 2 : 1.25;
  context.stroke();
}
