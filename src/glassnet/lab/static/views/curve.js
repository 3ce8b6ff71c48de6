// Curves over one axis. The axes stay as they are until they must grow.

import { ink } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { drawAxes } from "./axes.js";

const MARGIN = { left: 44, right: 10, top: 6, bottom: 22 };

export class CurveView {
  // options: {label: key, y: fixed range or null, numbers: whether the x axis has its numbers,
  //           percent: y as percents}
  constructor({ label, y = null, numbers = true, percent = false } = {}) {
    Object.assign(this, { fixedY: y, numbers, percent });
    this.log = false;
    this.canvas = h("canvas", { role: "img", ta: label ? { "aria-label": label } : {} });
    this.element = h("div", { class: "view curve" }, this.canvas);
    this.forget();
    sized(this.element, (width, height) => {
      this.size = [width, height];
      this.draw();
    });
  }

  // New axes with the next numbers.
  forget() {
    this.end = 0;
    this.top = 0;
    this.bottom = Infinity;
  }

  // x: numbers; series: [{color, dash, values}]
  show(x, series) {
    const last = x[x.length - 1] ?? 0;
    if (last < this.last) this.forget();
    this.last = last;
    Object.assign(this, { x, series });
    this.draw();
  }

  ranges() {
    const grow = (value) => {
      const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-12)));
      return [1, 1.5, 2, 3, 5, 7, 10].find((m) => m * power >= value * 0.9999) * power;
    };
    const last = this.x[this.x.length - 1] ?? 0;
    if (last > this.end) this.end = Math.max(10, grow(last));
    if (this.fixedY) return [[0, this.end || 10], this.fixedY];
    let [low, high] = [Infinity, 0];
    for (const { values } of this.series) {
      for (const value of values) {
        if (!Number.isFinite(value)) continue;
        if (value > high) high = value;
        if (value > 0 && value < low) low = value;
      }
    }
    if (high > this.top) this.top = grow(high);
    if (low < this.bottom) this.bottom = low;
    const top = this.top || 1;
    if (!this.log)
      return [
        [0, this.end || 10],
        [0, top],
      ];
    const floor = Math.max(Number.isFinite(this.bottom) ? this.bottom : top / 10, top * 1e-8);
    return [
      [0, this.end || 10],
      [10 ** Math.floor(Math.log10(floor)), 10 ** Math.ceil(Math.log10(top))],
    ];
  }

  draw() {
    if (!this.size || !this.x) return;
    const [width, height] = this.size;
    const context = sharpen(this.canvas, width, height);
    context.clearRect(0, 0, width, height);
    const box = {
      left: MARGIN.left,
      top: MARGIN.top,
      width: width - MARGIN.left - MARGIN.right,
      height: height - MARGIN.top - (this.numbers ? MARGIN.bottom : 8),
    };
    const [x, y] = this.ranges();
    const wantedY = Math.max(2, Math.min(4, Math.floor(box.height / 24)));
    const { toX, toY } = drawAxes(context, box, x, y, {
      logY: this.log && !this.fixedY,
      wantedY,
      numbers: this.numbers,
      percent: this.percent,
    });
    context.lineJoin = "round";
    for (const { color, dash, values } of this.series) {
      context.beginPath();
      context.strokeStyle = ink(color);
      context.lineWidth = 1.75;
      context.setLineDash(dash ?? []);
      let drawn = false;
      values.forEach((value, i) => {
        if (!Number.isFinite(value) || (this.log && !this.fixedY && value <= 0)) return;
        const at = [toX(this.x[i]), Math.max(box.top, Math.min(box.top + box.height, toY(value)))];
        if (drawn) context.lineTo(...at);
        else context.moveTo(...at);
        drawn = true;
      });
      context.stroke();
      if (this.x.length === 1 && drawn) {
        context.beginPath();
        context.arc(toX(this.x[0]), toY(values[0]), 2.5, 0, 7);
        context.fillStyle = ink(color);
        context.fill();
      }
    }
    context.setLineDash([]);
  }
}
