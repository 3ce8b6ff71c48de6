// Curves over one axis. The axes stay as they are until they must grow. Pointing at one tells
// the numbers of the nearest epoch.

import { ink } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { number, percent } from "../format.js";
import { t } from "../i18n.js";
import { hideTip, showTip } from "../tooltip.js";
import { drawAxes, margins, rule } from "./axes.js";

const MARGIN = margins({ left: 44, right: 10, top: 6, bottom: 22 });

export class CurveView {
  // options: {label: key, y: fixed range or null, numbers: whether the x axis has its numbers,
  //           percent: y as percents, across: key of what the x axis counts}
  constructor({ label, y = null, numbers = true, percent = false, across = "play.epoch_number" } = {}) {
    Object.assign(this, { fixedY: y, numbers, percent, across });
    this.log = false;
    this.canvas = h("canvas", { role: "img", ta: label ? { "aria-label": label } : {} });
    this.element = h(
      "div",
      {
        class: "view curve",
        onpointermove: (event) => this.tell(event),
        onpointerdown: (event) => this.tell(event),
        onpointerleave: () => this.tell(null),
      },
      this.canvas,
    );
    this.near = null; // the place among x that is pointed at
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

  // x: numbers; series: [{color, or paint(): a CSS colour, dash, width, values, x: if it has its
  // own, name: written at its end, says: key of what it is}]; at: a place on the x axis that is marked
  show(x, series, at = null) {
    const last = x[x.length - 1] ?? 0;
    if (last < this.last) this.forget();
    this.last = last;
    Object.assign(this, { x, series, at });
    this.draw();
    if (this.pointed) this.tell(this.pointed);
  }

  // The numbers of the epoch that is nearest to what is pointed at.
  tell(event) {
    this.pointed = event;
    const near = event && this.toX && this.nearest(event.clientX - this.canvas.getBoundingClientRect().left);
    if (near !== this.near) {
      this.near = near ?? null;
      this.draw();
    }
    if (this.near === null) return hideTip();
    const say = (v) => (this.percent ? percent(v) : number(v));
    const here = this.x[this.near];
    const lines = this.series
      .filter(({ x, says, name }) => (says || name) && (!x || x.includes(here)))
      .map(({ x, says, name, values }) => `${says ? t(says) : name} ${say(values[x ? x.indexOf(here) : this.near])}`);
    showTip(event.clientX, event.clientY, [`${t(this.across)} ${here}`, ...lines]);
  }

  nearest(at) {
    const away = (i) => Math.abs(this.toX(this.x[i]) - at);
    let best = null;
    for (let i = 0; i < this.x.length; i++) if (best === null || away(i) < away(best)) best = i;
    return best;
  }

  ranges() {
    const grow = (value) => {
      const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-12)));
      return [1, 1.5, 2, 3, 5, 7, 10].find((m) => m * power >= value * 0.9999) * power;
    };
    const last = Math.max(...[this.x, ...this.series.map((one) => one.x ?? [])].map((x) => x[x.length - 1] ?? 0));
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
    this.toX = toX;
    if (this.near < this.x.length && this.near !== null) {
      const at = Math.round(toX(this.x[this.near])) + 0.5;
      context.strokeStyle = ink("faint");
      rule(context, at, box.top, at, box.top + box.height);
    }
    context.lineJoin = "round";
    if (this.at !== null) {
      context.strokeStyle = ink("accent");
      context.lineWidth = 1.5;
      rule(context, toX(this.at), box.top, toX(this.at), box.top + box.height);
    }
    for (const { color, paint, dash, values, x: own, width: line, name } of this.series) {
      const at = own ?? this.x;
      let end = null;
      context.beginPath();
      context.strokeStyle = context.fillStyle = paint?.() ?? ink(color);
      context.lineWidth = line ?? 1.75;
      context.setLineDash(dash ?? []);
      let drawn = false;
      values.forEach((value, i) => {
        if (!Number.isFinite(value) || (this.log && !this.fixedY && value <= 0)) return;
        end = [toX(at[i]), Math.max(box.top, Math.min(box.top + box.height, toY(value)))];
        if (drawn) context.lineTo(...end);
        else context.moveTo(...end);
        drawn = true;
      });
      context.stroke();
      if (at.length === 1 && drawn) {
        context.beginPath();
        context.arc(...end, 2.5, 0, 7);
        context.fill();
      }
      if (name && end) {
        context.textAlign = "right";
        context.textBaseline = "bottom";
        context.fillText(name, end[0], Math.max(end[1] - 2, box.top + 12));
      }
    }
    context.setLineDash([]);
  }
}
