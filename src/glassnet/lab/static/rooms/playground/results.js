// What the network learned: the large map, and under it curves, confusion or distributions.
import { h } from "../../dom.js";
import { number, percent } from "../../format.js";
import { t } from "../../i18n.js";
import { hideTip, showTip } from "../../tooltip.js";
import { CurveView } from "../../views/curve.js";
import { HistogramView } from "../../views/histogram.js";
import { KeyView } from "../../views/key.js";
import { MapView } from "../../views/map.js";
import { MatrixView } from "../../views/matrix.js";
import { markIcon } from "../../views/shapes.js";
import { TimeBar } from "./timebar.js";
import { Versus } from "./versus.js";

const PANELS = { curves: ["curves"], matrix: ["matrix"], layers: ["values"] };

export class Results {
  constructor(lab, pen) {
    this.lab = lab;
    this.map = new MapView({ label: "play.map", pen, onhover: (at, event) => this.tell(at, event) });
    this.versus = new Versus(lab, this.map, () => hideTip());
    this.time = new TimeBar(lab);
    this.title = h("h2", { id: "map-title", t: "play.learned" });
    this.legend = h("div", { class: "legend" });
    this.key = new KeyView();
    this.tabs = h(
      "div",
      { class: "segments", role: "group", ta: { "aria-label": "field.panel" } },
      Object.keys(PANELS).map((name) =>
        h("button", {
          type: "button",
          "data-panel": name,
          t: `choice.panel.${name}`,
          onclick: () => lab.set("panel", name),
        }),
      ),
    );
    this.loss = new CurveView({ label: "play.loss_curve", numbers: false });
    this.accuracy = new CurveView({ label: "play.accuracy_curve", y: [0, 1], percent: true });
    const line = (kind, key) => h("span", { class: `line ${kind}` }, h("i", {}), h("span", { t: key }));
    this.accuracyBox = h(
      "div",
      { class: "chart last" },
      h("h3", { class: "within", t: "play.accuracy" }),
      this.accuracy.element,
    );
    this.curves = h(
      "div",
      { class: "panel curves" },
      h(
        "div",
        { class: "chart" },
        h(
          "h3",
          {},
          h("span", { t: "play.loss" }),
          line("train", "play.training"),
          line("test", "play.test"),
          this.versus.keys,
          lab.control("log_axis"),
        ),
        this.loss.element,
      ),
      this.accuracyBox,
    );
    this.matrix = new MatrixView({ caption: "play.matrix", across: "play.predicted", down: "play.true" });
    this.part = 1;
    this.parts = h(
      "div",
      { class: "segments", role: "group", ta: { "aria-label": "play.which_part" } },
      ["play.training", "play.test"].map((key, i) =>
        h("button", { type: "button", t: key, onclick: () => this.choosePart(i) }),
      ),
    );
    this.noMatrix = h("p", { class: "faint", t: "play.no_matrix" });
    this.matrixBox = h("div", { class: "panel" }, this.parts, this.matrix.element, this.noMatrix);
    this.layers = h("div", { class: "panel layers" });
    this.element = h(
      "section",
      { class: "results", "aria-labelledby": "map-title" },
      h("div", { class: "map-top" }, this.title, this.legend),
      this.versus.maps,
      h("div", { class: "below-map" }, this.time.element, this.versus.element),
      h("div", { class: "panel-top" }, this.tabs),
      this.curves,
      this.matrixBox,
      this.layers,
    );
    this.choosePart(1);
  }

  choosePart(part) {
    this.part = part;
    [...this.parts.children].forEach((b, i) => b.setAttribute("aria-pressed", String(i === part)));
    this.drawMatrix();
  }

  // The sections that the panel in view needs.
  get wants() {
    return PANELS[this.lab.state.values.panel] ?? [];
  }

  update(parts) {
    const { structure, data, values } = this.lab.state;
    if (!structure || !data) return;
    for (const button of this.tabs.children) {
      button.setAttribute("aria-pressed", String(button.dataset.panel === values.panel));
    }
    this.curves.hidden = values.panel !== "curves";
    this.matrixBox.hidden = values.panel !== "matrix";
    this.layers.hidden = values.panel !== "layers";
    const regression = structure.task === "regression";
    this.accuracyBox.hidden = regression;
    this.loss.numbers = regression; // the lowest chart has the numbers
    this.parts.hidden = this.matrix.element.hidden = regression;
    this.noMatrix.hidden = !regression;
    if (this.loss.log !== values.log_axis) {
      this.loss.log = values.log_axis;
      this.loss.draw();
    }
    if (parts.structure) {
      this.matrix.show(structure.classes);
      this.showLegend(structure);
      this.layLayers(structure);
    }
    this.versus.update();
    this.time.update();
    const drawn = values.data === "drawn";
    this.map.drawer.turn(drawn, t("play.draw_keys"));
    this.map.show(structure, data, {
      testShown: values.show_test,
      sharp: values.sharp,
      own: drawn ? values.points : null,
    });
  }

