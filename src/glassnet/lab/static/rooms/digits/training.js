// The network of the room: what it learns from, how, and how far it has come.
import { h } from "../../dom.js";
import { fixed, percent } from "../../format.js";
import { t } from "../../i18n.js";
import { CurveView } from "../../views/curve.js";

export class Training {
  // on: {train, pause, reset}
  constructor(lab, on) {
    this.lab = lab;
    this.on = on;
    this.about = h("p", { class: "faint about" });
    this.layers = h("p", { class: "faint about-layers" });
    this.missing = h("p", { class: "note", t: "digits.missing" });
    this.run = h(
      "div",
      { class: "run-note" },
      (this.runName = h("p", {})),
      h("button", {
        type: "button",
        class: "small",
        t: "digits.own_network",
        onclick: () => lab.set("digits_run", ""),
      }),
    );
    this.data = lab.control("digits_data");
    this.fresh = [
      this.data,
      lab.control("digits_network"),
      lab.control("digits_units", { when: (v) => v.digits_network === "dense" || v.digits_run !== "" }),
      lab.control("digits_copies", { when: (v) => v.digits_data === "digits" }),
    ];
    this.play = h("button", {
      type: "button",
      class: "main play",
      onclick: () => (this.training ? on.pause() : on.train()),
    });
    this.reset = h("button", { type: "button", t: "digits.reset", onclick: on.reset });
    this.diverged = h("p", { class: "note", role: "status", t: "digits.diverged", hidden: true });
    this.numbers = h("output", { class: "numbers" });
    this.curve = new CurveView({ label: "digits.curve", y: [0, 1], percent: true });
    this.loss = new CurveView({ label: "play.loss_curve", numbers: false });
    this.status = h("span", { class: "unseen", role: "status" });
    const line = (kind, key) => h("span", { class: `line ${kind}` }, h("i", {}), h("span", { t: key }));
    this.element = h(
      "section",
      { class: "training", "aria-labelledby": "training-title" },
      h("h2", { id: "training-title", t: "digits.network" }),
      this.run,
      h("div", { class: "pair" }, this.fresh[0], this.fresh[1]),
      this.about,
      this.missing,
      h("div", { class: "pair" }, this.fresh[2], this.layers, lab.control("digits_epochs")),
      h("div", { class: "pair" }, lab.control("digits_rate"), lab.control("digits_seed", { plain: true })),
      this.fresh[3],
      h("div", { class: "row" }, this.play, this.reset, this.status),
      this.diverged,
      this.numbers,
      h("div", { class: "legend" }, line("train", "play.training"), line("test", "play.test")),
      h("div", { class: "chart" }, h("h3", { class: "within", t: "play.loss" }), this.loss.element),
      h("div", { class: "chart last" }, h("h3", { class: "within", t: "play.accuracy" }), this.curve.element),
    );
  }

  get training() {
    return this.progress?.training ?? false;
  }

  // progress: the answer of that name
  show(progress) {
    const changed = this.progress?.training !== progress.training;
    this.progress = progress;
    const { run, n_train: train, n_test: test, parameters } = progress;
    this.run.hidden = !run;
    this.runName.textContent = t("digits.run", { name: run });
    for (const control of this.fresh) control.classList.toggle("off", Boolean(run));
    this.missing.hidden = !progress.missing;
    this.data.querySelector("option[value=mnist]").disabled = !progress.mnist;
    this.data.title = progress.mnist ? "" : t("digits.missing");
    this.about.textContent = train
      ? t(`digits.about_${progress.data}`, { train, test, parameters })
      : t("digits.no_pictures");
    this.layers.hidden = Boolean(run) || !progress.filters;
    this.layers.textContent = t(`digits.layers_${progress.data}`);
    this.diverged.hidden = progress.stopped !== "diverged";
    this.play.disabled = !train;
    this.play.textContent = t(
      progress.training ? "digits.pause" : progress.epoch || run ? "digits.train_on" : "digits.train",
    );
    this.reset.disabled = !train;
    if (!train) return;
    this.numbers.replaceChildren(
      ...[
        ["play.epoch_number", epochs(progress)],
        ["play.loss_both", `${fixed(progress.measured.loss)} / ${fixed(progress.measured.test_loss)}`],
        ["digits.test_accuracy", percent(progress.measured.test_accuracy)],
      ].map(([key, words]) => h("span", { class: "number" }, h("span", { class: "faint", t: key }), h("b", {}, words))),
    );
    const [at, ...series] = progress.curves;
    const pair = (i) => [
      { color: "ink", values: numbers(series[i]), says: "play.training" },
      { color: "accent", dash: [5, 3], values: numbers(series[i + 1]), says: "play.test" },
    ];
    this.loss.show(at, pair(0));
    this.curve.show(at, pair(2));
    if (changed && this.told !== undefined) {
      this.status.textContent = t(progress.training ? "play.is_playing" : "play.is_paused", { epoch: progress.epoch });
    }
    this.told = progress.training;
  }

  paint() {
    this.loss.draw();
    this.curve.draw();
    if (this.progress) this.show(this.progress);
  }
}

const numbers = (values) => values.map((v) => v ?? NaN);

// Of a slow one also how much of the epoch under way is done.
const epochs = ({ epoch, share, seconds }) =>
  share && !(seconds < 1) ? `${epoch} + ${t("number.percent", { share: Math.floor(100 * share) })}` : String(epoch);
