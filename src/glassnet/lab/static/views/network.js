// The network: columns of units, each with its map, and a line for each weight. The lines and
// the maps are one canvas; on each unit lies a button, for the keyboard and screen readers.

import { ink, lineColor, toneOf } from "../colors.js";
import { h, sharpen, sized } from "../dom.js";
import { blockLines, nearestLine, traceLine, unitLines } from "./lines.js";
import { Atlas, drawBlock, drawSkip, drawTile, moreUnits, neighbour, paintsOf, SIDE } from "./tiles.js";

const STRONG = 1.5; // |weight| at which colour and width are full
const MOST_LINES = 250; // in one frame
const EDGE = 3; // between a tile and its lines

export class NetworkView {
  // on: {unit(place or null, event), open(place, element), weight(line or null, event),
  //      pick(line, event), input(place)}
  // place: {column, unit}; line: {from, to, index among all weights, place among those here, value}
  constructor(on = {}) {
    this.on = on;
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.heads = h("div", { class: "heads" });
    this.buttons = h("div", {
      class: "units",
      role: "group",
      ta: { "aria-label": "play.network" },
      onkeydown: (event) => this.walk(event),
    });
    this.element = h("div", { class: "view network" }, this.canvas, this.buttons, this.heads);
    this.atlas = new Atlas();
    this.columns = [];
    this.lit = null;
    this.listen();
    sized(this.element, (width, height) => {
      this.size = [width, height];
      this.place();
    });
  }

  // columns: [{slots: [{label, unit, name, off, mark}], head: element or null, block: text,
  //            more: how many units are not drawn, skip: whether a way leads around it,
  //            paint: unit → [kind, class], or null: the colours of signed numbers}]
  // gaps: for each two neighbours, where the weights are: {start, shape, place, drawn};
  // biases: the same of each column, or null
  show({ columns, gaps, biases, top = 78 }) {
    this.buttons.replaceChildren(); // a button that has the focus lets go of it, and draws once more
    Object.assign(this, { columns, gaps, biases });
    this.top = top + (columns.some((column) => column.skip) ? 14 : 0); // room for the arc
    this.heads.replaceChildren(...columns.map((c) => c.head).filter(Boolean));
    this.mores = columns.map(({ more }) => more > 0 && moreUnits(more));
    this.slots = columns.flatMap((column, i) =>
      column.slots.map((slot, j) => {
        const button = h(
          "button",
          {
            type: "button",
            class: "unit",
            tabindex: -1,
            "aria-label": slot.name,
            "aria-pressed": slot.toggle ? String(!slot.off) : null,
            onclick: () =>
              slot.toggle ? this.on.input?.(slot.toggle) : this.on.open?.({ column: i, unit: slot.unit }, button),
            onpointerenter: (event) => this.enter(i, slot, event),
            onpointerleave: (event) => this.enter(i, null, event),
            onfocus: (event) => this.enter(i, slot, event),
            onblur: (event) => this.enter(i, null, event),
          },
          slot.label && i === 0 ? h("span", { class: slot.label.length > 8 ? "name long" : "name" }, slot.label) : null,
        );
        this.buttons.append(button);
        return { ...slot, column: i, row: j, button };
      }),
    );
    this.buttons.append(...this.mores.filter(Boolean));
    if (this.slots[0]) this.slots[0].button.tabIndex = 0;
    this.wordy = columns[0].slots.some((slot) => slot.label.length > 8);
    this.stale = true;
    this.place();
  }

  // ---- where things are ----

