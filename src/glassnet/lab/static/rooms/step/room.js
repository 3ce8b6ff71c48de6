// One step: the playground's network makes one training step, and every number of it is shown:
// forward, the loss, backward, the update. The server explains; this room walks.
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { t } from "../../i18n.js";
import { KeyView } from "../../views/key.js";
import { WalkNet } from "../../views/walknet.js";
import { Checks } from "./checks.js";
import { Numbers } from "./numbers.js";
import { SampleBar } from "./samplebar.js";
import { Story } from "./story.js";
import { WalkBar } from "./walkbar.js";
import { setLayers } from "./words.js";

class StepRoom {
  constructor(lab) {
    this.lab = lab;
    this.at = 0;
    this.row = 0;
    this.trace = null;
    this.samples = new SampleBar(lab, (column, value) => this.setInput(column, value));
    this.net = new WalkNet(
      {
        unit: (column, unit) => this.find({ column, unit }),
        line: (column, unit, to) => this.find({ column, unit, to }),
      },
      "step.network",
    );
    this.key = new KeyView("−", "+");
    this.keyWords = h("span", { class: "faint" });
    this.bar = new WalkBar((at) => this.go(at));
    this.asked = 0; // the stop that was sent last, or that came from elsewhere since
    this.mine = new Set(); // stops that were sent and are not yet answered
    this.numbers = new Numbers({
      row: (row) => this.go(this.at, row),
      go: (at, row) => this.go(at, row),
      weight: (index, value) => this.setWeight(index, value),
      input: (column, value) => this.setInput(column, value),
    });
    this.story = new Story(lab, (sample) => this.choose(sample));
    this.numbers.element.querySelector(".detail").prepend(this.story.element);
    this.checks = new Checks(lab, () => this.makeStep());
    this.title = h("h2", { id: "step-title" });
    this.whose = h("div", { class: "row whose" });
    this.refused = h("p", { class: "refused", role: "status", t: "shell.busy" });
    this.left = h(
      "section",
      { class: "step-net", "aria-labelledby": "step-title" },
      h("div", { class: "step-top" }, this.title, h("div", { class: "row" }, this.keyWords, this.key.element)),
      this.whose,
      this.samples.element,
      this.net.element,
      this.refused,
    );
    this.element = h(
      "div",
      { class: "step refusing" },
      this.left,
      this.numbers.element,
      this.bar.element,
      this.checks.element,
    );
    this.element.inert = true; // until there is a step to walk through
    document.addEventListener("keydown", (event) => this.element.hidden || this.element.inert || this.keys(event));
  }

  // ---- asking ----

