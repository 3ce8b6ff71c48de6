// A landscape from above: shades of height, contour lines, arrows, paths. The start is a handle
// that can be dragged, or moved with the arrow keys; a press elsewhere puts it there.

import { heightPixels, ink } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { drawAxes, margins } from "./axes.js";
import { mark } from "./shapes.js";

const MARGIN = margins({ left: 34, right: 8, top: 6, bottom: 22 });

export class ContourView {
  // options: {label: key, handle: key, onmove(x, y), onhover({x, y} or null, event)}
  constructor({ label, handle, onmove, onhover }) {
    Object.assign(this, { onmove, onhover, paths: [], arrows: true });
    this.canvas = h("canvas", { role: "img", ta: { "aria-label": label } });
    this.above = h("canvas", { class: "over", "aria-hidden": "true" });
    this.handle = h("button", {
      type: "button",
      class: "handle start",
      hidden: true,
      ta: { title: handle },
      onkeydown: (event) => this.key(event),
    });
    this.element = h("div", { class: "view contour" }, this.canvas, this.above, this.handle);
    this.picture = document.createElement("canvas");
    this.listen();
    sized(this.element, (width, height) => {
      this.size = [width, height];
      this.draw();
    });
  }

  // x, y: [low, high]; lines: for each level x0, y0, x1, y1, …; shade: {side, bytes};
  // arrows: [[x, y, dx, dy, length 0…1]]
  show(land) {
    this.land = land;
    this.shade = land.shade && Uint8Array.from(atob(land.shade.bytes), (c) => c.charCodeAt(0));
    this.draw();
  }

  // paths: [{color, dash, points: [[x, y]]}]
  showPaths(paths) {
    this.paths = paths;
    this.drawPaths();
  }

  // The handle at the start, [x, y], and its name for screen readers.
  hold(start, words) {
    this.start = start;
    this.handle.setAttribute("aria-label", words);
    this.placeHandle();
  }

  // As long a unit on both axes, if the picture does not get too small by it.
  get box() {
    const [width, height] = this.size;
    const box = {
      left: MARGIN.left,
      top: MARGIN.top,
      width: width - MARGIN.left - MARGIN.right,
      height: height - MARGIN.top - MARGIN.bottom,
    };
    const { x, y } = this.land;
    const unit = Math.min(box.width / (x[1] - x[0]), box.height / (y[1] - y[0]));
    const [w, t] = [unit * (x[1] - x[0]), unit * (y[1] - y[0])];
    return { left: box.left + (box.width - w) / 2, top: box.top + (box.height - t) / 2, width: w, height: t };
  }

  draw() {
    if (!this.size || !this.land) return;
    const context = sharpen(this.canvas, ...this.size);
    context.clearRect(0, 0, ...this.size);
    const { box } = this;
    const { x, y, lines, arrows } = this.land;
    this.paint(context, box);
    this.place = drawAxes(context, box, x, y, { grid: false, wantedX: 8, wantedY: 6 });
    const { toX, toY } = this.place;
    context.save();
    clip(context, box);
    context.strokeStyle = ink("faint");
    context.globalAlpha = 0.5;
    context.lineWidth = 0.8;
    for (const pieces of lines) {
      context.beginPath();
      for (let i = 0; i + 3 < pieces.length; i += 4) {
        context.moveTo(toX(pieces[i]), toY(pieces[i + 1]));
        context.lineTo(toX(pieces[i + 2]), toY(pieces[i + 3]));
      }
      context.stroke();
    }
    context.globalAlpha = 0.6;
    if (this.arrows) this.drawArrows(context, arrows);
    context.restore();
    context.strokeStyle = ink("line");
    context.strokeRect(box.left - 0.5, box.top - 0.5, box.width + 1, box.height + 1);
    this.drawPaths();
  }

  paint(context, box) {
    const side = this.land.shade?.side;
    if (!side) return;
    const table = heightPixels();
    this.picture.width = this.picture.height = side;
    const image = new ImageData(side, side);
    const pixels = new Int32Array(image.data.buffer);
    for (let i = 0; i < side; i++) {
      // the first row of numbers is the lowest of the picture
      for (let j = 0; j < side; j++) pixels[(side - 1 - i) * side + j] = table[this.shade[i * side + j]];
    }
    this.picture.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = true;
    context.drawImage(this.picture, box.left, box.top, box.width, box.height);
  }

