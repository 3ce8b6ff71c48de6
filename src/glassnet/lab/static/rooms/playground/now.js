// The line below the controls: what happens while it learns, and what to try next.
import { h } from "../../dom.js";
import { number, percent } from "../../format.js";
import { showWord } from "../../glossary.js";
import { language, t } from "../../i18n.js";

const EVERY = 500; // milliseconds between two sentences while it learns
const SOLVED = 0.99; // of the training samples; of the test samples a little less
const LADDER = ["vertical", "moons", "xor", "circles", "spiral"]; // from easy to hard

export class Now {
  constructor(lab) {
    this.lab = lab;
    this.words = h("p", {});
    this.next = h("div", { class: "next" });
    this.element = h("div", { class: "now" }, this.words, this.next);
    this.told = 0;
  }

  frame(status) {
    this.last = status;
    const playing = status.playing > 0;
    const now = performance.now();
    if (playing && now - this.told < EVERY) return;
    this.told = now;
    const solved = status.accuracy >= SOLVED && status.test_accuracy >= SOLVED - 0.03;
    const state = status.steps === 0 ? "begin" : solved ? "solved" : playing ? "learning" : "paused";
    this.write(this.sentence(state, status));
    const hidden = this.lab.state.values.hide.join();
    const key = `${state} ${this.lab.state.values.data} ${hidden} ${language()}`;
    if (key === this.key) return; // its buttons stay what is being clicked
    this.key = key;
    this.next.replaceChildren(...this.buttons(state));
  }

  write(words) {
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  sentence(state, status) {
    if (state === "begin") return t("play.hint_begin");
    if (state === "paused") return t("play.hint_next");
    const share = percent(status.accuracy);
    if (state === "solved") return t("play.now_solved", { epoch: status.epoch, share });
    const values = { epoch: status.epoch, share, loss: number(status.loss, 3) };
    if (!Number.isFinite(status.accuracy)) return t("play.now_values", values);
    return t(status.epoch % 40 < 20 ? "play.now_learning" : "play.now_lines", values);
  }

  // What to try: as buttons, none of what the link hides.
  buttons(state) {
    const { lab } = this;
    const { values } = lab.state;
    const may = (field) => !values.hide.includes(field);
    const button = (key, action) => h("button", { type: "button", class: "small", onclick: action }, key);
    if (state !== "solved") return [];
    const harder = LADDER[LADDER.indexOf(values.data) + 1] ?? "spiral";
    const noise = Math.min(1, Math.round((values.noise + 0.1) * 20) / 20);
    return [
      may("data") && values.data !== harder
        ? button(t("play.try_data", { name: t(`choice.data.${harder}`) }), () => lab.set("data", harder))
        : may("noise") && button(t("play.try_noise", { noise }), () => lab.set("noise", noise)),
      may("layers") && values.layers.length
        ? button(t("play.try_fewer"), () => lab.set("layers", [[2, ...values.layers[0].slice(1)]]))
        : null,
      button(t("play.try_step"), () => showWord(lab, "gradient")),
    ].filter(Boolean);
  }

  language() {
    this.key = undefined;
    this.told = 0;
    if (this.last) this.frame(this.last);
  }
}
