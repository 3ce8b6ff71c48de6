// The slider of the walk, its phases, and the button that walks by itself.
import { h } from "../../dom.js";
import { t } from "../../i18n.js";
import { stopName } from "./words.js";

const PHASES = ["forward", "loss", "backward", "update"];
const PACE = 1400; // milliseconds at each stop

export class WalkBar {
  constructor(ongo) {
    this.ongo = ongo;
    const button = (key, sign, action, more = {}) =>
      h("button", { type: "button", ta: { "aria-label": key, title: key }, onclick: action, ...more }, sign);
    this.back = button("step.previous", "‹", () => this.move(-1));
    this.on = button("step.next", "›", () => this.move(1));
    this.walk = h("button", { type: "button", class: "main walk", t: "step.walk", onclick: () => this.play() });
    this.phases = h(
      "div",
      { class: "segments", role: "group", ta: { "aria-label": "step.phases" } },
      PHASES.map((phase) =>
        h("button", { type: "button", "data-phase": phase, t: `step.${phase}`, onclick: () => this.goTo(phase) }),
      ),
    );
    this.slider = h("input", {
      type: "range",
      min: 0,
      step: 1,
      ta: { "aria-label": "step.place" },
      oninput: () => {
        this.stopUnless(false);
        this.ongo(Number(this.slider.value));
      },
    });
    this.where = h("output", { class: "faint where" });
    this.element = h(
      "section",
      { class: "walkbar", ta: { "aria-label": "step.place" } },
      this.walk,
      this.phases,
      this.back,
      this.slider,
      this.on,
      this.where,
    );
  }

  show(trace, at) {
    this.trace = trace;
    this.slider.max = String(trace.stops.length - 1);
    this.set(at);
  }

  set(at) {
    this.at = at;
    const stop = this.trace.stops[at];
    this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", stopName(stop, this.trace));
    this.where.textContent = t("step.stop_of", { at: at + 1, of: this.trace.stops.length });
    this.back.disabled = at === 0;
    this.on.disabled = at === this.trace.stops.length - 1;
    for (const button of this.phases.children) {
      button.setAttribute("aria-pressed", String(button.dataset.phase === stop[0]));
    }
  }

  move(by) {
    this.stopUnless(false);
    this.ongo(this.at + by);
  }

  goTo(phase) {
    this.stopUnless(false);
    this.ongo(this.trace.stops.findIndex((stop) => stop[0] === phase));
  }

  // Stop by stop, by itself; at the end it begins again.
  play() {
    if (this.timer) {
      this.stopUnless(false);
      return;
    }
    if (this.at === this.trace.stops.length - 1) this.ongo(0);
    this.timer = setInterval(() => {
      this.ongo(this.at + 1);
      if (this.at >= this.trace.stops.length - 1) this.stopUnless(false);
    }, PACE);
    this.name();
  }

  stopUnless(kept) {
    if (kept) return;
    clearInterval(this.timer);
    this.timer = null;
    this.name();
  }

  name() {
    this.walk.textContent = t(this.timer ? "play.pause" : "step.walk");
  }
}
