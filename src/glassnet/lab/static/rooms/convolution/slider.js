// Moves the window by itself, place after place, or one place at a time.
import { h } from "../../dom.js";
import { t } from "../../i18n.js";

export class Slider {
  // on: {at(), count(), go(at, ends)}
  constructor(lab, on) {
    Object.assign(this, { lab, on });
    this.playing = false;
    const button = (key, action, more = {}) => h("button", { type: "button", t: key, onclick: action, ...more });
    this.button = button("conv.slide", () => this.play(), { class: "main" });
    this.back = h("button", {
      type: "button",
      ta: { "aria-label": "conv.back" },
      onclick: () => this.step(-1),
    });
    this.forth = h("button", {
      type: "button",
      ta: { "aria-label": "conv.forth" },
      onclick: () => this.step(1),
    });
    this.back.append("‹");
    this.forth.append("›");
    this.where = h("span", { class: "faint where" });
    this.element = h(
      "div",
      { class: "row slide-bar" },
      this.button,
      this.back,
      this.forth,
      lab.control("conv_speed", { compact: true }),
      this.where,
    );
  }

  play() {
    if (this.playing) {
      this.stop();
      return;
    }
    this.playing = true;
    if (this.on.at() >= this.on.count() - 1) this.on.go(0, false);
    this.button.textContent = t("conv.stop");
    this.tick();
  }

  tick() {
    this.timer = setTimeout(() => {
      if (this.on.at() >= this.on.count() - 1) {
        this.stop();
        return;
      }
      this.on.go(this.on.at() + 1, false);
      this.tick();
    }, 1000 / Number(this.lab.state.values.conv_speed));
  }

  stop() {
    if (!this.playing) return;
    clearTimeout(this.timer);
    this.playing = false;
    this.button.textContent = t("conv.slide");
    this.on.go(this.on.at(), true);
  }

  step(way) {
    this.stop();
    const count = this.on.count();
    this.on.go((this.on.at() + way + count) % count, true);
  }

  show() {
    this.button.textContent = t(this.playing ? "conv.stop" : "conv.slide");
    this.where.textContent = t("conv.place_of", { at: this.on.at() + 1, count: this.on.count() });
  }
}
