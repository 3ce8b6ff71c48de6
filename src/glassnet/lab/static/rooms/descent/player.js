// Walks through the steps of the race: play, pause, one step to and fro, a slider.
import { h, unique } from "../../dom.js";
import { t } from "../../i18n.js";

const END = 500; // as a field: whatever the last step is

export class Player {
  // draw(step) shows the paths as far as that; words(step, last): how a step is called
  constructor(lab, draw, words) {
    this.lab = lab;
    this.draw = draw;
    this.called = words;
    this.last = 0;
    this.step = 0;
    const id = unique("step");
    const button = (key, call, words) =>
      h("button", { type: "button", class: "one-step", ta: { "aria-label": key, title: key }, onclick: call }, words);
    this.play = h("button", { type: "button", class: "main play", t: "descent.play", onclick: () => this.toggle() });
    this.range = h("input", {
      id,
      type: "range",
      min: 0,
      max: 0,
      step: 1,
      ta: { "aria-label": "field.race_step" },
      oninput: () => this.go(Number(this.range.value)),
    });
    this.words = h("output", { class: "step-words", for: id });
    this.element = h(
      "div",
      { class: "player" },
      this.play,
      button("descent.back", () => this.go(this.step - 1), "‹"),
      button("descent.forth", () => this.go(this.step + 1), "›"),
      this.range,
      this.words,
      lab.control("race_speed", { compact: true }),
    );
  }

  // A race of so many steps.
  take(last) {
    const eager = this.eager; // Play was pressed before there was anything to play
    this.eager = false;
    this.there = true;
    this.drawn = false; // other paths
    this.last = last;
    this.range.max = last;
    this.pause();
    this.set(Math.min(this.lab.state.values.race_step, last));
    if (eager) this.toggle();
  }

  update() {
    if (this.playing) return;
    const wanted = Math.min(this.lab.state.values.race_step, this.last);
    if (!this.lab.flying.has("race_step") && wanted !== this.step) this.set(wanted);
  }

  toggle() {
    if (!this.there) {
      this.eager = !this.eager;
      this.say();
      return;
    }
    if (this.playing) {
      this.pause();
      this.keep();
      return;
    }
    const from = this.step >= this.last ? 0 : this.step;
    const began = performance.now();
    const walk = (now) => {
      const gone = Math.floor(((now - began) / 1000) * Number(this.lab.state.values.race_speed));
      this.set(Math.min(this.last, from + Math.max(0, gone)));
      if (this.step >= this.last) {
        this.pause();
        this.keep();
      } else this.playing = requestAnimationFrame(walk);
    };
    this.playing = requestAnimationFrame(walk);
    this.say();
  }

  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.say();
  }

  // By hand: to a step, and there it stays.
  go(step) {
    this.pause();
    this.set(Math.max(0, Math.min(this.last, step)));
    this.keep();
  }

  keep() {
    this.lab.set("race_step", this.step >= this.last ? END : this.step);
  }

  set(step) {
    if (step === this.step && this.drawn) return;
    this.step = step;
    this.again();
  }

  again() {
    this.drawn = true;
    this.range.value = this.step;
    this.say();
    this.draw(this.step);
  }

  say() {
    const key = this.playing || this.eager ? "descent.pause" : "descent.play";
    this.play.textContent = t(key);
    this.words.textContent = this.called(this.step, this.last);
    this.range.setAttribute("aria-valuetext", this.words.textContent);
  }

  // Space plays, "," and "." make one step, wherever no control has them.
  key(event) {
    if (event.target.closest("input, select, button:not(.handle), [popover]") || event.ctrlKey || event.metaKey) return;
    const calls = { " ": () => this.toggle(), ",": () => this.go(this.step - 1), ".": () => this.go(this.step + 1) };
    if (!(event.key in calls)) return;
    event.preventDefault();
    calls[event.key]();
  }
}
