// Which samples the step is made with, and what the network says of the one that is shown.
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { t } from "../../i18n.js";

const MOST_BOXES = 8;

export class SampleBar {
  // oninput(column, value): another number for an input; (null, null): the sample's own again
  constructor(lab, oninput) {
    this.lab = lab;
    this.oninput = oninput;
    const step = (key, sign, field, by) =>
      h(
        "button",
        { type: "button", class: "small", ta: { "aria-label": key, title: key }, onclick: () => this.move(field, by) },
        sign,
      );
    this.first = h("b", {});
    this.batch = h("b", {});
    this.shown = h("b", {});
    this.which = h(
      "span",
      { class: "stepper" },
      h("span", { class: "faint", t: "step.shown" }),
      step("step.shown_less", "‹", "step_sample", -1),
      this.shown,
      step("step.shown_more", "›", "step_sample", 1),
    );
    this.inputs = h("div", { class: "inputs" });
    this.says = h("p", { class: "sample-says", role: "status" });
    this.element = h(
      "div",
      { class: "samplebar" },
      h(
        "div",
        { class: "row" },
        h(
          "span",
          { class: "stepper" },
          h("span", { class: "faint", t: "field.step_first" }),
          step("step.sample_less", "‹", "step_first", -1),
          this.first,
          step("step.sample_more", "›", "step_first", 1),
        ),
        h(
          "span",
          { class: "stepper" },
          h("span", { class: "faint", t: "field.step_batch" }),
          step("step.batch_less", "−", "step_batch", -1),
          this.batch,
          step("step.batch_more", "+", "step_batch", 1),
        ),
        this.which,
      ),
      this.inputs,
      this.says,
    );
  }

  move(field, by) {
    const { samples, total } = this.trace;
    const most = { step_first: total - samples, step_batch: Math.min(8, total), step_sample: samples - 1 }[field];
    const now = Math.min(most, this.lab.latest(field));
    this.lab.set(field, Math.max(field === "step_batch" ? 1 : 0, Math.min(most, now + by)));
  }

  show(trace) {
    this.trace = trace;
    const { first, samples, shown, total } = trace;
    this.first.textContent =
      samples > 1
        ? t("step.samples_of", { from: first + 1, to: first + samples, total })
        : t("step.sample_of", { at: first + 1, total });
    this.batch.textContent = String(samples);
    this.which.hidden = samples === 1;
    this.shown.textContent = String(shown + 1);
    const pixels = Boolean(trace.columns[0].side); // shown as a picture
    const boxes = trace.inputs.slice(0, pixels ? 0 : MOST_BOXES).map((input) => this.box(input));
    const more = pixels ? 0 : trace.inputs.length - boxes.length;
    const back = trace.edited
      ? h("button", { type: "button", class: "small", t: "step.own_inputs", onclick: () => this.oninput(null, null) })
      : null;
    this.inputs.replaceChildren(
      ...boxes,
      ...(more > 0 ? [h("span", { class: "faint", t: ["step.more_inputs", { count: more }] })] : []),
      ...(back ? [back] : []),
    );
    const { target } = trace;
    const says =
      typeof target.true === "number"
        ? t("step.says_value", { says: number(target.says), target: number(target.true) })
        : t(target.right ? "step.says_right" : "step.says_wrong", { says: target.says, target: target.true });
    this.says.textContent = `${says} ${t("step.loss_is", { loss: number(trace.loss.value, 4) })}`;
  }

  box({ name, value, column }) {
    const box = h("input", {
      type: "text",
      class: "number",
      inputmode: "decimal",
      size: 6,
      autocomplete: "off",
      value: number(value),
      ta: { "aria-label": ["play.input_named", { name }] },
      onchange: () => {
        const wanted = Number(box.value.replace(",", ".").replaceAll("−", "-"));
        if (Number.isFinite(wanted) && box.value.trim()) this.oninput(column, wanted);
        else box.value = number(value);
      },
      onfocus: () => box.select(),
    });
    return h("span", { class: "input" }, h("span", { class: "faint" }, name), box);
  }
}
