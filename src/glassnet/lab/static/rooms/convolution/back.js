// One step back through a convolution: the gradient of one number of a kernel is the sum of
// products over the places, and the central difference stands beside it.
import { Asker } from "../../asker.js";
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { t } from "../../i18n.js";
import { hideTip, showTip } from "../../tooltip.js";
import { GridView } from "../../views/grid.js";
import { latexView } from "../../views/latex.js";
import { bytesOf } from "../../views/pixels.js";
import { Learning } from "./learning.js";
import { pretty } from "./sum.js";
import { WeightTable } from "./weights.js";

const SLOW = 500; // ms
const MARKS = { ok: "✓", kink: "∧", off: "✗" };

export class Back {
  constructor(lab, ask) {
    Object.assign(this, { lab, ask });
    this.sections = ["picture", "maps", "map_scales"];
    this.asker = new Asker(lab, "convolution", "back", (found) => this.tell(found));
    this.learning = new Learning(lab, ask, () => this.asker.ask());
    this.weights = new WeightTable((weight) => {
      lab.set("conv_weight", weight);
      this.asker.ask();
    });
    const grid = (name) =>
      new GridView({
        label: `conv.back_${name}`,
        signed: true,
        on: { point: (place, event) => this.over(name, place, event) },
      });
    this.grids = { x: grid("x"), dz: grid("dz"), products: grid("products") };
    this.words = {};
    const figure = (name) => {
      this.words[name] = h("figcaption", {});
      return h("figure", {}, this.words[name], this.grids[name].element);
    };
    const between = (text) => h("span", { class: "between", "aria-hidden": "true" }, text);
    this.times = between("×");
    this.title = h("h2", { "aria-live": "polite" });
    this.formula = h("div", { class: "formula" });
    this.filled = h("div", { class: "filled math" });
    this.check = h("div", { class: "check-of" });
    this.update_ = h("p", { class: "math" });
    this.loss = h("p", { class: "conv-says" });
    const control = (name, when) => lab.control(name, { when });
    const byHand = (values) => values.conv_back_of === "hand";
    this.layer = h("select", { ta: { "aria-label": "field.conv_layer" }, onchange: () => this.otherLayer() });
    this.layerBox = h("label", { class: "field" }, h("span", { class: "faint", t: "field.conv_layer" }), this.layer);
    this.element = h(
      "section",
      { class: "conv-back", ta: { "aria-label": "choice.conv_view.back" } },
      h(
        "div",
        { class: "settings" },
        control("conv_back_of"),
        this.layerBox,
        control("conv_target", byHand),
        control("conv_back_rate", byHand),
        this.learning.element,
      ),
      this.loss,
      h("div", { class: "grids" }, figure("x"), this.times, figure("dz"), between("="), figure("products")),
      h(
        "div",
        { class: "columns" },
        this.weights.element,
        h("div", { class: "sum" }, this.title, this.formula, this.filled, this.check, this.update_),
      ),
    );
  }

  show(scene) {
    this.scene = scene;
    this.learning.show();
    this.asker.ask();
  }

  follow() {
    this.asker.ask();
  }

  // The picture may be another one; a network that learns is looked at now and then.
  frame({ status }) {
    const now = performance.now();
    if (status.playing > 0 && now - (this.looked ?? 0) < SLOW) return;
    this.looked = now;
    this.asker.ask();
  }

  otherLayer() {
    this.lab.set("conv_layer", this.layer.value);
    this.lab.set("conv_weight", 0);
    this.asker.ask();
  }