  // Everything again: other samples, weights, mistakes; the walk stays where it is.
  async renew() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    let why = "";
    const trace = await this.lab.ask("trace", {}, "step", (words) => (why = words));
    if (turn !== this.turn) return;
    this.refused.hidden = Boolean(trace);
    this.element.classList.toggle("refusing", !trace);
    this.name(trace);
    if (!trace) {
      this.refused.textContent = why || t("step.refused");
      return;
    }
    this.trace = trace;
    setLayers(trace.layers);
    this.element.inert = false;
    this.at = Math.min(this.asked, trace.stops.length - 1);
    this.samples.show(trace);
    this.net.show(trace.columns);
    this.bar.show(trace, this.at);
    this.checks.show(trace);
    await this.look();
  }

  // Whose step it is; of a saved run also the way back, and which network of an ensemble.
  name(trace) {
    const { step_run: run, step_member: member } = this.lab.state.values;
    this.title.textContent = run ? t("step.run_title", { name: run }) : t("step.network_title");
    this.whose.hidden = !run;
    if (!run) return;
    const parts = [];
    if (trace?.data) parts.push(h("span", { class: "faint" }, t("step.run_data", { data: trace.data })));
    if (trace?.members) {
      const choose = h("select", {
        ta: { "aria-label": "field.step_member" },
        onchange: () => this.lab.set("step_member", Number(choose.value)),
      });
      const names = Array.from({ length: trace.members }, (_, i) =>
        h("option", { value: i }, t("model.member", { member: i + 1, members: trace.members })),
      );
      choose.append(...names);
      choose.value = String(Math.min(member, trace.members - 1));
      parts.push(choose);
    }
    const back = h("button", {
      type: "button",
      class: "small",
      onclick: () => this.lab.set("step_run", ""),
    });
    back.textContent = t("step.run_back");
    this.whose.replaceChildren(...parts, back);
  }

  async look() {
    const turn = (this.looks = (this.looks ?? 0) + 1);
    const found = await this.lab.ask("look", { at: this.at, row: this.row }, "step");
    if (!found || turn !== this.looks) return;
    if (found.version !== this.trace?.version) {
      this.renew();
      return;
    }
    this.row = found.row;
    const [phase, layer, unit] = this.trace.stops[found.at];
    this.story.element.hidden = found.at > 0; // it comes before the numbers
    this.net.light(found.at, phase, found.lit);
    this.nameKey();
    this.bar.set(found.at);
    this.numbers.show(found, { phase, layer, unit, about: this.trace.layers[layer], trace: this.trace });
    if (!found.at && this.story.trace !== this.trace) this.story.show(this.trace); // asks: after the numbers
  }

  // What the circles show, from where to where.
  nameKey() {
    const way = this.net.back ? "backward" : "forward";
    const end = number(this.trace.scales[way], 2);
    this.key.label(`−${end}`, end);
    this.keyWords.textContent = t(`step.key_${way}`);
  }

  // ---- going ----

  go(at, row = 0) {
    if (!this.trace) return;
    this.at = Math.max(0, Math.min(this.trace.stops.length - 1, at));
    this.row = row;
    this.bar.set(this.at);
    if (this.at !== this.asked) {
      // what the server says may be of an earlier stop
      this.asked = this.at;
      this.mine.add(this.at);
      this.lab.set("step_at", this.at);
    }
    this.look();
  }

  // A sample by its number: the first of the batch, and the one that is shown.
  choose(sample) {
    this.lab.set("step_sample", 0);
    this.lab.set("step_first", sample);
  }

  async find(place) {
    const [phase] = this.trace.stops[this.at];
    const found = await this.lab.ask("find", { phase, ...place }, "step");
    if (found && found.at !== null) this.go(found.at, found.row);
  }

  // ---- trying other numbers ----

  async setWeight(index, value) {
    await this.lab.do("set_weight", { index, value });
    this.renew();
  }

  async setInput(column, value) {
    await this.lab.ask("set_input", value === null ? {} : { column, value }, "step");
    this.renew();
  }

  async makeStep() {
    await this.lab.ask("make_step", {}, "step");
    this.renew();
  }

  // Left and right walk, up and down choose a number, space walks by itself.
  keys(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, [popover], [role=tablist], dialog")) return;
    const pressed = event.target.closest("button, summary") && event.key === " ";
    const steps = {
      ArrowRight: () => this.go(this.at + 1),
      ArrowLeft: () => this.go(this.at - 1),
      ArrowDown: () => this.go(this.at, this.numbers.beside(this.row, 1)),
      ArrowUp: () => this.go(this.at, this.numbers.beside(this.row, -1)),
      " ": () => this.bar.play(),
    };
    if (!(event.key in steps) || pressed) return;
    event.preventDefault();
    this.bar.stopUnless(event.key === " ");
    steps[event.key]();
  }

  // ---- what main.js calls ----

  show() {
    if (this.lab.playing) this.lab.do("pause");
    this.lab.want();
    this.shown = true;
    this.asked = this.lab.state.values.step_at;
    this.key.draw();
    this.renew();
  }

  hide() {
    this.shown = false;
    this.bar.stopUnless(false);
  }

  update(parts) {
    if (!this.shown || !(parts.values || parts.structure || parts.data)) return;
    const { values } = this.lab.state;
    const about = JSON.stringify([
      values.step_first,
      values.step_batch,
      values.step_sample,
      values.mistakes,
      values.step_run,
      values.step_member,
    ]);
    // News of an earlier stop may come late: only somebody else's stop is followed.
    if (values.step_at === this.asked) this.mine.clear();
    const own = this.mine.has(values.step_at) || this.lab.flying.has("step_at");
    const moved = values.step_at !== this.asked && !own;
    if (moved) this.asked = values.step_at;
    if (parts.structure || parts.data || about !== this.about) {
      this.about = about;
      this.renew();
    } else if (moved) this.go(values.step_at);
  }

  again() {
    this.key.draw();
    if (!this.trace) return;
    this.name(this.trace);
    this.samples.show(this.trace);
    this.bar.show(this.trace, this.at);
    this.checks.show(this.trace);
    this.story.trace = null; // in the new language
    this.net.draw();
    this.look();
  }
}

function mount(lab) {
  const room = new StepRoom(lab);
  return {
    element: room.element,
    show: () => room.show(),
    hide: () => room.hide(),
    update: (parts) => room.update(parts),
    language: () => room.again(),
    theme: () => room.again(),
  };
}

export const room = { name: "step", mount };
