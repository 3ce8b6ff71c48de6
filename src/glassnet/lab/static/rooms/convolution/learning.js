// Makes the step with the kernel by hand, once or again and again, and draws how the loss falls.
import { h } from "../../dom.js";
import { t } from "../../i18n.js";
import { CurveView } from "../../views/curve.js";

const PAUSE = 120; // ms between two steps

export class Learning {
  // onstep(): the kernel is another one
  constructor(lab, ask, onstep) {
    Object.assign(this, { lab, ask, onstep });
    this.losses = [];
    this.once = h("button", { type: "button", t: "conv.make_step", onclick: () => this.step() });
    this.button = h("button", { type: "button", class: "main", t: "conv.learn", onclick: () => this.play() });
    this.curve = new CurveView({ label: "play.loss_curve", numbers: false, across: "field.race_step" });
    this.chart = h("div", { class: "learn-chart" }, this.curve.element);
    this.element = h("div", { class: "row" }, this.once, this.button, this.chart);
  }

  show() {
    const { values } = this.lab.state;
    this.element.hidden = values.conv_back_of !== "hand";
    const about = JSON.stringify([values.conv_target, values.conv_source, values.conv_picture, values.conv_drawing]);
    if (about !== this.about) this.losses = [];
    this.about = about;
    this.chart.hidden = this.losses.length < 2;
    this.button.textContent = t(this.playing ? "conv.stop" : "conv.learn");
  }

  async step() {
    const found = await this.ask("learn", {});
    if (!found) {
      this.stop();
      return;
    }
    this.losses.push(found.loss);
    this.chart.hidden = this.losses.length < 2;
    this.curve.show(
      this.losses.map((_, i) => i + 1),
      [{ color: "accent", values: this.losses, says: "play.loss" }],
    );
    this.lab.refresh(); // the fields have changed
    this.onstep();
  }

  play() {
    if (this.playing) {
      this.stop();
      return;
    }
    this.playing = true;
    this.show();
    this.go();
  }

  async go() {
    while (this.playing) {
      await this.step();
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }

  stop() {
    this.playing = false;
    this.button.textContent = t("conv.learn");
  }
}
