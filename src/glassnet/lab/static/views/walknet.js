// The network, small: a circle for each unit, a line for each weight; what the walk is at is lit.

import { lineColor, signedColor } from "../colors.js";
import { h, sized, svg } from "../dom.js";
import { signedPicture } from "./pixels.js";

const PICTURE = 150; // widest picture in the place of the inputs
const STRONG = 1.5; // |weight| at which a line has its full width
const LIFT = 18; // of the arc over a layer with a way around it

export class WalkNet {
  // on: {unit(column, unit), line(column, from, to)}: a unit or a line was pressed
  constructor(on, label) {
    this.on = on;
    this.lines = svg("g", { class: "lines" });
    this.bright = svg("g", { class: "lines bright" });
    this.units = svg("g", { class: "circles" });
    this.skips = svg("g", { class: "skips" });
    this.svg = svg(
      "svg",
      { role: "img", ta: { "aria-label": label } },
      this.skips,
      this.lines,
      this.bright,
      this.units,
    );
    this.element = h("div", { class: "view walknet" }, this.svg);
    this.columns = [];
    sized(this.element, (width, height) => {
      this.size = [width, height];
      this.draw();
    });
  }

  // columns: [{units, labels, forward, backward, reached, weights, skip}] as the server tells them;
  // the inputs have a side if they are a picture, and a column no weights if they are too many to draw
  show(columns) {
    const form = String(columns.map((column) => column.units));
    if (form !== this.form) {
      // what is lit is of another network
      this.form = form;
      this.lit = null;
      this.bright.replaceChildren();
    }
    this.columns = columns;
    this.draw();
  }

  // at: the stop; phase: whose numbers fill the units; lit: {unit, units, lines}
  light(at, phase, lit) {
    Object.assign(this, { at, phase, lit });
    this.fill();
  }

  draw() {
    if (!this.size || !this.columns.length) return;
    const [width, height] = this.size;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const labels = this.columns[0].labels;
    const { side } = this.columns[0];
    const wordy = Math.max(...labels.map((label) => label.length)) > 8;
    this.picture = side ? Math.min(PICTURE, width * 0.3, height - 16) : 0;
    const left = side ? this.picture + 4 : this.columns[0].units > 20 ? 24 : wordy ? 110 : 48;
    const right = this.columns.at(-1).labels ? 84 : 30;
    const gap = (width - left - right) / Math.max(1, this.columns.length - 1);
    const lift = this.columns.some((column) => column.skip) ? LIFT : 0; // room for the arcs
    this.at_ = this.columns.map((column, i) => {
      if (side && !i) {
        const top = (height - this.picture) / 2;
        const cell = this.picture / side;
        return { x: left, y: (unit) => top + (Math.floor(unit / side) + 0.5) * cell, r: 0, top };
      }
      const pitch = Math.min(44, (height - 16 - 2 * lift) / column.units);
      const top = height / 2 - (pitch * (column.units - 1)) / 2;
      return { x: left + i * gap, y: (unit) => top + unit * pitch, r: Math.max(2.5, Math.min(13, pitch * 0.4)) };
    });
    this.lines.replaceChildren(
      ...this.columns.flatMap((column, i) =>
        (column.weights ?? []).flatMap((row, from) => row.map((weight, to) => this.line(i - 1, from, to, weight))),
      ),
    );
    this.skips.replaceChildren(...this.columns.flatMap((column, i) => (column.skip ? [this.skip(i)] : [])));
    this.circles = this.columns.map((column, i) =>
      side && !i
        ? [] // the picture stands for them
        : Array.from({ length: column.units }, (_, unit) => this.circle(i, unit)),
    );
    this.image = side ? svg("image", { x: 2, y: this.at_[0].top, width: this.picture, height: this.picture }) : null;
    if (this.image) this.image.onclick = (event) => this.on.unit(0, this.pixel(event));
    this.units.replaceChildren(...(side ? [this.image] : []), ...this.circles.flat().map((one) => one.group));
    this.fill();
  }

