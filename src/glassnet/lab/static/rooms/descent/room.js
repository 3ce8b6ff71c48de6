// Descent: a surface from above and in space, and optimizers that race down on it.
import { Asker } from "../../asker.js";
import { h } from "../../dom.js";
import { number, tick } from "../../format.js";
import { t } from "../../i18n.js";
import { hideTip, showTip } from "../../tooltip.js";
import { ContourView } from "../../views/contour.js";
import { strokeColor, strokeDash } from "../../views/strokes.js";
import { Surface } from "../../views/surface.js";
import { Around } from "./around.js";
import { Player } from "./player.js";
import { RacerTable } from "./racers.js";
import { SurfaceBar } from "./surfacebar.js";

const SURFACE = ["surface", "surface_formula", "surface_reach", "log_height"];
const RACE = [...SURFACE, "race"]; // and the start
const REST = 150; // milliseconds after which a start that was dragged is kept

class DescentRoom {
  constructor(lab) {
    this.lab = lab;
    this.bar = new SurfaceBar(
      lab,
      (fields) => this.choose(fields),
      () => this.keepStart(),
    );
    this.contour = new ContourView({
      label: "descent.contours",
      handle: "descent.start",
      onmove: (x, y) => this.move(x, y),
      onhover: (at, event) => this.hover(at, event),
    });
    this.space = new Surface({
      label: "descent.space",
      onturn: (turn, tilt) => {
        lab.set("view_turn", Number(turn.toFixed(2)));
        lab.set("view_tilt", Number(tilt.toFixed(2)));
      },
    });
    this.player = new Player(
      lab,
      (step) => this.showStep(step),
      (step, last) => (this.around?.on ? this.around.at(step) : t("descent.step_of", { step, last })),
    );
    this.around = new Around(lab, this);
    this.table = new RacerTable(lab);
    this.element = h(
      "div",
      { class: "descent" },
      this.bar.element,
      h(
        "section",
        { class: "views", ta: { "aria-label": "descent.views" } },
        pane(this.contour, "descent.above_hint"),
        pane(this.space, "descent.space_hint"),
      ),
      h(
        "section",
        { class: "race", ta: { "aria-label": "field.race" } },
        this.player.element,
        this.table.element,
        this.around.element,
      ),
    );
    // what is drawn now is drawn on while a formula cannot be
    const instead = () => ({ instead: this.surface?.text });
    this.land = new Asker(lab, "descent", "surface", (found) => this.takeLand(found), instead);
    this.race = new Asker(
      lab,
      "descent",
      "race",
      (found) => this.takeRace(found),
      () => ({ ...instead(), x: this.start[0], y: this.start[1] }),
    );
    this.keys = {};
    document.addEventListener("keydown", (event) => this.element.closest("[hidden]") || this.player.key(event));
  }

  show() {
    this.lab.want();
    this.drawnLog = undefined; // the network may have learned since
    this.update({ values: true });
  }

  update(parts) {
    if (!parts.values || this.choosing || this.element.closest("[hidden]")) return;
    const { values } = this.lab.state;
    this.bar.update();
    this.table.draw();
    this.player.update();
    const turning = this.space.grabbed || ["view_turn", "view_tilt"].some((name) => this.lab.flying.has(name));
    if (!turning) this.space.look(values.view_turn, values.view_tilt);
    if (this.contour.arrows !== values.arrows) {
      this.contour.arrows = values.arrows;
      this.contour.draw();
    }
    if (this.ofNetwork()) return;
    if (!this.dragged) this.putStart([values.start_x, values.start_y]);
    this.inquire(this.land, SURFACE);
    this.inquire(this.race, RACE, this.start);
  }

  // Whether the picture is that of the playground's network; dresses the room for it.
  ofNetwork() {
    const { surface, log_height: log } = this.lab.state.values;
    const on = surface === "network";
    if (on !== Boolean(this.around.on)) {
      this.element.classList.toggle("of-network", on);
      this.around.dress(on);
      this.keys = {}; // whatever was drawn is not there any more
      this.drawnLog = undefined;
    }
    if (on && this.drawnLog !== log) {
      this.around.compute(this.drawnLog === undefined);
      this.drawnLog = log;
    }
    return on;
  }

  // Asks again if one of these fields, or something else, is not as it was at the last question.
  inquire(asker, fields, more) {
    const key = JSON.stringify([fields.map((name) => this.lab.state.values[name]), more]);
    if (this.keys[asker.what] === key) return;
    this.keys[asker.what] = key;
    asker.ask();
  }

