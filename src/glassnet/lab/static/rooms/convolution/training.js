// The training of the room's network: play, one batch, and where it stands.
import { h } from "../../dom.js";
import { fixed, percent } from "../../format.js";
import { t } from "../../i18n.js";
import { CurveView } from "../../views/curve.js";

export class Training {
  // act(what): a question of that name changes how it trains
  constructor(lab, act) {
    this.lab = lab;
    const button = (key, action, more = {}) => h("button", { type: "button", t: key, onclick: action, ...more });
    this.play = button("play.play", () => act(this.training ? "pause" : "play"), { class: "main play" });
    this.batch = button("play.batch", () => act("batch"));
    this.reset = button("digits.reset", () => act("reset"));
    this.run = h(
      "div",
      { class: "run-note" },
      (this.runName = h("p", {})),
      button("digits.own_network", () => lab.set("conv_run", ""), { class: "small" }),
    );
    this.numbers = h("output", { class: "numbers" });
    this.status = h("span", { class: "unseen", role: "status" });
    this.about = h("p", { class: "faint" });
    this.missing = h("p", { class: "note", t: "digits.missing", hidden: true });
    this.diverged = h("p", { class: "note", role: "status", t: "digits.diverged", hidden: true });
    this.loss = new CurveView({ label: "play.loss_curve", numbers: false });
    this.curve = new CurveView({ label: "play.accuracy_curve", y: [0, 1], percent: true });
    this.bar = h(
      "div",
      { class: "row train-bar" },
      this.play,
      this.batch,
      this.reset,
      lab.control("conv_pace", { compact: true }),
      lab.control("conv_rate"),
      lab.control("conv_seed", { plain: true }),
      this.status,
    );
    const line = (kind, key) => h("span", { class: `line ${kind}` }, h("i", {}), h("span", { t: key }));
    this.charts = h(
      "div",
      { class: "train-charts" },
      this.run,
      this.about,
      this.missing,
      this.diverged,
      h("div", { class: "legend" }, line("train", "play.training"), line("test", "play.test")),
      h("div", { class: "chart" }, h("h2", { class: "within", t: "play.loss" }), this.loss.element),
      h("div", { class: "chart last" }, h("h2", { class: "within", t: "play.accuracy" }), this.curve.element),
    );
  }

  get training() {
    return this.progress?.training ?? false;
  }

  // progress: the answer of that name
  show(progress) {
    const changed = this.progress?.training !== progress.training;
    this.progress = progress;
    const { run, can } = progress;
    this.run.hidden = !run;
    this.runName.textContent = t("digits.run", { name: run });
    this.missing.hidden = !progress.missing;
    this.diverged.hidden = progress.stopped !== "diverged";
    for (const one of [this.play, this.batch, this.reset]) one.disabled = !can;
    this.play.textContent = t(progress.training ? "play.pause" : "play.play");
    this.about.textContent = can
      ? t("conv.about_network", { ...progress, train: progress.n_train, test: progress.n_test })
      : t("digits.no_pictures");
    if (!can) return;
    const [epochs, ...series] = progress.curves;
    const values = (i) => series[i].map((v) => v ?? NaN);
    const pair = (i) => [
      { color: "ink", values: values(i), says: "play.training" },
      { color: "accent", dash: [5, 3], values: values(i + 1), says: "play.test" },
    ];
    this.loss.show(epochs, pair(0));
    this.curve.show(epochs, pair(2));
    if (changed && this.told !== undefined)
      this.status.textContent = t(progress.training ? "play.is_playing" : "play.is_paused", { epoch: progress.epoch });
    this.told = progress.training;
  }

  // The numbers of a frame's status.
  frame(status) {
    const parts = [
      ["play.epoch_number", `${status.epoch}${status.batch ? ` + ${status.batch}` : ""}`],
      ["play.loss_both", `${fixed(status.loss)} / ${fixed(status.test_loss)}`],
      ["digits.test_accuracy", percent(status.test_accuracy)],
    ];
    if (!this.cells) {
      this.cells = parts.map(([key]) => [h("span", { class: "faint", t: key }), h("b", {})]);
      this.numbers.replaceChildren(...this.cells.map((pair) => h("span", { class: "number" }, pair)));
    }
    parts.forEach(([, words], i) => {
      if (this.cells[i][1].textContent !== words) this.cells[i][1].textContent = words;
    });
  }

  paint() {
    this.loss.draw();
    this.curve.draw();
    if (this.progress) this.show(this.progress);
  }
}
