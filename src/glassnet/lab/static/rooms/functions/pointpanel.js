// One point: the function's formulas, the difference with its numbers, and how its error depends
// on h.

import { ink } from "../../colors.js";
import { h } from "../../dom.js";
import { number, power, tick } from "../../format.js";
import { t } from "../../i18n.js";
import { hideTip, showTip } from "../../tooltip.js";
import { cell, formula, frac, n, op, paren, row, v } from "../../views/formula.js";
import { latex } from "../../views/latex.js";
import { PlotView } from "../../views/plot.js";
import { strokeColor } from "../../views/strokes.js";
import { nameOf } from "./choices.js";

const LINES = [
  ["float64", 0],
  ["float32", 1],
]; // type, line
const DASH = { central: [], forward: [6, 4] };
const FLOOR = 1e-16; // an error of 0 has no place on a logarithmic axis: it is drawn here
const ERRORS = { x: [1e-16, 10], y: [FLOOR, 100] };

export class PointPanel {
  constructor(lab) {
    this.lab = lab;
    this.title = h("h2", { id: "fn-point" });
    this.formulas = h("div", { class: "fn-formulas" });
    this.difference = h("div", { class: "fn-difference" });
    this.digits = ["above", "below"].map(() => h("output", { class: "fn-value" }));
    this.digitNames = this.digits.map(() => h("span", { class: "math" }));
    this.cells = {};
    const column = (part) => ["central", "forward"].map((kind) => (this.cells[part + kind] = h("td", {})));
    const exact = column("exact");
    this.table = h(
      "table",
      { class: "fn-table" },
      h("caption", { class: "unseen", t: "fn.table" }),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("td", {}),
          h("th", { scope: "col", t: "fn.central" }),
          h("th", { scope: "col", t: "fn.forward" }),
        ),
      ),
      h(
        "tbody",
        {},
        h("tr", {}, h("th", { scope: "row", t: "fn.measured" }), column("slope")),
        h("tr", {}, h("th", { scope: "row", t: "fn.exact" }), exact),
        h("tr", {}, h("th", { scope: "row", t: "fn.error" }), column("error")),
      ),
    );
    this.verdict = h("p", { class: "fn-verdict", role: "status" });
    this.errors = new PlotView({
      label: "fn.error_plot",
      logX: true,
      logY: true,
      onmove: (step) => this.lab.set("tangent_h", this.nearest(step)),
      onhover: (at, event) => this.tell(at, event),
    });
    this.legend = h("p", { class: "legend fn-legend" });
    this.element = h(
      "section",
      { class: "fn-panel", "aria-labelledby": "fn-point" },
      this.title,
      this.formulas,
      h(
        "div",
        { class: "fn-settings" },
        lab.control("tangent_at", { plain: true }),
        lab.control("tangent_h"),
        lab.control("float_type"),
      ),
      this.difference,
      h(
        "div",
        { class: "fn-digits" },
        this.digitNames.map((name, i) => [name, this.digits[i]]),
      ),
      this.table,
      this.verdict,
      h("h3", { t: "fn.error_title" }),
      h("p", { class: "faint hint", t: "fn.error_hint" }),
      this.legend,
      h("div", { class: "fn-errors" }, this.errors.element),
    );
    this.paint();
  }

  takeCurves(found) {
    this.curves = found;
    this.showFormulas();
  }

  showFormulas() {
    const curve = this.curves.curves.find((c) => c.name === this.curves.on);
    const one = this.curves.target !== null;
    this.formulas.replaceChildren(
      ...[
        ["latex", "formula"],
        ["slope_latex", "slope_formula"],
      ].map(([key, words]) =>
        h("div", { class: "fn-formula" }, formula(latex(curve[key]), { block: false, label: curve[words] }).element),
      ),
      one ? h("p", { class: "faint", t: ["fn.one_prediction", { target: tick(this.curves.target) }] }) : "",
      !one && /\by\b/.test(curve.slope_latex) ? h("p", { class: "faint", t: "fn.y_is" }) : "",
    );
    for (const line of this.formulas.querySelectorAll(".fn-formula")) fit(line);
    if (this.variable !== this.curves.variable) this.showDifference(this.curves.variable);
  }

  // (f(z + h) - f(z - h)) / 2h = top / width = slope
  showDifference(variable) {
    this.variable = variable;
    const at = (sign) => row(v("f"), paren(v(variable), op(sign), v("h")));
    const made = formula(
      row(
        frac(row(at("+"), op("−"), at("−")), row(n("2"), v("h"))),
        op("="),
        frac(cell("top", ""), cell("width", "")),
        op("="),
        cell("slope", ""),
      ),
      { block: false },
    );
    made.element.setAttribute("displaystyle", "true");
    this.numbers = made;
    this.difference.replaceChildren(made.element);
    this.digitNames.forEach((name, i) => name.replaceChildren(formula(at(i ? "−" : "+"), { block: false }).element));
  }

  takePoint(found) {
    this.at = found;
    const { on, x, variable, slope, differences, verdict, h: step, float_type: type } = found;
    this.title.textContent = t("fn.at", { name: nameOf(on), variable, x: tick(x) });
    if (this.variable !== variable) this.showDifference(variable);
    const { top, width, slope: measured, texts, same } = differences.central;
    this.numbers.update({ top: power(top, 4), width: power(width), slope: number(measured, 5) });
    this.digits.forEach((place, i) =>
      place.replaceChildren(
        h("span", { class: "faint" }, minus(texts[i].slice(0, same))),
        h("b", {}, minus(texts[i].slice(same))),
      ),
    );
    for (const kind of ["central", "forward"]) {
      this.cells[`slope${kind}`].textContent = number(differences[kind].slope, 5);
      this.cells[`exact${kind}`].textContent = number(slope, 5);
      this.cells[`error${kind}`].textContent = power(differences[kind].error, 2);
    }
    this.verdict.textContent = t(`fn.h_${verdict.word}`, {
      best: power(verdict.best_h),
      type,
      variable,
      h: power(step),
    });
    this.verdict.dataset.word = verdict.word;
    this.drawErrors();
  }

  drawErrors() {
    const { steps, errors, differences, h: step, float_type: type } = this.at;
    const series = LINES.flatMap(([name, k]) =>
      Object.keys(DASH).map((kind) => ({
        x: steps,
        y: errors[name][kind].map((e) => (e === null ? e : Math.max(e, FLOOR))),
        color: strokeColor(k),
        dash: DASH[kind],
        width: name === type && kind === "central" ? 2.5 : 1.4,
      })),
    );
    const { error } = differences.central;
    const k = LINES.find(([name]) => name === type)[1];
    const marks = Number.isFinite(error) ? [{ x: step, y: Math.max(error, FLOOR), color: strokeColor(k) }] : [];
    this.errors.show({ ...ERRORS, series, marks, guides: [{ x: step, color: ink("faint") }] });
  }

  nearest(step) {
    const far = (value) => Math.abs(Math.log(value / step));
    return this.at.steps.reduce((best, value) => (far(value) < far(best) ? value : best));
  }

  // The four errors at the step under the pointer.
  tell(at, event) {
    if (!at || !this.at) {
      hideTip();
      return;
    }
    const { steps, errors } = this.at;
    const step = this.nearest(at.x);
    const i = steps.indexOf(step);
    showTip(event.clientX, event.clientY, [
      `h = ${power(step)}`,
      ...LINES.flatMap(([name]) =>
        Object.keys(DASH).map((kind) => `${name}, ${t(`fn.${kind}`)}: ${power(errors[name][kind][i], 2)}`),
      ),
    ]);
  }

  paint() {
    const dashes = ["central", "forward"].map((kind) =>
      h("span", { class: "class-name" }, h("i", { class: `rule ${kind}` }), h("span", { t: `fn.${kind}` })),
    );
    this.legend.replaceChildren(
      ...LINES.map(([name, k]) =>
        h("span", { class: "class-name" }, h("i", { class: "swatch", style: { background: strokeColor(k) } }), name),
      ),
      ...dashes,
    );
    if (this.at) this.drawErrors();
  }
}

const minus = (words) => words.replace(/-/g, "−");

// A long formula is set smaller, down to where it is still read well.
function fit(line) {
  line.style.fontSize = "";
  const share = line.clientWidth / line.scrollWidth;
  if (share < 1) line.style.fontSize = `${Math.max(0.7, share * 0.98)}em`;
}