  // found: the answer of "back"
  tell(found) {
    this.found = found;
    const { value, loss, truth } = found;
    const network = this.lab.state.values.conv_back_of === "network";
    this.layerBox.hidden = !network;
    if (network && this.layer.options.length !== found.layers.length)
      this.layer.replaceChildren(...found.layers.map((name) => h("option", { value: name }, name)));
    this.layer.value = found.layer;
    this.loss.textContent = network
      ? t("conv.back_network", { truth, loss: number(loss.value, 4) })
      : t("conv.back_hand", { loss: number(loss.value, 4) });
    this.weights.show(found);
    const own = found.quantity === "W";
    this.times.hidden = this.words.x.parentElement.hidden = !own;
    const [a, b, c, f] = found.at.map((i) => i + 1);
    this.words.x.textContent = t("conv.back_x_met", { row: a, column: b, channel: c });
    this.words.dz.textContent = t("conv.back_dz_of", { filter: f });
    this.words.products.textContent = t("conv.back_sum_is", { sum: number(found.sum, 4) });
    for (const name of ["x", "dz", "products"]) {
      const { bytes, rows, columns, numbers } = found[name];
      this.grids[name].frame(bytesOf(bytes), rows, columns, numbers);
    }
    this.mark();
    this.title.textContent = own
      ? t("conv.back_title", { row: a, column: b, value: number(value.value, 4) })
      : t("conv.back_title_bias", { value: number(value.value, 4) });
    this.formula.replaceChildren(
      latexView(
        own
          ? "\\frac{\\partial L}{\\partial w} = \\sum_{p} x_{p+a}\\, \\frac{\\partial L}{\\partial z_{p}}"
          : "\\frac{\\partial L}{\\partial b} = \\sum_{p} \\frac{\\partial L}{\\partial z_{p}}",
      ),
    );
    this.filled.replaceChildren(
      ...value.with_numbers
        .split("\n")
        .map((line) =>
          h(
            "p",
            {},
            pretty(line.replace(/(\d+) smaller terms/g, (_, count) => t("step.word.smaller_terms", { count }))),
          ),
        ),
    );
    this.judge(value, found);
    const { before, new: after } = found;
    const letter = own ? "w" : "b";
    this.update_.textContent = network
      ? ""
      : pretty(
          `${letter} ← ${number(before, 4)} − ${number(this.lab.state.values.conv_back_rate, 3)}·(${number(value.value, 4)}) = ${number(after, 4)}`,
        );
  }

  // The places that the number of the kernel met are framed: as many as there are windows.
  mark(at = null) {
    const { rows, columns, quantity, padding } = this.found;
    const met = [rows, columns].map((places) => places.filter((place) => place >= 0));
    const even = (places) => places.length && places.at(-1) - places[0] === places.length - 1;
    const box =
      quantity === "W" && met.every((places) => places.length)
        ? {
            top: met[0][0],
            left: met[1][0],
            rows: met[0].at(-1) - met[0][0] + 1,
            columns: met[1].at(-1) - met[1][0] + 1,
          }
        : null;
    const dots = met.every(even) ? [] : met[0].flatMap((row) => met[1].map((column) => ({ row, column })));
    this.grids.x.pad({ top: padding[0], bottom: padding[1], left: padding[2], right: padding[3] });
    const pixel = at && { row: rows[at.row], column: columns[at.column] };
    this.grids.x.mark({
      box,
      dots: quantity === "W" ? dots : [],
      cell: pixel?.row >= 0 && pixel.column >= 0 ? pixel : null,
    });
    this.grids.dz.mark({ cell: at });
    this.grids.products.mark({ cell: at });
  }

  over(name, place, event) {
    const { found } = this;
    if (!found) return;
    let at = place && this.grids[name].inside(place) ? place : null;
    if (at && name === "x") {
      const [row, column] = [found.rows.indexOf(place.row), found.columns.indexOf(place.column)];
      at = row < 0 || column < 0 ? null : { row, column };
    }
    this.mark(at);
    if (!at) {
      hideTip();
      return;
    }
    const i = at.row * found.dz.columns + at.column;
    const [row, column] = [found.rows[at.row], found.columns[at.column]];
    const x = row < 0 || column < 0 ? 0 : found.x.numbers[row * found.x.columns + column];
    const parts = [number(found.dz.numbers[i], 4), number(found.products.numbers[i], 4)];
    const product = found.quantity === "W" ? `${number(x, 4)} · ${parts[0]} = ${parts[1]}` : parts[0];
    showTip(event.clientX, event.clientY, [product, t("digits.pixel", { row: at.row + 1, column: at.column + 1 })]);
  }

  judge({ numerical, verdict, value }, { quantity, h: step }) {
    this.check.hidden = numerical === null || !verdict;
    if (this.check.hidden) return;
    this.check.className = `check-of is-${verdict}`;
    const letter = quantity === "W" ? "w" : "b";
    const shown = number(numerical, 6)
      .replaceAll("−", "-")
      .replace(/e(-?\d+)$/, " \\cdot 10^{$1}");
    this.check.replaceChildren(
      h("h3", { t: "step.numerical" }),
      latexView(`\\frac{L(${letter} + h) - L(${letter} - h)}{2 h} = ${shown}`),
      h(
        "p",
        { class: "check-words" },
        h("i", { class: "sign-of", "aria-hidden": "true" }, MARKS[verdict]),
        " ",
        t(`step.verdict_${verdict}`),
        ` ${t("step.both", { backward: number(value, 6), numerical: number(numerical, 6) })} h = ${number(step, 2)}`,
      ),
    );
  }

  paint() {
    if (this.found) this.tell(this.found);
    this.learning.show();
  }

  hide() {
    this.learning.stop();
    hideTip();
  }
}
