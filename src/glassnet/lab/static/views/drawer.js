// Drawing on a map with mouse, finger or keys. A cross shows where the keys would draw.
import { ink } from "../colors.js";
import { rule } from "./axes.js";

const APART = 9; // pixels between two points of a line
const REACH = 7; // pixels around a point in which a press means it
const STEPS = [20, 100]; // of a key across the map; with Shift

export class Drawer {
  // pen: {start(x, y, reach): whether a line begins, put(x, y), erase(x, y, reach)}
  constructor(map, pen) {
    Object.assign(this, { map, pen, cursor: null, last: null });
    const { element } = map;
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointerup", () => (this.last = null));
    element.addEventListener("keydown", (event) => this.on && this.key(event));
    element.addEventListener("blur", () => this.move(null));
  }

  // Whether a press on the map draws; words: what the keys do.
  turn(on, words) {
    this.on = on;
    const { element } = this.map;
    element.classList.toggle("drawing", on);
    for (const [name, value] of Object.entries({ tabindex: "0", role: "application", "aria-label": words })) {
      if (on) element.setAttribute(name, value);
      else element.removeAttribute(name);
    }
  }

  get reach() {
    const [low, high] = this.map.range[0];
    return (REACH * (high - low)) / this.map.box.width;
  }

  down(event) {
    const at = this.on && !event.button && this.map.place(event);
    if (!at) return;
    event.preventDefault();
    this.map.element.focus({ preventScroll: true });
    this.map.element.setPointerCapture(event.pointerId);
    this.last = this.pen.start(at.x, at.y, this.reach) ? [event.clientX, event.clientY] : null;
  }

  // Whether the pointer draws.
  drags(event) {
    if (!this.on) return false;
    const at = this.last && event.buttons & 1 && this.map.place(event);
    if (at && Math.hypot(event.clientX - this.last[0], event.clientY - this.last[1]) >= APART) {
      this.last = [event.clientX, event.clientY];
      this.pen.put(at.x, at.y);
    }
    return true;
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const [x, y] = this.cursor ?? [0, 0];
    const [low, high] = this.map.range[0];
    const step = (high - low) / STEPS[Number(event.shiftKey)];
    if (event.key in ways) this.move(ways[event.key].map((d, i) => Math.max(-1, Math.min(1, [x, y][i] + d * step))));
    else if (event.key === " " || event.key === "Enter") this.pen.start(x, y, step / 4);
    else if (event.key === "Delete" || event.key === "Backspace") this.pen.erase(x, y, Math.max(this.reach, step));
    else return;
    if (!this.cursor) this.move([x, y]);
    event.preventDefault();
    event.stopPropagation();
  }

  move(cursor) {
    this.cursor = cursor;
    this.map.redraw();
  }

  // toX, toY: from the plane to pixels
  draw(context, toX, toY) {
    if (!this.cursor) return;
    const [x, y] = [toX(this.cursor[0]), toY(this.cursor[1])];
    context.strokeStyle = ink("ink");
    context.lineWidth = 1.5;
    rule(context, x - 9, y, x + 9, y);
    rule(context, x, y - 9, x, y + 9);
  }
}
