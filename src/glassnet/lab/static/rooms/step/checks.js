// The classic mistakes to switch on, and what the gradient check says, in words and in colour.
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { has, language, t } from "../../i18n.js";
import { layerName, letter } from "./words.js";

export class Checks {
  constructor(lab, onstep) {
    this.lab = lab;
    this.boxes = new Map();
    this.list = h("div", { class: "mistake-list" });
    this.verdict = h("p", { class: "check-verdict", role: "status" });
    this.why = h("div", { class: "why" });
    this.table = h("ul", { class: "checks-of" });
    this.make = h("button", { type: "button", t: "step.make", onclick: onstep });
    this.element = h(
      "section",
      { class: "step-checks", "aria-labelledby": "mistakes-title" },
      h(
        "div",
        { class: "mistake-part", "data-field": "mistakes" },
        h("h2", { id: "mistakes-title", t: "field.mistakes" }),
        this.list,
      ),
      h(
        "div",
        { class: "check-part", tabindex: 0, role: "group", ta: { "aria-label": "step.check_title" } },
        h("div", { class: "row" }, h("h2", { t: "step.check_title" }), this.make),
        this.verdict,
        this.table,
        this.why,
      ),
    );
  }

  show(trace) {
    for (const mistake of trace.mistakes) this.box(mistake);
    const on = trace.mistakes.filter((m) => m.on);
    this.make.disabled = on.length > 0;
    this.make.hidden = Boolean(trace.run); // a saved run stays as it is
    this.tell(trace, on);
    const failed = new Set(trace.updates.where);
    this.table.replaceChildren(...trace.checks.map((check) => this.line(check, failed)));
    const one = trace.samples === 1;
    this.why.replaceChildren(
      ...on.map((mistake) =>
        h(
          "p",
          {},
          h("b", {}, mistake[language()][0]),
          " ",
          h("code", {}, mistake.what),
          " ",
          mistake[language()][1],
          one && mistake.alone ? ` ${t("step.needs_two")}` : "",
          hint(mistake, trace),
        ),
      ),
      ...this.without(trace).map((mistake) =>
        h("p", {}, h("b", {}, mistake[language()][0]), " ", t(`step.cannot.${mistake.name}`)),
      ),
    );
    this.element.classList.toggle("telling", this.why.childElementCount > 0);
  }

  // Switched on, in a link perhaps, but not for this network.
  without(trace) {
    return trace.mistakes.filter((m) => !m.on && this.lab.latest("mistakes").includes(m.name));
  }

  box(mistake) {
    const known = this.boxes.get(mistake.name);
    const [input, words] = known ?? [
      h("input", { type: "checkbox", onchange: (event) => this.toggle(mistake.name, event.target.checked) }),
      h("span", {}),
    ];
    if (!known) {
      this.boxes.set(mistake.name, [input, words]);
      this.list.append(h("label", { class: "check" }, input, words));
    }
    input.checked = this.lab.latest("mistakes").includes(mistake.name);
    input.disabled = !mistake.can && !input.checked;
    words.textContent = mistake[language()][0];
    words.parentElement.title = mistake.can ? mistake.what : t(`step.cannot.${mistake.name}`);
    words.parentElement.classList.toggle("faint", !mistake.can);
  }

  toggle(name, on) {
    const mistakes = this.lab.latest("mistakes");
    this.lab.set("mistakes", on ? [...mistakes, name] : mistakes.filter((one) => one !== name));
  }

  tell({ checks, updates }, on) {
    const off = checks.filter((check) => check.verdict === "off");
    const parts = [];
    if (off.length) {
      const worst = off.reduce((a, b) => (a.error >= b.error ? a : b));
      parts.push(
        t("step.check_off", {
          off: off.reduce((sum, c) => sum + c.off, 0),
          of: checks.reduce((sum, c) => sum + c.checked, 0),
        }),
      );
      parts.push(
        t("step.check_worst", {
          name: `${layerName(worst.layer)}: ${worst.worst}`,
          backward: number(worst.backward, 4),
          numerical: number(worst.numerical, 4),
        }),
      );
    } else parts.push(t("step.check_ok", { of: checks.reduce((sum, c) => sum + c.checked, 0) }));
    if (updates.off) parts.push(t("step.updates_off", { off: updates.off, of: updates.of }));
    if (!off.length && !updates.off && on.length) parts.push(t("step.not_caught"));
    const red = off.length > 0 || updates.off > 0;
    this.verdict.className = `check-verdict is-${red ? "off" : "ok"}`;
    this.verdict.replaceChildren(h("i", { class: "sign-of", "aria-hidden": "true" }, red ? "✗" : "✓"), parts.join(" "));
  }

  line(check, failed) {
    const late = check.verdict !== "off" && failed.has(check.parameter);
    const state = late ? "off" : check.verdict;
    const key = late ? "step.line_update" : `step.line_${check.verdict}`;
    const words = t(key, { off: check.off, of: check.checked });
    return h(
      "li",
      { class: `is-${state}`, title: words },
      h("i", { class: "sign-of", "aria-hidden": "true" }, { ok: "✓", kink: "∧", off: "✗" }[state]),
      h("span", {}, `${layerName(check.layer)} ${letter(check.name)}`),
      h("span", { class: "faint" }, words),
    );
  }
}

// Where a mistake does not show: how to make it show, if its texts say so.
function hint({ name }, { checks }) {
  const key = `step.hint.${name}`;
  return has(key) && checks.every((check) => check.verdict !== "off") ? ` ${t(key)}` : "";
}
