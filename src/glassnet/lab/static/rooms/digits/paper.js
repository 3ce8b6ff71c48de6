// The square to draw in, with mouse, finger or pen, or with a cursor that the keys move.

import { ink } from "../../colors.js";
import { h, sharpen, sized } from "../../dom.js";
import { t } from "../../i18n.js";
import { bytesOf, smallCanvas } from "../../views/pixels.js";

const END = 255; // places across and down
const MOST_STROKES = 60;
const MOST_PLACES = 1500;
const APART = 2.5; // places between two points of a line
const STEP = 8; // places that a key moves the cursor

export class Paper {
  // ondraw(): a line grows; oncommit(): it is done; onblank(): the picture under it is taken away;
  // fields: those of the lines and of the pen; id: how the elements' ids begin
  constructor(lab, { ondraw, oncommit, onblank = () => {}, fields = { lines: "drawing", pen: "pen" }, id = "digits" }) {
    Object.assign(this, { lab, ondraw, oncommit, onblank, fields });
    this.lines = []; // [width, erases, [x, y, …]]
    this.line = null; // that is being drawn
    this.erasing = false;
    this.ground = null;
    this.cursor = [128, 128];
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.square = h(
      "div",
      {
        class: "paper",
        tabindex: 0,
        role: "application",
        id: `${id}-paper`,
        ta: { "aria-label": "digits.paper" },
        "aria-describedby": `${id}-keys`,
        onkeydown: (event) => this.key(event),
        onblur: () => this.leave(),
        onfocus: () => this.draw(),
      },
      this.canvas,
    );
    this.said = h("span", { class: "unseen", role: "status" });
    const tool = (key, action, more = {}) => h("button", { type: "button", t: key, onclick: action, ...more });
    this.pencil = tool("digits.pen", () => this.choose(false));
    this.rubber = tool("digits.erase", () => this.choose(true));
    this.undoes = tool("digits.undo", () => this.undo());
    this.clears = tool("digits.clear", () => this.clear());
    this.element = h(
      "section",
      { class: "drawing", ta: { "aria-label": "digits.paper" } },
      this.square,
      h(
        "div",
        { class: "row" },
        h("div", { class: "segments", role: "group", ta: { "aria-label": "digits.tools" } }, this.pencil, this.rubber),
        this.undoes,
        this.clears,
        lab.control(fields.pen),
      ),
      h("p", { class: "faint keys", id: `${id}-keys`, t: "digits.keys" }),
      this.said,
    );
    this.choose(false);
    this.listen();
    sized(this.square, (width) => {
      this.size = width;
      this.draw();
    });
  }

  choose(erasing) {
    this.erasing = erasing;
    this.pencil.setAttribute("aria-pressed", String(!erasing));
    this.rubber.setAttribute("aria-pressed", String(erasing));
  }

  // What the server knows, unless a line is being drawn.
  show(lines) {
    if (this.line) return;
    this.lines = lines.map(([width, erases, flat]) => [width, erases, [...flat]]);
    this.draw();
  }

  // The test picture under the drawing: base64 or null.
  lay(ground, side) {
    if (ground === this.groundText) return;
    this.groundText = ground;
    this.ground = ground ? smallCanvas(bytesOf(ground), side) : null;
    this.draw();
  }

  // ---- lines ----

  start(x, y, erases) {
    if (this.lines.length >= MOST_STROKES || this.places >= MOST_PLACES) return this.full();
    this.line = [this.lab.state.values[this.fields.pen], erases, [clamp(x), clamp(y)]];
    this.lines.push(this.line);
    this.grown();
  }

  grow(x, y) {
    if (!this.line) return;
    const flat = this.line[2];
    const [px, py] = flat.slice(-2);
    if (Math.hypot(x - px, y - py) < APART) return;
    if (this.places >= MOST_PLACES) {
      this.end();
      this.full();
      return;
    }
    flat.push(clamp(x), clamp(y));
    this.grown();
  }

  grown() {
    this.draw();
    this.ondraw();
  }

  end() {
    if (!this.line) return;
    this.line = null;
    this.commit();
  }

  commit() {
    this.draw();
    this.lab.set(this.fields.lines, this.lines);
    this.oncommit();
  }