  // Several fields at once; the questions wait for the last.
  async choose(fields) {
    this.choosing = true;
    this.player.pause();
    await Promise.all(Object.entries(fields).map(([field, value]) => this.lab.send({ t: "set", field, value })));
    this.choosing = false;
    this.update({ values: true });
  }

  // The start while it is dragged: the page has it at once, the paths follow as fast as they
  // come, and the fields get it when the hand rests.
  move(x, y) {
    if (this.around.on) return;
    this.dragged = true;
    this.putStart([x, y].map((v) => Number(v.toFixed(this.places))));
    this.inquire(this.race, RACE, this.start);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.keepStart(), REST);
  }

  async keepStart() {
    if (!this.dragged) return;
    clearTimeout(this.resting);
    const { start } = this;
    await this.choose({ start_x: start[0], start_y: start[1] });
    if (start === this.start) this.dragged = false; // it did not go on meanwhile
  }

  putStart([x, y]) {
    this.start = [x, y];
    this.bar.showStart(this.start);
    this.contour.hold(this.start, t("descent.start_at", { x: tick(x), y: tick(y) }));
  }

  // Digits behind the point that tell places of the picture apart.
  get places() {
    const [low, high] = this.surface?.x ?? [-10, 10];
    return Math.max(0, 3 - Math.floor(Math.log10(high - low)));
  }

  takeLand(found) {
    if (this.around.on) return;
    this.bar.take(found);
    if (this.surface && found.problem) return; // it is drawn already
    this.surface = found;
    this.contour.show(found);
    this.space.show({ x: found.x, y: found.y, z: found.space });
  }

  takeRace(found) {
    if (this.around.on) return;
    this.bar.takeRace(found);
    this.runs = found.runs;
    this.table.take(this.runs, this.places);
    this.player.take(Math.max(0, ...this.runs.map((run) => run.path.length - 1)));
  }

  // Every path as far as this step.
  showStep(step) {
    if (this.around.on) {
      this.around.showStep(step);
      return;
    }
    if (!this.runs) return;
    const upTo = (run, rows) => rows.slice(0, Math.min(step, run.path.length - 1) + 1);
    const line = (k) => ({ color: strokeColor(k), dash: strokeDash(k) });
    this.contour.showPaths(this.runs.map((run, k) => ({ ...line(k), points: upTo(run, run.path) })));
    this.space.showPaths(
      this.runs.map((run, k) => ({ ...line(k), points: upTo(run, run.path).map(([a, b], i) => [a, b, run.space[i]]) })),
      this.runs.length ? [...this.runs[0].path[0], this.runs[0].space[0]] : null,
    );
    this.table.showStep(step);
  }

  // f and its gradient under the pointer; one question at a time.
  async hover(at, event) {
    if (this.around.on) {
      this.around.hover(at, event);
      return;
    }
    this.pointed = at && [at, event.clientX, event.clientY];
    if (!at) {
      hideTip();
      return;
    }
    if (this.asking) return;
    this.asking = true;
    const [{ x, y }] = this.pointed;
    const found = await this.lab.ask("here", { x, y, instead: this.surface?.text }, "descent");
    this.asking = false;
    if (!this.pointed || !found) return;
    const lines = [`(${number(x)}, ${number(y)})`, `f = ${number(found.value, 4)}`];
    if (found.gradient) lines.push(`∇f = (${found.gradient.map((g) => number(g)).join(", ")})`);
    showTip(this.pointed[1], this.pointed[2], lines);
  }

  language() {
    this.bar.language();
    if (this.runs) this.table.take(this.runs);
    this.around.dress(this.around.on);
    this.around.say();
    this.update({ values: true });
    this.player.again(); // "At step 12" as well
  }

  theme() {
    this.table.paint();
    this.contour.draw();
    this.space.draw();
    this.player.again();
  }
}

// A view with what there is to know about it.
const pane = (view, key) => h("div", { class: "pane" }, view.element, h("p", { class: "faint hint", t: key }));

export const room = {
  name: "descent",
  mount(lab) {
    const made = new DescentRoom(lab);
    return {
      element: made.element,
      show: () => made.show(),
      hide: () => made.player.pause(),
      update: (parts) => made.update(parts),
      language: () => made.language(),
      theme: () => made.theme(),
    };
  },
};
