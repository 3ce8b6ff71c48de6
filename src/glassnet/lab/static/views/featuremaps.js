// All maps of a network for one picture, layer by layer; one unit is lit with what it sees.

import { ink, signedColor } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { cornerOf, mapSizes, placeAt } from "./mapsizes.js";
import { pictureOf } from "./pixels.js";

const HEIGHT = 360;
const NARROWEST = 680; // below that it is scrolled

export class FeatureMaps {
  // on: {choose(place), point(place or null, event), key(event)}; a place is {number: of the
  // column, map, row, column}
  constructor({ label, names, on }) {
    Object.assign(this, { names, on });
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.said = h("span", { class: "unseen", role: "status" });
    this.element = h(
      "div",
      { class: "view feature-maps", role: "application", tabindex: 0, ta: { "aria-label": label }, onkeydown: on.key },
      this.canvas,
      this.said,
    );
    this.small = document.createElement("canvas");
    this.lit = null;
    const place = (event) => {
      const box = this.canvas.getBoundingClientRect();
      return this.sizes && placeAt(this.sizes.columns, event.clientX - box.left, event.clientY - box.top);
    };
    this.element.addEventListener("click", (event) => {
      const found = place(event);
      if (found) on.choose(found);
    });
    this.element.addEventListener("pointermove", (event) => on.point(place(event), event));
    this.element.addEventListener("pointerleave", (event) => on.point(null, event));
    sized(this.element, (width) => {
      if (width === this.width) return;
      this.width = width;
      this.arrange();
    });
  }

  // layers: of the scene; side: of the picture; classes: what the outputs are called
  show(layers, side, classes) {
    Object.assign(this, { layers, side, classes });
    this.arrange();
  }

  arrange() {
    if (!this.width || !this.layers) return;
    this.sizes = mapSizes(this.layers, this.side, Math.max(NARROWEST, this.width), HEIGHT);
    this.draw();
  }

  // sections: of a frame: picture, maps, map_scales. What stays, the names and the ground, is not
  // drawn again while nothing lies on the maps.
  frame(sections) {
    this.sections = sections;
    const best = this.best();
    if (this.lit || this.drawn !== this.sizes || best !== this.bestDrawn) this.draw();
    else for (const column of this.sizes.columns) this[column.kind](this.canvas.getContext("2d"), column, false);
  }

  // Which of the outputs is the highest: its name is written darker.
  best() {
    const last = this.sizes?.columns.at(-1);
    if (last?.kind !== "bars") return null;
    const bytes = this.bytes(last);
    return bytes.indexOf(Math.max(...bytes));
  }

  // found: the answer of "unit", or null
  light(found) {
    this.lit = found;
    this.draw();
  }

  draw() {
    if (!this.sizes || !this.sections) return;
    const width = Math.max(NARROWEST, this.width);
    this.canvas.style.setProperty("width", `${width}px`);
    this.canvas.style.setProperty("height", `${HEIGHT}px`);
    const context = sharpen(this.canvas, width, HEIGHT);
    context.clearRect(0, 0, width, HEIGHT);
    context.imageSmoothingEnabled = false;
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "middle";
    const { columns } = this.sizes;
    columns.forEach((column, number) => {
      const room = (columns[number + 1]?.x ?? width) - column.x - 4;
      context.fillStyle = ink("faint");
      context.textAlign = "left";
      this.names(column.layer).forEach((words, i) => {
        context.fillText(words, column.x, Math.max(22, column.y - 8) - 14 * (1 - i), room);
      });
      this[column.kind](context, column);
    });
    this.drawLit(context);
    this.drawn = this.lit ? null : this.sizes;
    this.bestDrawn = this.best();
  }

  // ---- one column ----

  picture(context, column) {
    pictureOf(this.sections.picture.data, this.side, this.side, false, this.small);
    context.drawImage(this.small, column.x, column.y, ...column.tile);
    this.frameOf(context, column.x, column.y, column.tile);
  }

