// Functions: activations or losses with their derivatives, and one point of one of them, where
// the slope is measured by differences.
import { Asker } from "../../asker.js";
import { ink } from "../../colors.js";
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { t } from "../../i18n.js";
import { hideTip, showTip } from "../../tooltip.js";
import { PlotView } from "../../views/plot.js";
import { strokeColor, strokeDash } from "../../views/strokes.js";
import { Choices, nameOf } from "./choices.js";
import { PointPanel } from "./pointpanel.js";

// The fields that the curves depend on; the point depends on all.
const DRAWN = [
  "curves",
  "activations",
  "tangent_on",
  "leaky_slope",
  "elu_alpha",
  "reach",
  "predicts",
  "losses",
  "loss_on",
  "true_value",
  "true_label",
  "true_count",
  "huber_delta",
];
const POINT = [...DRAWN, "tangent_at", "tangent_h", "float_type"];

class FunctionsRoom {
  constructor(lab) {
    this.lab = lab;
    this.choices = new Choices(lab);
    this.panel = new PointPanel(lab);
    const move = (x) => lab.set("tangent_at", Number(x.toPrecision(4)));
    const hover = (part) => (at, event) => this.tell(part, at, event);
    this.value = new PlotView({
      label: "fn.value_plot",
      numbers: false,
      handle: "fn.handle",
      onmove: move,
      onhover: hover("y"),
    });
    this.slope = new PlotView({ label: "fn.slope_plot", onmove: move, onhover: hover("slope") });
    this.names = ["", "′"].map(() => h("h2", {}));
    const plot = (i, view) => h("div", { class: "fn-plot" }, this.names[i], view.element);
    this.element = h(
      "div",
      { class: "functions" },
      this.choices.element,
      h(
        "section",
        { class: "fn-plots", ta: { "aria-label": "fn.plots" } },
        plot(0, this.value),
        plot(1, this.slope),
        h("p", { class: "faint hint", t: "fn.hint" }),
      ),
      this.panel.element,
    );
    this.drawn = new Asker(lab, "functions", "drawn", (found) => this.takeCurves(found));
    this.point = new Asker(lab, "functions", "point", (found) => this.takePoint(found));
    this.keys = {};
  }

  show() {
    this.lab.want();
    this.update({ values: true });
  }

  update(parts) {
    if (!parts.values || this.element.hidden) return;
    this.choices.update();
    for (const [asker, fields] of [
      [this.drawn, DRAWN],
      [this.point, POINT],
    ]) {
      const key = JSON.stringify(fields.map((name) => this.lab.state.values[name]));
      if (this.keys[asker.what] !== key) {
        this.keys[asker.what] = key;
        asker.ask();
      }
    }
  }

  takeCurves(found) {
    this.curves = found;
    this.choices.take(found, this.drawn.again);
    this.panel.takeCurves(found);
    const signs = ["f", "f′"];
    this.names.forEach((name, i) => (name.textContent = `${signs[i]}(${found.variable})`));
    this.drawCurves();
  }

  drawCurves() {
    const { x, range, y_range: high, slope_range: steep, curves, on, goal } = this.curves;
    const series = (part) =>
      curves.map((c) => {
        const k = this.choices.place(c.name);
        return {
          x,
          y: c[part],
          jumps: c[`${part}_jumps`],
          color: strokeColor(k),
          dash: strokeDash(k),
          width: c.name === on ? 2.75 : 1.6,
        };
      });
    this.goal = goal === null ? [] : [{ x: goal, color: ink("faint"), dash: [4, 4] }];
    this.value.show({ x: range, y: high, series: series("y") });
    this.slope.show({ x: range, y: steep, series: series("slope") });
  }

  takePoint(found) {
    this.at = found;
    if (found.x !== found.asked && found.asked === this.lab.state.values.tangent_at)
      this.lab.set("tangent_at", found.x);
    this.panel.takePoint(found);
    this.drawPoint();
  }

  drawPoint() {
    const { on, x, y, slope, range, tangent, differences, variable } = this.at;
    const color = strokeColor(this.choices.place(on));
    const { above, below, f_above: top, f_below: bottom, slope: measured } = differences.central;
    const guides = [...(this.goal ?? []), { x, color: ink("line") }];
    const secant = [
      { x: below, y: bottom, color: ink("ink"), ring: true, radius: 4 },
      { x: above, y: top, color: ink("ink"), ring: true, radius: 4 },
    ].filter((m) => Number.isFinite(m.y));
    const line = Number.isFinite(measured) ? [{ from: tangent[0], to: tangent[1], color: ink("ink"), width: 1.5 }] : [];
    this.value.mark({ guides, lines: line, marks: [...secant, { x, y, color }] });
    this.slope.mark({
      guides,
      marks: [
        { x, y: slope, color },
        ...(Number.isFinite(measured) ? [{ x, y: measured, color: ink("ink"), ring: true }] : []),
      ],
    });
    this.value.hold({
      x,
      y,
      low: range[0],
      high: range[1],
      text: t("fn.handle_at", { variable, x: number(x), y: number(y), slope: number(slope) }),
    });
  }

  // Every curve's number under the pointer.
  tell(part, at, event) {
    if (!at || !this.curves) {
      hideTip();
      return;
    }
    const { x, curves, variable } = this.curves;
    const step = (x[x.length - 1] - x[0]) / (x.length - 1);
    const i = Math.max(0, Math.min(x.length - 1, Math.round((at.x - x[0]) / step)));
    showTip(event.clientX, event.clientY, [
      `${variable} = ${number(x[i])}`,
      ...curves.map((c) => `${nameOf(c.name)}: ${number(c[part][i])}`),
    ]);
  }

  language() {
    this.keys = {}; // what is not shown now asks when it is
    this.update({ values: true });
  }

  theme() {
    this.choices.paint();
    if (this.curves) this.drawCurves();
    if (this.at) this.drawPoint();
    this.panel.paint();
  }
}

export const room = {
  name: "functions",
  mount(lab) {
    const made = new FunctionsRoom(lab);
    return {
      element: made.element,
      show: () => made.show(),
      update: (parts) => made.update(parts),
      language: () => made.language(),
      theme: () => made.theme(),
    };
  },
};
