// What the first layer sees: of a dense layer each unit's weights as a picture of the input, with a
// bar of its answer to the drawing; of a convolution each filter, with its map of the drawing.

import { ink, signedColor } from "../colors.js";
import { h, unique } from "../dom.js";
import { number } from "../format.js";
import { t } from "../i18n.js";
import { KeyView } from "./key.js";
import { bytesOf, pictureOf } from "./pixels.js";
import { TileGrid } from "./tilegrid.js";

const TILE = 42;
const BAR = 5;
const MAP = 84;
const GAP = 6;

export class FirstLayer {
  constructor() {
    const id = unique("seen"); // two rooms show it
    this.grid = new TileGrid({ label: "digits.units", walk: "digits.units_walk", gap: GAP });
    this.key = new KeyView("−", "+");
    this.words = h("p", { class: "faint" });
    this.element = h(
      "section",
      { class: "seen", "aria-labelledby": id },
      h("div", { class: "seen-top" }, h("h2", { id, t: "digits.units" }), this.words, this.key.element),
      ...this.grid.elements,
    );
  }

  // found: the answer of "units"
  show(found) {
    this.found = found;
    this.bytes = bytesOf(found.weights);
    this.shown = this.bytes.length / (found.shape[0] * found.shape[1]);
    this.paint();
  }

  // activations: of the units, or maps: of the filters, for the drawing; neither: there is none.
  react({ activations = null, maps = null }) {
    this.activations = activations;
    this.maps = maps && { ...maps, bytes: bytesOf(maps.pixels) };
    this.paintMaps();
    this.grid.draw();
  }

  paint() {
    this.key.draw();
    if (!this.found) return;
    const { shape, count, scale, activation, filters } = this.found;
    this.key.label(number(-scale, 2), number(scale, 2));
    const key = `digits.${filters ? "filters" : "units"}_${this.shown < count ? "some" : "all"}`;
    const size = shape.join("×");
    this.words.textContent = t(key, { count, size, shown: this.shown, activation: t(`activation.${activation}`) });
    this.pictures = this.cut(this.bytes, shape, this.shown);
    this.paintMaps();
    this.grid.show(this.found.filters ? this.withMaps() : this.withBars());
  }

  paintMaps() {
    this.mapPictures = this.maps ? this.cut(this.maps.bytes, this.maps.shape.slice(1), this.maps.shape[0]) : [];
  }

  cut(bytes, shape, count) {
    const cells = shape[0] * shape[1];
    return Array.from({ length: count }, (_, i) =>
      pictureOf(bytes.subarray(i * cells, (i + 1) * cells), shape[1], shape[0], true),
    );
  }

  // ---- units ----

  withBars() {
    return {
      count: this.shown,
      width: TILE,
      height: TILE + BAR + 2,
      draw: (context, i, x, y, chosen) => {
        framed(context, this.pictures[i], x, y, TILE, chosen);
        context.fillStyle = ink("line");
        context.fillRect(x, y + TILE + 2 + BAR - 1, TILE, 1);
        const value = this.activations?.[i] ?? 0;
        if (!value) return;
        const most = Math.max(1e-9, ...this.activations.map(Math.abs));
        context.fillStyle = signedColor(Math.sign(value));
        context.fillRect(x, y + TILE + 2, Math.max(1, (Math.abs(value) / most) * TILE), BAR);
      },
      lines: (i) => {
        const lines = [t("digits.unit", { unit: i + 1 })];
        if (this.activations) lines.push(t("digits.unit_gives", { value: number(this.activations[i]) }));
        return [...lines, ...this.bias(i)];
      },
    };
  }

  // ---- filters ----

  withMaps() {
    return {
      count: this.shown,
      width: TILE + 4 + MAP,
      height: MAP,
      draw: (context, i, x, y, chosen) => {
        framed(context, this.pictures[i], x, y, TILE, chosen);
        framed(context, this.mapPictures[i], x + TILE + 4, y, MAP, chosen);
      },
      lines: (i, x, y) => {
        const lines = [t("digits.filter", { filter: i + 1 }), ...this.bias(i)];
        if (this.maps) lines.push(x > TILE + 4 && y < MAP ? this.under(i, x - TILE - 4, y) : this.strongest(i));
        return lines;
      },
    };
  }

  mapOf(i) {
    const [, rows, columns] = this.maps.shape;
    return this.maps.bytes.subarray(i * rows * columns, (i + 1) * rows * columns);
  }

  // The words for one place of a map.
  place(i, at) {
    const [, , columns] = this.maps.shape;
    const value = number(((this.mapOf(i)[at] - 128) / 127) * this.maps.scale, 2);
    return { value, row: Math.floor(at / columns), column: at % columns };
  }

  strongest(i) {
    const map = this.mapOf(i);
    return t("digits.filter_strongest", this.place(i, map.indexOf(Math.max(...map))));
  }

  under(i, x, y) {
    const [, rows, columns] = this.maps.shape;
    const row = Math.min(rows - 1, Math.floor((y / MAP) * rows));
    const column = Math.min(columns - 1, Math.floor((x / MAP) * columns));
    return t("digits.filter_gives", this.place(i, row * columns + column));
  }

  bias(i) {
    const { biases } = this.found;
    return biases.length ? [t("play.unit_bias", { bias: number(biases[i]) })] : [];
  }
}

// A picture in a frame; without one the frame is empty.
function framed(context, picture, x, y, side, chosen) {
  context.fillStyle = ink("paper");
  context.fillRect(x, y, side, side);
  if (picture) context.drawImage(picture, x, y, side, side);
  context.strokeStyle = ink(chosen ? "accent" : "line");
  context.lineWidth = chosen ? 3 : 1;
  context.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
}