  drawArrows(context, arrows) {
    const { toX, toY } = this.place;
    const columns = new Set(arrows.map((a) => a[0])).size || 1;
    const room = (this.box.width / columns) * 0.82;
    context.strokeStyle = context.fillStyle = ink("ink");
    context.lineWidth = 1;
    for (const [x, y, dx, dy, share] of arrows) {
      const length = Math.max(3, share * room);
      const [left, top, angle] = [toX(x), toY(y), Math.atan2(-dy, dx)];
      context.save();
      context.translate(left, top);
      context.rotate(angle);
      context.beginPath();
      context.moveTo(-length / 2, 0);
      context.lineTo(length / 2 - 2, 0);
      context.stroke();
      context.beginPath();
      const head = Math.min(5, 2 + length * 0.3);
      context.moveTo(length / 2, 0);
      context.lineTo(length / 2 - head, -head * 0.45);
      context.lineTo(length / 2 - head, head * 0.45);
      context.fill();
      context.restore();
    }
  }

  drawPaths() {
    if (!this.size || !this.land || !this.place) return;
    const context = sharpen(this.above, ...this.size);
    context.clearRect(0, 0, ...this.size);
    const { toX, toY } = this.place;
    const at = ([x, y]) => [near(toX(x)), near(toY(y))];
    context.save();
    clip(context, this.box);
    context.lineJoin = "round";
    for (const { color, dash, points } of this.paths) {
      context.strokeStyle = context.fillStyle = color;
      context.lineWidth = 2;
      context.setLineDash(dash);
      context.beginPath();
      points.forEach((p, i) => (i ? context.lineTo(...at(p)) : context.moveTo(...at(p))));
      context.stroke();
      context.setLineDash([]);
      if (points.length <= 80) {
        for (const p of points.slice(1)) {
          context.beginPath();
          context.arc(...at(p), 2, 0, 7);
          context.fill();
        }
      }
    }
    this.paths.forEach(({ color, points }, k) => mark(context, k, ...at(points[points.length - 1]), 5.5, { color }));
    context.restore();
    this.placeHandle();
  }

  placeHandle() {
    if (!this.start || !this.place) return;
    const { box } = this;
    this.handle.hidden = false;
    const inside = (value, low, size) => Math.max(low, Math.min(low + size, value));
    this.handle.style.left = `${inside(this.place.toX(this.start[0]), box.left, box.width)}px`;
    this.handle.style.top = `${inside(this.place.toY(this.start[1]), box.top, box.height)}px`;
  }

  // ---- pointer and keys ----

  under(event) {
    if (!this.size || !this.land) return null;
    const frame = this.element.getBoundingClientRect();
    const { box } = this;
    const { x, y } = this.land;
    const across = (event.clientX - frame.left - box.left) / box.width;
    const up = 1 - (event.clientY - frame.top - box.top) / box.height;
    const within = (share) => Math.max(0, Math.min(1, share));
    return {
      x: x[0] + within(across) * (x[1] - x[0]),
      y: y[0] + within(up) * (y[1] - y[0]),
      inside: across >= 0 && across <= 1 && up >= 0 && up <= 1,
    };
  }

  listen() {
    const { element } = this;
    element.addEventListener("pointerdown", (event) => {
      const at = this.under(event);
      if (event.button || !at?.inside) return;
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      this.handle.focus({ preventScroll: true });
      this.dragging = true;
      this.onhover?.(null, event);
      this.onmove(at.x, at.y);
    });
    element.addEventListener("pointermove", (event) => {
      const at = this.under(event);
      if (this.dragging && at) this.onmove(at.x, at.y);
      else this.onhover?.(at?.inside ? at : null, event);
    });
    const up = () => (this.dragging = false);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    element.addEventListener("pointerleave", (event) => this.onhover?.(null, event));
  }

  key(event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (!(event.key in ways) || !this.start || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const part = event.shiftKey ? 10 : 100;
    const [across, up] = ways[event.key];
    const { x, y } = this.land;
    const clamp = (value, [low, high]) => Math.max(low, Math.min(high, value));
    this.onmove(
      clamp(this.start[0] + (across * (x[1] - x[0])) / part, x),
      clamp(this.start[1] + (up * (y[1] - y[0])) / part, y),
    );
  }
}

function clip(context, box) {
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
}

const near = (pixel) => Math.max(-1e5, Math.min(1e5, pixel));