  place() {
    if (!this.size || !this.columns.length) return;
    const [width, height] = this.size;
    const type = Number(getComputedStyle(this.element).getPropertyValue("--type")) || 1;
    const [left, right] = [this.columns[0].block ? 40 : (this.wordy ? 104 : 84) * type ** 2, 58];
    const tallest = Math.max(...this.columns.map((c) => c.slots.length), 1);
    const room = height - this.top - (this.mores.some(Boolean) ? 20 : 8);
    const gap = (width - left - right) / Math.max(1, this.columns.length - 1);
    this.tile = Math.max(12, Math.min(Math.max(46, room / 11), gap * 0.52, room / tallest - 5));
    const pitch = this.tile + 18;
    this.columns.forEach((column, i) => {
      column.x = left + i * gap;
      if (column.head) {
        column.head.style.left = `${column.x}px`;
        column.head.style.setProperty("--room", `${Math.floor(gap - 8)}px`);
      }
    });
    for (const slot of this.slots) {
      const n = this.columns[slot.column].slots.length;
      const own = Math.min(room / n, pitch);
      slot.x = this.columns[slot.column].x;
      slot.y = this.top + (room - own * n) / 2 + own * (slot.row + 0.5);
      const { style } = slot.button;
      style.left = `${slot.x - this.tile / 2}px`;
      style.top = `${slot.y - this.tile / 2}px`;
      style.width = style.height = `${this.tile}px`;
      const more = this.mores[slot.column]; // under the last tile
      if (more) Object.assign(more.style, { left: `${slot.x}px`, top: `${slot.y + this.tile / 2}px` });
    }
    this.byGap = this.gaps.map((weights, i) => this.linesOf(weights, i));
    this.lines = this.byGap.flat();
    this.draw();
  }

  linesOf(weights, i) {
    const ends = (c) => this.slots.filter((s) => s.column === c && s.unit !== null);
    const { block, x } = this.columns[i];
    if (block) return blockLines(weights, i, { x, y: this.top + (this.size[1] - this.top) / 2 }, ends(i + 1));
    return unitLines(weights, i, ends(i), ends(i + 1));
  }

  // ---- drawing ----

  frame({ units, scales, weights, dead }) {
    Object.assign(this, { units, scales, weights: weights?.data ?? this.weights, dead: dead?.data });
    this.draw(Boolean(this.stale));
    this.stale = false;
  }

  // Everything again; or of a frame the tiles that have changed, and of a large network the lines
  // of some gaps only.
  draw(all = true) {
    if (!this.size || !this.columns.length || !this.weights) return;
    const context = sharpen(this.canvas, ...this.size);
    const whole = all || Boolean(this.lit);
    if (whole) context.clearRect(0, 0, ...this.size);
    this.drawLines(context, whole);
    if (this.lit) this.drawLit(context);
    this.drawTiles(context, whole);
  }

  weight = (place) => this.weights?.[place] ?? 0;

  value(line) {
    if (line.index !== null) return this.weight(line.place);
    let total = 0; // of many inputs: the root of the mean square
    for (let k = 0; k < line.rows; k++) total += this.weight(line.place + k * line.step) ** 2;
    return Math.sqrt(total / line.rows);
  }

  // The upper edge of a column's first unit, where an arc begins or ends.
  crown(i) {
    const first = this.slots.find((s) => s.column === i && s.unit !== null);
    return (first?.y ?? this.top) - this.tile / 2;
  }

  share(line) {
    return Math.max(-1, Math.min(1, this.value(line) / STRONG));
  }

  // The gaps between columns take turns, so that a frame draws about MOST_LINES lines.
  drawLines(context, all) {
    const gaps = this.gaps.length;
    let budget = all ? Infinity : MOST_LINES;
    for (let k = 0; k < gaps && budget > 0; k++) {
      this.turn = ((this.turn ?? 0) + 1) % gaps;
      const lines = this.byGap[this.turn];
      const [left, right] = [this.columns[this.turn].x, this.columns[this.turn + 1].x];
      const edge = this.tile / 2 + EDGE;
      if (!all) context.clearRect(left + edge, 0, right - left - 2 * edge, this.size[1]);
      for (const line of lines) this.drawLine(context, line);
      if (this.columns[this.turn + 1].skip)
        drawSkip(context, left + edge, this.crown(this.turn), right - edge, this.crown(this.turn + 1));
      budget -= lines.length;
    }
    context.globalAlpha = 1;
  }

  drawLine(context, line) {
    const share = this.share(line);
    const width = 0.5 + 3.5 * Math.abs(share);
    context.lineWidth = Math.max(1, width);
    context.globalAlpha = 0.85 * Math.min(1, width);
    context.strokeStyle = line.index === null ? ink("faint") : lineColor(share);
    traceLine(context, line, this.tile / 2 + EDGE);
  }

