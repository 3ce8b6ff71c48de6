// Draws the points of "Drawn": a press puts one, on a point it takes that away; keys do the same.
import { h } from "../../dom.js";
import { markIcon } from "../../views/shapes.js";

const CLASSES = 4;

export class Pen {
  constructor(lab) {
    this.lab = lab;
    this.starts = []; // how many points there were before each line that was drawn
    this.classes = Array.from({ length: CLASSES }, (_, k) =>
      h("button", {
        type: "button",
        class: "class",
        "aria-label": String(k + 1),
        onclick: () => lab.set("draw_class", k),
      }),
    );
    this.element = h(
      "div",
      { class: "draw" },
      h("div", { class: "classes", role: "group", ta: { "aria-label": "field.draw_class" } }, this.classes),
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", class: "small", t: "play.undo_points", onclick: () => this.undo() }),
        h("button", { type: "button", class: "small", t: "play.clear_points", onclick: () => this.keep([]) }),
      ),
    );
  }

  get points() {
    return this.lab.latest("points");
  }

  keep(points) {
    this.lab.set("points", points);
  }

  undo() {
    const { points } = this;
    let before = points.length;
    while (this.starts.length && before >= points.length) before = this.starts.pop(); // points went meanwhile
    this.keep(points.slice(0, Math.min(before, points.length - 1)));
  }

  // A press at (x, y); whether a line may begin there. reach: how far a point may lie from it.
  start(x, y, reach) {
    if (this.erase(x, y, reach)) return false;
    this.starts.push(this.points.length);
    this.put(x, y);
    return true;
  }

  put(x, y) {
    const clamp = (v) => Math.max(-1, Math.min(1, v));
    this.lab.do("add_points", { points: [clamp(x), clamp(y), this.lab.state.values.draw_class] });
  }

  // Takes away the point at (x, y); whether there was one.
  erase(x, y, reach) {
    const away = this.points.map(([a, b]) => Math.hypot(a - x, b - y));
    const nearest = away.indexOf(Math.min(...away));
    if (!(away[nearest] <= reach)) return false;
    this.keep(this.points.filter((_, i) => i !== nearest));
    return true;
  }

  update(values) {
    this.element.hidden = values.data !== "drawn";
    this.classes.forEach((button, k) => {
      button.setAttribute("aria-pressed", String(k === values.draw_class));
      button.replaceChildren(markIcon(k, 16));
    });
  }
}
