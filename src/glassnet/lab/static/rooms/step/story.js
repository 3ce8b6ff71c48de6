// What the step is about, before its numbers: this sample, what the network says of it and the
// loss; and a nudge, one weight changed by a little, whose ratio is the gradient.
import { classColor, ink, signedColor } from "../../colors.js";
import { h, sharpen } from "../../dom.js";
import { number, percent } from "../../format.js";
import { t } from "../../i18n.js";
import { mark } from "../../views/shapes.js";
import { layerName } from "./words.js";

const SIDE = 132;
const WAYS = ["step.nudge_up", "step.nudge_flat", "step.nudge_down"]; // of the step, by the gradient's sign
const STEPS = [0.1, 0.01, 0.001];

export class Story {
  // ongo(sample): another one is to be shown
  constructor(lab, ongo) {
    this.lab = lab;
    this.ongo = ongo;
    this.by = STEPS[0];
    this.canvas = h("canvas", { role: "img", ta: { "aria-label": "step.story_map" }, width: SIDE, height: SIDE });
    this.says = h("div", { class: "story-says" });
    this.weight = h("select", {
      id: "nudge-weight",
      onchange: () => this.nudge({ index: Number(this.weight.value) }),
    });
    this.size = h(
      "select",
      { id: "nudge-by", onchange: () => this.nudge({ by: Number(this.size.value) * Math.sign(this.by) }) },
      STEPS.map((step) => h("option", { value: step }, String(step))),
    );
    const press = (sign, key, label) =>
      h(
        "button",
        { type: "button", ta: { "aria-label": key }, onclick: () => this.nudge({ by: sign * Math.abs(this.by) }) },
        label,
      );
    this.result = h("div", { class: "nudge-result", role: "status" });
    const label = (id, key) => h("label", { class: "faint", for: id, t: key });
    this.element = h(
      "section",
      { class: "story", ta: { "aria-label": "step.story" } },
      this.canvas,
      h(
        "div",
        {},
        this.says,
        h("button", { type: "button", class: "small", t: "step.hardest", onclick: () => this.hardest() }),
      ),
      h(
        "div",
        { class: "nudge" },
        h("h3", { t: "step.nudge" }),
        h(
          "div",
          { class: "row" },
          label("nudge-weight", "step.nudge_weight"),
          this.weight,
          label("nudge-by", "step.nudge_by"),
          this.size,
          press(-1, "step.nudge_less", "−"),
          press(1, "step.nudge_more", "+"),
        ),
        this.result,
      ),
    );
  }

  async hardest() {
    const found = await this.lab.ask("hardest", {}, "step");
    if (found) this.ongo(found.sample);
  }

  async show(trace) {
    this.trace = trace;
    const { target } = trace;
    const loss = number(trace.loss.value, 3);
    const lines =
      typeof target.true === "number"
        ? [
            t("step.story_value", { target: number(target.true) }),
            t("step.story_says_value", { says: number(target.says) }),
          ]
        : [t("step.story_class", { target: target.true }), this.chance(target)];
    this.says.replaceChildren(...lines.map((line) => h("p", {}, line)), h("p", {}, t("step.story_loss", { loss })));
    this.draw();
    await this.nudge({});
  }

  chance({ true: target, says, chance }) {
    if (chance === null) return t("step.story_says", { says });
    return t("step.story_chance", { target, chance: percent(chance) });
  }

  // The samples as the playground's map has them, with a ring around this one.
  draw() {
    const { place } = this.trace;
    const { data, structure } = this.lab.state;
    const flat = structure?.plane;
    this.canvas.hidden = !place || !data || flat.kind === "line";
    if (this.canvas.hidden) return;
    const context = sharpen(this.canvas, SIDE, SIDE);
    context.clearRect(0, 0, SIDE, SIDE);
    const on = (v, [low, high]) => 6 + ((v - low) / (high - low)) * (SIDE - 12);
    const at = ([x, y]) => [on(x, flat.x), SIDE - on(y, flat.y)];
    for (const [x, y, value, test] of data.points) {
      if (test) continue;
      context.globalAlpha = 0.55;
      context.fillStyle = structure.classes.length ? classColor(value) : signedColor(value / structure.value_scale);
      context.beginPath();
      context.arc(...at([x, y]), 1.8, 0, 7);
      context.fill();
    }
    context.globalAlpha = 1;
    const [x, y] = at(place);
    mark(context, this.trace.target.class ?? 0, x, y, 4);
    context.strokeStyle = ink("ink");
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 9, 0, 7);
    context.stroke();
  }

  async nudge({ index, by }) {
    if (index !== undefined) this.index = index;
    if (by !== undefined) this.by = by;
    const args = this.index === undefined ? { by: this.by } : { by: this.by, index: this.index };
    const found = await this.lab.ask("nudge", args, "step", () => (this.index = undefined));
    if (!found) return;
    const { chosen, gradient } = found;
    const name = (one) => `${layerName(one.layer)}: ${one.name}`;
    this.weight.replaceChildren(...found.weights.map((one) => h("option", { value: one.index }, name(one))));
    this.weight.value = String(chosen.index);
    this.size.value = String(Math.abs(this.by));
    const change = found.after - found.loss;
    const four = (value) => number(value, 4);
    const signed = (value) => (value > 0 ? `+${four(value)}` : four(value));
    const lines = [
      t("step.nudge_weight_moves", { name: chosen.name, from: four(chosen.value), to: four(chosen.value + this.by) }),
      t("step.nudge_loss_moves", { from: four(found.loss), to: four(found.after), change: signed(change) }),
      t("step.nudge_ratio", { change: signed(change), by: signed(this.by), ratio: four(found.ratio) }),
    ];
    this.result.replaceChildren(
      ...lines.map((line) => h("p", {}, line)),
      h("p", {}, h("b", {}, t("step.nudge_is", { name: gradient.name, gradient: four(gradient.value) }))),
      h("p", { class: "faint" }, t(WAYS[Math.sign(gradient.value) + 1], { name: chosen.name })),
    );
  }
}
