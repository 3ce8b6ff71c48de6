// The loss around the path that the playground's network took, in the room's own views.
import { h } from "../../dom.js";
import { number, percent } from "../../format.js";
import { t } from "../../i18n.js";
import { hideTip, showTip } from "../../tooltip.js";
import { strokeColor } from "../../views/strokes.js";

const LINE = 1; // of the strokes of paths
const NAMES = { network: ["δ", "η"], surface: ["x₀", "x₁"] };

export class Around {
  // room: {contour, space, player, element}
  constructor(lab, room) {
    const { contour, space, player } = room;
    Object.assign(this, { lab, room, contour, space, player });
    this.words = h("p", { class: "around-about", role: "status" });
    this.making = h("p", { class: "faint" });
    this.both = h("p", { class: "faint" });
    this.again = h("button", {
      type: "button",
      class: "small",
      t: "descent.path_again",
      onclick: () => this.compute(true),
    });
    this.there = h("button", {
      type: "button",
      class: "small",
      t: "descent.path_to",
      onclick: () => lab.set("room", "playground"),
    });
    this.element = h(
      "div",
      { class: "around-path", role: "group", ta: { "aria-label": "descent.path_title" } },
      this.words,
      this.both,
      this.making,
      h("div", { class: "around-buttons" }, this.again, this.there),
    );
  }

  // The views are this picture's from now on, or the surface's again.
  dress(on) {
    if (on !== this.on) this.found = null;
    this.on = on;
    this.space.names = NAMES[on ? "network" : "surface"];
    this.contour.handle.hidden = on;
    this.contour.canvas.setAttribute("aria-label", t(on ? "descent.path_contours" : "descent.contours"));
    if (on) this.contour.start = null;
    this.veil();
  }

  // Nothing is to be seen as long as what was drawn before is something else.
  veil() {
    this.room.element.classList.toggle("no-path", Boolean(this.on && !this.found));
  }

  // Asks until all of it is computed; a later call takes over.
  async compute(again) {
    const mine = (this.turn = (this.turn ?? 0) + 1);
    let first = again;
    while (this.on && mine === this.turn) {
      const found = await this.lab.ask("around", { again: first }, "descent");
      first = false;
      if (!found || mine !== this.turn || !this.on) return;
      this.take(found);
      if (found.problem || found.x) return;
    }
  }

  take(found) {
    this.making.textContent = found.of && !found.x ? t("descent.path_making", found) : "";
    this.again.hidden = !found.x;
    if (found.problem) {
      this.found = null;
      this.words.textContent = t(found.problem.key);
      this.both.textContent = "";
      this.contour.showPaths([]);
      this.player.take(0);
      this.veil();
      return;
    }
    if (!found.x) return;
    this.found = found;
    this.veil();
    this.contour.show(found);
    this.space.show({ x: found.x, y: found.y, z: found.space });
    this.player.take(found.path.length - 1);
    this.say();
  }

  say() {
    if (!this.found) return;
    const { epochs, shares, samples, parameters } = this.found;
    this.words.textContent = t("descent.path_says", {
      first: epochs[0],
      last: epochs[epochs.length - 1],
      share: percent(shares[0] + shares[1]),
      samples,
      parameters,
    });
  }

  at(step) {
    const { epochs } = this.found ?? { epochs: [0] };
    const epoch = epochs[Math.min(step, epochs.length - 1)];
    return t("descent.path_at", { epoch, last: epochs[epochs.length - 1] });
  }

  showStep(step) {
    if (!this.found) return;
    const { path, plane, own } = this.found;
    const upTo = path.slice(0, step + 1);
    const line = { color: strokeColor(LINE), dash: [] };
    this.contour.showPaths([{ ...line, points: upTo.map(([a, b]) => [a, b]) }]);
    this.space.showPaths([{ ...line, points: upTo }], path[0]);
    this.both.textContent = t("descent.path_both", { plane: number(plane[step], 4), own: number(own[step], 4) });
  }

  // The loss at the nearest point that was computed.
  hover(at, event) {
    if (!at || !this.found) {
      hideTip();
      return;
    }
    const { x, y, values } = this.found;
    const place = (v, [low, high]) => Math.round(((v - low) / (high - low)) * (values.length - 1));
    const value = values[place(at.y, y)]?.[place(at.x, x)];
    const lines = [`(${number(at.x)}, ${number(at.y)})`, t("descent.path_here", { value: number(value, 4) })];
    showTip(event.clientX, event.clientY, lines);
  }
}