  line(column, from, to, weight, bright = false) {
    const [a, b] = [this.at_[column], this.at_[column + 1]];
    const share = Math.max(-1, Math.min(1, weight / STRONG));
    const element = svg("line", { x1: a.x + a.r, y1: a.y(from), x2: b.x - b.r, y2: b.y(to) });
    element.style.stroke = lineColor(share);
    element.style.strokeWidth = (bright ? 2.5 : 0.6) + 2.4 * Math.abs(share);
    element.onclick = () => this.on.line(column, from, to);
    return element;
  }

  // The way around a column, and the plus where it is added.
  skip(i) {
    const [a, b] = [this.at_[i - 1], this.at_[i]];
    const [from, y, end] = [a.y(0) - a.r, b.y(0) - b.r, b.x - 16];
    const top = Math.min(from, y) - LIFT;
    return svg("path", {
      d:
        `M${a.x} ${from - 2}C${a.x + 16} ${top} ${end - 24} ${top} ${end - 4} ${y - 6}` +
        `M${end + 5} ${y - 2}a5 5 0 1 1 -10 0a5 5 0 1 1 10 0M${end - 3} ${y - 2}h6M${end} ${y - 5}v6`,
    });
  }

  circle(i, unit) {
    const { x, y, r } = this.at_[i];
    const disc = svg("circle", { cx: x, cy: y(unit), r });
    const column = this.columns[i];
    const label = column.labels && column.units <= 20 ? column.labels[unit] : "";
    const words =
      label &&
      svg(
        "text",
        {
          x: i ? x + r + 7 : x - r - 7,
          y: y(unit) + 4,
          "text-anchor": i ? "start" : "end",
        },
        label.length > 13 ? `${label.slice(0, 12)}…` : label,
      );
    const group = svg("g", { class: "circle" }, disc, words);
    group.onclick = () => this.on.unit(i, unit);
    return { group, disc };
  }

  // Which pixel of the picture was pressed.
  pixel(event) {
    const box = this.image.getBoundingClientRect();
    const { side } = this.columns[0];
    const place = (share) => Math.max(0, Math.min(side - 1, Math.floor(share * side)));
    return place((event.clientY - box.top) / box.height) * side + place((event.clientX - box.left) / box.width);
  }

  // The picture of the inputs, or of the gradient that arrives at them.
  paint(back) {
    const { side, forward, backward, reached } = this.columns[0];
    const known = back && this.at >= reached[0][1];
    this.image.setAttribute("href", signedPicture(known ? backward : forward, side));
    this.image.style.imageRendering = "pixelated";
  }

  // A unit that reads the picture: one line for all of its pixels.
  ray() {
    const [column, unit] = this.lit.unit ?? [];
    if (!this.image || column !== 1) return [];
    const b = this.at_[1];
    const middle = this.at_[0].top + this.picture / 2;
    return [0, 1].map((end) =>
      svg("line", {
        class: "ray",
        x1: this.at_[0].x,
        y1: middle + (end - 0.5) * this.picture,
        x2: b.x - b.r,
        y2: b.y(unit),
      }),
    );
  }

  // Whether the units show gradients, not outputs.
  get back() {
    return this.phase === "backward" || this.phase === "update";
  }

  // Only what changes from stop to stop.
  fill() {
    if (!this.circles || !this.lit) return;
    const { back } = this;
    const among = (list, i, unit) => list.some(([c, u]) => c === i && u === unit);
    this.circles.forEach((column, i) => {
      const { forward, backward, reached } = this.columns[i];
      column.forEach(({ group, disc }, unit) => {
        const known = this.at >= reached[unit][back ? 1 : 0];
        disc.style.fill = known ? signedColor((back ? backward : forward)[unit]) : "var(--paper)";
        group.classList.toggle("known", known);
        group.classList.toggle("used", among(this.lit.units, i, unit));
        group.classList.toggle("here", this.lit.unit?.[0] === i && this.lit.unit[1] === unit);
      });
    });
    if (this.image) this.paint(back);
    this.bright.replaceChildren(
      ...this.ray(),
      ...this.lit.lines.map(([column, from, to, weight]) => this.line(column, from, to, weight, true)),
    );
    this.lines.classList.toggle("dim", this.lit.lines.length > 0);
  }
}