  full() {
    this.lab.onProblem(t("limit.drawing"));
  }

  get places() {
    return this.lines.reduce((sum, [, , flat]) => sum + flat.length / 2, 0);
  }

  undo() {
    this.line = null;
    if (this.lines.pop()) this.commit();
    else this.onblank();
  }

  clear() {
    this.line = null;
    this.lines = [];
    this.onblank();
    this.commit();
  }

  // ---- pointer ----

  listen() {
    const at = (event) => {
      const box = this.square.getBoundingClientRect();
      return [
        ((event.clientX - box.left - 1) / (box.width - 2)) * END,
        ((event.clientY - box.top - 1) / (box.height - 2)) * END,
      ];
    };
    this.square.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 && event.button !== 5) return;
      event.preventDefault();
      this.square.focus({ preventScroll: true });
      this.keyed = false;
      this.square.setPointerCapture(event.pointerId);
      this.start(...at(event), this.erasing || event.button === 5);
    });
    this.square.addEventListener("pointermove", (event) => {
      if (!this.line || this.keyed) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const one of events.length ? events : [event]) this.grow(...at(one));
    });
    for (const name of ["pointerup", "pointercancel"]) {
      this.square.addEventListener(name, () => this.keyed || this.end());
    }
  }

  // ---- keys ----

  key(event) {
    if (event.altKey || event.metaKey) return;
    if (event.ctrlKey && event.key.toLowerCase() !== "z") return;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = event.shiftKey ? 3 : STEP;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (name in moves) this.move(...moves[name].map((d) => d * step));
    else if (name === " " || name === "Enter") this.toggle();
    else if (name === "Escape" && this.line) this.toggle();
    else if (name === "Backspace" || name === "z") this.undo();
    else if (name === "Delete") this.clear();
    else if (name === "e") this.choose(!this.erasing);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(dx, dy) {
    this.keyed = true;
    this.cursor = [clamp(this.cursor[0] + dx), clamp(this.cursor[1] + dy)];
    if (this.line) this.grow(...this.cursor);
    this.draw();
  }

  toggle() {
    this.keyed = true;
    if (this.line) this.end();
    else this.start(...this.cursor, this.erasing);
    this.said.textContent = t(this.line ? "digits.pen_down" : "digits.pen_up");
    this.draw();
  }

  leave() {
    if (this.keyed) this.end();
    this.keyed = false;
    this.draw();
  }

  // ---- drawing ----

  draw() {
    if (!this.size) return;
    const { size } = this;
    const scale = size / END;
    const context = sharpen(this.canvas, size, size);
    context.clearRect(0, 0, size, size);
    if (this.ground) {
      context.imageSmoothingEnabled = false;
      context.drawImage(this.ground, 0, 0, size, size);
    }
    context.lineCap = context.lineJoin = "round";
    for (const [width, erases, flat] of this.lines) {
      context.strokeStyle = ink(erases ? "paper" : "ink");
      context.lineWidth = width * scale;
      context.beginPath();
      context.moveTo(flat[0] * scale, flat[1] * scale);
      for (let i = 2; i < flat.length; i += 2) context.lineTo(flat[i] * scale, flat[i + 1] * scale);
      if (flat.length === 2) context.lineTo(flat[0] * scale + 0.01, flat[1] * scale); // a blot
      context.stroke();
    }
    if (this.keyed && document.activeElement === this.square) this.drawCursor(context, scale);
    this.undoes.disabled = !this.lines.length && !this.ground;
    this.clears.disabled = this.undoes.disabled;
  }

  drawCursor(context, scale) {
    const [x, y] = this.cursor.map((v) => v * scale);
    const reach = Math.max(7, (this.lab.state.values[this.fields.pen] * scale) / 2 + 3);
    context.strokeStyle = ink("accent");
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, reach, 0, 7);
    if (!this.line) {
      context.moveTo(x - reach - 5, y);
      context.lineTo(x + reach + 5, y);
      context.moveTo(x, y - reach - 5);
      context.lineTo(x, y + reach + 5);
    }
    context.stroke();
  }
}

const clamp = (v) => Math.max(0, Math.min(END, Math.round(v)));
