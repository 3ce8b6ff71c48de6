// A kernel with the gradient of each of its numbers; one is chosen.
import { signedColor } from "../../colors.js";
import { h } from "../../dom.js";
import { t } from "../../i18n.js";

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class WeightTable {
  // choose(weight): its number through the whole kernel
  constructor(choose) {
    this.choose = choose;
    this.cells = h("div", { class: "weight-cells", role: "group", ta: { "aria-label": "conv.back_weights" } });
    this.filter = h("select", { ta: { "aria-label": "conv.back_filter" }, onchange: () => this.other() });
    this.channel = h("select", { ta: { "aria-label": "conv.back_channel" }, onchange: () => this.other() });
    this.which = h("div", { class: "row" }, this.filter, this.channel);
    this.element = h(
      "div",
      { class: "weights" },
      h("h2", { t: "conv.back_weights" }),
      this.which,
      this.cells,
      h("p", { class: "faint small-words", t: "conv.back_hint" }),
    );
    this.cells.addEventListener("keydown", (event) => this.walk(event));
  }

  numberOf(a, b, c, f) {
    const [, columns, channels, filters] = this.found.shape;
    return ((a * columns + b) * channels + c) * filters + f;
  }

  other() {
    const [a, b] = this.found.at;
    this.choose(this.numberOf(a, b, Number(this.channel.value), Number(this.filter.value)));
  }

  // found: the answer of "back"
  show(found) {
    const focused = this.cells.contains(document.activeElement);
    this.found = found;
    const [rows, columns, channels, filters] = found.shape;
    const [, , c, f] = found.at;
    this.which.hidden = channels * filters === 1;
    fill(this.filter, filters, "conv.back_filter_of");
    fill(this.channel, channels, "conv.channel_of");
    this.filter.value = String(f);
    this.channel.value = String(c);
    const most = Math.max(1e-12, ...found.gradient.flat().map(Math.abs));
    const button = (weight, value, gradient, label) => {
      const chosen = weight === found.weight;
      return h(
        "button",
        {
          type: "button",
          class: "weight",
          "aria-pressed": String(chosen),
          "aria-label": t(label[0], { ...label[1], gradient: brief(gradient), value: brief(value) }),
          tabindex: chosen ? 0 : -1,
          style: { background: signedColor((0.4 * gradient) / most) },
          onclick: () => this.choose(weight),
        },
        h("span", {}, brief(gradient, columns > 3 ? 2 : 3)),
        h("small", {}, brief(value, columns > 3 ? 2 : 3)),
      );
    };
    const cells = [];
    for (let a = 0; a < rows; a++)
      for (let b = 0; b < columns; b++)
        cells.push(
          button(this.numberOf(a, b, c, f), found.kernel[a][b], found.gradient[a][b], [
            "conv.back_weight",
            { row: a + 1, column: b + 1 },
          ]),
        );
    if (found.bias !== null)
      cells.push(button(found.size + f, found.bias, found.bias_gradient, ["conv.back_bias", {}]));
    this.cells.style.setProperty("grid-template-columns", `repeat(${columns}, minmax(0, 1fr))`);
    this.cells.replaceChildren(...cells);
    if (focused) this.cells.querySelector("[aria-pressed=true]")?.focus();
  }

  walk(event) {
    const step = STEPS[event.key];
    const buttons = [...this.cells.children];
    const here = buttons.indexOf(document.activeElement);
    if (!step || here < 0) return;
    event.preventDefault();
    const there = here + step[0] * this.found.shape[1] + step[1];
    if (there < 0 || there >= buttons.length) return;
    buttons[there].focus();
    buttons[there].click();
  }
}

function fill(select, count, key) {
  if (select.options.length === count) return;
  select.replaceChildren(
    ...Array.from({ length: count }, (_, i) => h("option", { value: i, t: [key, { number: i + 1 }] })),
  );
}

// few: digits, where many stand beside each other
const brief = (value, digits = 3) => String(Number(value.toPrecision(digits))).replace("-", "−");