  drawLit(context) {
    for (const line of this.lines) {
      if (!this.isLit(line)) continue;
      const share = this.share(line);
      context.lineWidth = 2 + 3.5 * Math.abs(share);
      context.strokeStyle = ink("paper");
      traceLine(context, line, this.tile / 2 + EDGE);
      context.lineWidth -= 1;
      context.strokeStyle = lineColor(share);
      traceLine(context, line, this.tile / 2 + EDGE);
    }
  }

  isLit(line) {
    const { line: one, slot } = this.lit;
    return one ? line === one : slot && (line.to === slot || line.from === slot);
  }

  drawTiles(context, all) {
    const n = this.units?.shape[0] ?? 0;
    const changed = n ? this.atlas.paint(this.units, paintsOf(this.columns)) : null;
    for (const slot of this.slots) {
      const map = slot.off ? -1 : this.mapOf(slot);
      const bias = this.biases[slot.column];
      const share = bias === null || slot.unit === null ? null : toneOf(this.weight(bias.place + slot.unit) / STRONG);
      const dead = Boolean(this.dead?.[map]);
      if (!all && !changed?.has(map) && slot.share === share && slot.dead === dead) continue;
      Object.assign(slot, { share, dead });
      drawTile(context, this.atlas, slot, map < n ? map : -1, this.tile, slot === this.lit?.slot);
    }
    const block = this.columns[0]?.block;
    if (block && all) drawBlock(context, block, this.columns[0].x, this.top, this.size[1]);
  }

  mapOf(slot) {
    return slot.unit === null ? -1 : this.columns[slot.column].first + slot.unit;
  }

  // The bytes of one unit's map, to be shown large.
  tileOf({ column, unit }) {
    const place = this.columns[column].first + unit;
    if (!this.units || place >= this.units.shape[0]) return null;
    const cells = SIDE * SIDE;
    return {
      side: SIDE,
      bytes: this.units.data.subarray(place * cells, (place + 1) * cells),
      scale: this.scales.data[place],
      dead: Boolean(this.dead?.[place]),
      pixels: paintsOf(this.columns).get(place),
    };
  }

  // ---- pointer and keyboard ----

  enter(column, slot, event) {
    const real = slot && slot.unit !== null && !slot.off;
    this.lit = real ? { slot: this.slots.find((s) => s.column === column && s.unit === slot.unit && !s.off) } : null;
    this.on.unit?.(real ? { column, unit: slot.unit } : null, event, slot);
    this.draw();
  }

  lineAt(event) {
    const box = this.element.getBoundingClientRect();
    return nearestLine(this.lines ?? [], event.clientX - box.left, event.clientY - box.top, this.tile / 2);
  }

  listen() {
    this.element.addEventListener("pointermove", (event) => {
      if (event.target.closest("button, .heads")) return;
      const line = this.lineAt(event);
      if (line !== (this.lit?.line ?? null)) {
        this.lit = line ? { line } : null;
        this.draw();
      }
      this.element.classList.toggle("on-line", Boolean(line && line.index !== null));
      this.on.weight?.(line && { ...line, value: this.value(line) }, event);
    });
    this.element.addEventListener("pointerleave", (event) => {
      this.lit = null;
      this.draw();
      this.on.weight?.(null, event);
    });
    this.element.addEventListener("click", (event) => {
      if (event.target.closest("button, .heads")) return;
      const line = this.lineAt(event);
      if (line && line.index !== null) this.on.pick?.({ ...line, value: this.value(line) }, event);
    });
  }

  // Arrow keys go from unit to unit; one of them is in the order of Tab.
  walk(event) {
    const here = this.slots.find((s) => s.button === document.activeElement);
    const next = here && neighbour(this.slots, here, event.key);
    if (next !== undefined) event.preventDefault();
    if (!next) return;
    here.button.tabIndex = -1;
    next.button.tabIndex = 0;
    next.button.focus();
  }
}
