// The kernels of the first convolution: what each filter looks for; one can be taken by hand.
import { h } from "../../dom.js";
import { t } from "../../i18n.js";
import { pictureOf } from "../../views/pixels.js";

export class Filters {
  constructor(lab, ask) {
    Object.assign(this, { lab, ask });
    this.buttons = [];
    this.list = h("div", { class: "row filters" });
    this.element = h(
      "div",
      { class: "filters-box" },
      h("h2", { t: "conv.filters" }),
      this.list,
      h("p", { class: "faint small-words", t: "conv.filters_hint" }),
    );
  }

  frame({ kernels }) {
    const [count, rows, columns] = kernels.shape;
    this.element.hidden = count === 0;
    if (this.buttons.length !== count) this.build(count);
    this.buttons.forEach(({ canvas }, i) => {
      pictureOf(kernels.data.subarray(i * rows * columns, (i + 1) * rows * columns), columns, rows, true, canvas);
    });
  }

  build(count) {
    this.buttons = Array.from({ length: count }, (_, i) => {
      const canvas = h("canvas", { "aria-hidden": "true" });
      const element = h(
        "button",
        { type: "button", class: "filter", ta: { "aria-label": ["conv.filter_take", { filter: i + 1 }] } },
        canvas,
      );
      element.title = t("conv.filter_take", { filter: i + 1 });
      element.addEventListener("click", () => this.take(i));
      return { element, canvas };
    });
    this.list.replaceChildren(...this.buttons.map((one) => one.element));
  }

  async take(filter) {
    const found = await this.ask("kernel", { filter });
    if (!found) return;
    this.lab.set("conv_kernel", found.rows);
    this.lab.set("conv_view", "hand");
  }

  paint() {
    this.buttons.forEach(({ element }, i) => {
      element.title = t("conv.filter_take", { filter: i + 1 });
    });
  }
}