  bytes({ layer }) {
    const size = layer.shape.reduce((a, b) => a * b, 1);
    return this.sections.maps.data.subarray(layer.first, layer.first + size);
  }

  maps(context, column) {
    const { rows, columns, count, tile } = column;
    // in memory they lie one below the other
    pictureOf(this.bytes(column), columns, rows * count, true, this.small);
    for (let i = 0; i < count; i++) {
      const [x, y] = cornerOf(column, i);
      context.drawImage(this.small, 0, i * rows, columns, rows, x, y, ...tile);
      this.frameOf(context, x, y, tile);
    }
  }

  units(context, column) {
    const bytes = this.bytes(column);
    const whole = new Uint8Array(column.across * Math.ceil(column.count / column.across)).fill(128);
    whole.set(bytes);
    const down = whole.length / column.across;
    pictureOf(whole, column.across, down, true, this.small);
    context.drawImage(this.small, column.x, column.y, column.width, column.height);
    this.frameOf(context, column.x, column.y, [column.width, column.height]);
  }

  bars(context, column, all = true) {
    const bytes = this.bytes(column);
    const best = this.best();
    for (let i = 0; i < column.count; i++) {
      const [x, y] = cornerOf(column, i);
      const share = (bytes[i] - 128) / 127;
      context.fillStyle = ink("ground");
      context.fillRect(x + 18, y + 3, column.tile[0] - 18, column.tile[1] - 6);
      context.fillStyle = i === best ? ink("accent") : signedColor(0.7 * Math.sign(share));
      context.fillRect(x + 18, y + 3, Math.max(1, Math.abs(share) * (column.tile[0] - 18)), column.tile[1] - 6);
      if (!all) continue;
      context.fillStyle = ink(i === best ? "ink" : "faint");
      context.fillText(this.classes[i] ?? String(i + 1), x, y + column.tile[1] / 2, 16);
    }
  }

  frameOf(context, x, y, tile) {
    context.strokeStyle = ink("line");
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, tile[0] - 1, tile[1] - 1);
  }

  // ---- what is lit ----

  columnOf(name) {
    return name ? this.sizes.columns.find((one) => one.layer?.name === name) : this.sizes.columns[0];
  }

  drawLit(context) {
    const { lit } = this;
    const own = lit && this.columnOf(lit.layer);
    if (!own) return;
    context.strokeStyle = context.fillStyle = ink("accent");
    for (const { layer, box, channels } of lit.fields) {
      const column = this.columnOf(layer);
      if (!column?.rows) continue;
      context.lineWidth = 2;
      const every = channels ?? Array.from({ length: column.count }, (_, i) => i);
      for (const map of every) this.box(context, column, map, box);
    }
    for (const { layer, places } of lit.winners) {
      const column = this.columnOf(layer);
      if (!column) continue;
      const [wide, tall] = [column.tile[0] / column.columns, column.tile[1] / column.rows];
      const size = Math.max(1.5, Math.min(5, wide / 2.5));
      for (const [row, at, map] of places) {
        if (map >= column.count) continue;
        const [x, y] = cornerOf(column, map);
        context.fillRect(x + (at + 0.5) * wide - size / 2, y + (row + 0.5) * tall - size / 2, size, size);
      }
    }
    const [row, at, map] = lit.at.length === 3 ? lit.at : [0, 0, lit.at[0]];
    context.lineWidth = 3;
    if (map < own.count) this.box(context, own, map, [row, at, row + 1, at + 1]);
  }

  box(context, column, map, [top, left, bottom, right]) {
    if (map >= column.count) return;
    const [x, y] = cornerOf(column, map);
    const [wide, tall] = [column.tile[0] / (column.columns ?? 1), column.tile[1] / (column.rows ?? 1)];
    context.strokeRect(x + left * wide, y + top * tall, (right - left) * wide, (bottom - top) * tall);
  }
}