  showLegend({ classes, task, value_scale: scale, plane, value_unit: [mean, unit] }) {
    if (task === "regression") {
      this.key.label(number(mean - unit * scale, 2), number(mean + unit * scale, 2));
      this.legend.replaceChildren(plane.kind === "line" ? "" : this.key.element);
      this.key.draw();
      return;
    }
    this.legend.replaceChildren(
      ...classes.map((name, k) =>
        h("span", { class: "class-name" }, markIcon(k), classes.length > 5 ? shorter(name) : name),
      ),
    );
  }

  layLayers({ columns }) {
    this.bars = columns.slice(1).map((column, i) => {
      const name = column.kind === "output" ? t("play.output") : t("play.hidden_layer", { layer: i + 1 });
      const pair = [new HistogramView({ label: "play.activations" }), new HistogramView({ label: "play.gradients" })];
      return {
        pair,
        row: h(
          "div",
          { class: "layer-row" },
          h("span", { class: "faint" }, name),
          pair.map((v) => v.element),
        ),
      };
    });
    this.layers.replaceChildren(
      h(
        "div",
        { class: "layer-row faint" },
        h("span", {}),
        h("span", { t: "play.activations" }),
        h("span", { t: "play.gradients" }),
      ),
      ...this.bars.map((b) => b.row),
    );
  }

  frame(sections) {
    this.map.frame(sections);
    this.versus.frame(sections);
    this.time.frame(sections);
    if (sections.curves) this.drawCurves(sections);
    if (sections.matrix) {
      this.counts = sections.matrix;
      this.drawMatrix();
    }
    if (sections.values) this.drawLayers(sections);
  }

  // While it trains, a few times a second are enough for curves.
  drawCurves({ curves, other_curves: other, status }) {
    const now = performance.now();
    if (status.playing && now - this.drawn < 80) return;
    this.drawn = now;
    const n = curves.shape[1];
    const series = (i) => curves.data.subarray(i * n, (i + 1) * n);
    const pair = (i) => [
      { color: "ink", values: series(i), says: "play.training" },
      { color: "accent", dash: [5, 3], values: series(i + 1), says: "play.test" },
    ];
    const lines = (i) => (other && this.versus.on ? this.versus.series(i, curves, other) : pair(i));
    const at = status.looking ? status.epoch : null;
    this.loss.show(series(0), lines(1), at);
    this.accuracy.show(series(0), lines(3), at);
    this.accuracyBox.classList.toggle("low", series(3)[n - 1] < 0.5); // its name stays off the lines
  }

  drawMatrix() {
    if (!this.counts) return;
    const cells = this.counts.shape[1] ** 2;
    this.matrix.frame(this.counts.data.subarray(this.part * cells, (this.part + 1) * cells));
  }

  drawLayers({ values, ranges }) {
    const bins = values.shape[2];
    this.bars?.forEach(({ pair }, i) =>
      pair.forEach((view, j) => {
        const at = 2 * i + j;
        if (at < ranges.data.length) view.frame(values.data.subarray(at * bins, (at + 1) * bins), ranges.data[at]);
      }),
    );
  }

  // A unit's own map in place of the large one.
  showUnit(tile, words) {
    if (this.lab.state.structure?.plane.kind === "line") return;
    this.map.showInstead(tile);
    this.title.textContent = tile ? words : t("play.learned");
  }

  tell(at, event) {
    if (!at) {
      hideTip();
      return;
    }
    const { plane, value_unit: unit } = this.lab.state.structure;
    const of = ([mean, scale], v) => number(mean + scale * v);
    const [x, y] = [of(plane.units[0], at.x), of(plane.kind === "line" ? unit : plane.units[1], at.y)];
    const named = plane.kind === "inputs" || plane.kind === "columns";
    const lines = named ? plane.labels.map((name, i) => `${name} = ${[x, y][i]}`) : [`(${x}, ${y})`];
    if (at.class !== undefined) {
      lines.push(t("play.says_class", { name: this.lab.state.structure.classes[at.class] ?? at.class }));
      lines.push(t("play.says_lead", { lead: percent(at.sure) }));
    }
    if (at.value !== undefined) lines.push(t("play.says_value", { value: of(unit, at.value) }));
    showTip(event.clientX, event.clientY, lines);
  }

  theme() {
    this.versus.update();
    this.key.draw();
    if (this.lab.state.structure) this.update({ structure: true });
  }
}

const shorter = (name) => (name.length > 4 ? `${name.slice(0, 3)}…` : name);
