// Digits: draw one, and see what the network makes of it; train it; look at its mistakes.
import { h } from "../../dom.js";
import { FirstLayer } from "../../views/firstlayer.js";
import { Answer } from "./answer.js";
import { Gallery } from "./gallery.js";
import { Paper } from "./paper.js";
import { Training } from "./training.js";

const PAUSE = 120; // ms between two looks at a training
const SLOW = 300; // and between two looks at the units; filters are few numbers
const MADE_BY = ["digits_data", "digits_network", "digits_units", "digits_copies", "digits_seed", "digits_run"];
const SHOWN_BY = ["drawing", "digits_base", "digits_about", "digits_way"];
const FILTER = ["mistake_true", "mistake_said"];

class Room {
  constructor(lab) {
    this.lab = lab;
    this.seen = {}; // the fields as they were last shown
    this.paper = new Paper(lab, {
      ondraw: () => this.look(),
      oncommit: () => (this.speaks = true),
      onblank: () => lab.set("digits_base", -1),
    });
    this.answer = new Answer(lab);
    this.training = new Training(lab, {
      train: () => this.act("train"),
      pause: () => this.act("pause"),
      reset: () => this.act("reset"),
    });
    this.units = new FirstLayer();
    this.gallery = new Gallery(lab, (index) => this.drawOn(index));
    this.element = h(
      "div",
      { class: "digits" },
      this.paper.element,
      this.answer.element,
      this.training.element,
      this.units.element,
      this.gallery.element,
    );
  }

  ask(what, args) {
    return this.lab.ask(what, args, "digits");
  }

  // One question about the drawing is on its way at most; the newest drawing is asked next.
  async look() {
    this.stale = true;
    if (this.looking) return;
    this.looking = true;
    while (this.stale) {
      this.stale = false;
      // Behind a convolution what mattered takes longest: while a line grows it comes at every
      // fourth look, so that the bars and the maps follow the pen as they do behind a dense layer.
      this.looks = (this.looks ?? 0) + 1;
      const effect = !this.progress?.filters || !this.paper.line || this.looks % 4 === 0;
      const found = await this.ask("look", { strokes: this.paper.lines, effect });
      if (!found) break;
      this.paper.lay(found.ground, found.side);
      this.answer.show(found);
      this.units.react(found);
      if (this.speaks) this.answer.speak();
      this.speaks = false;
    }
    this.looking = false;
  }

  async act(what) {
    const progress = await this.ask(what);
    if (progress) this.follow(progress);
  }

  // Shows where the training stands, and looks again while it goes on.
  async follow(progress) {
    if (!progress || this.element.hidden) return;
    const last = this.progress;
    this.progress = progress;
    this.training.show(progress);
    const ended = last?.training && !progress.training;
    if (last?.version !== progress.version || ended) {
      this.look();
      const due = progress.filters || performance.now() - this.drawn > SLOW;
      if (!progress.training || due) await this.showUnits();
    }
    if (!progress.training && (ended || last?.version !== progress.version)) await this.showMistakes();
    if (this.progress !== progress) return; // a newer one goes on
    clearTimeout(this.timer);
    if (progress.training) this.timer = setTimeout(async () => this.follow(await this.ask("progress")), PAUSE);
  }

  async showUnits() {
    this.drawn = performance.now();
    const found = await this.ask("units");
    if (found) this.units.show(found);
  }

  async showMistakes() {
    const found = await this.ask("mistakes");
    if (found) this.gallery.show(found, this.progress?.knows ?? false);
  }

  // Everything again: another network.
  async renew() {
    this.progress = undefined;
    const progress = await this.ask("progress");
    if (!progress) return;
    await this.follow(progress);
    await this.showUnits();
    await this.showMistakes();
    this.look();
  }

  drawOn(index) {
    this.paper.lines = [];
    this.lab.set("drawing", []);
    this.lab.set("digits_base", index);
    this.paper.square.focus();
  }

  update() {
    const { values } = this.lab.state;
    if (this.element.hidden || values.drawing === undefined) return;
    const changed = (names) => {
      const text = JSON.stringify(names.map((name) => values[name]));
      const other = this.seen[names[0]] !== text;
      this.seen[names[0]] = text;
      return other;
    };
    const [made, shown, filtered] = [MADE_BY, SHOWN_BY, FILTER].map(changed);
    // While a drawing of ours is on its way, what comes is older than what is on the paper.
    if (shown && !this.lab.flying.has("drawing")) this.paper.show(values.drawing);
    if (made) this.renew();
    else if (shown) this.look();
    if (!made && filtered) this.showMistakes();
  }

  paint() {
    this.paper.draw();
    this.answer.paint();
    this.training.paint();
    this.units.paint();
    this.gallery.paint();
  }
}

function mount(lab) {
  const room = new Room(lab);
  return {
    element: room.element,
    show() {
      lab.want();
      room.seen = {};
      room.update();
    },
    hide: () => clearTimeout(room.timer),
    update: (parts) => parts.values && room.update(),
    language: () => room.paint(),
    theme() {
      room.paper.groundText = undefined; // its ink has another colour
      room.paint();
      room.look();
    },
  };
}

export const room = { name: "digits", mount };
