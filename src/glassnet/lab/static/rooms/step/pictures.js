// What a unit that looks at a picture computes, as pictures: pixel × weight, summed over all.
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { t } from "../../i18n.js";
import { hideTip, showTip } from "../../tooltip.js";
import { PixelView } from "../../views/pixels.js";

const SIGNS = { weights: "×", products: "=" }; // between two pictures, forward

export class Pictures {
  // onrow(row): the number of a pixel was chosen
  constructor(onrow) {
    this.onrow = onrow;
    this.element = h("div", { class: "unit-pictures", hidden: true });
  }

  // found: {side, phase, parts: [{name, scale, values}], rows, at, sum, bias, z}, or null
  show(found) {
    this.element.hidden = !found;
    if (!found) return this.element.replaceChildren();
    this.found = found;
    const pieces = found.parts.flatMap((part, i) => [
      i && found.phase === "forward" ? h("span", { class: "between", "aria-hidden": "true" }, SIGNS[part.name]) : null,
      this.figure(part),
    ]);
    this.element.replaceChildren(...pieces.filter(Boolean), ...this.words());
  }

  words() {
    const { found } = this;
    if (found.phase === "forward") {
      const values = { count: found.side ** 2, sum: number(found.sum, 4), bias: number(found.bias, 4) };
      return [h("p", { class: "unit-sum" }, t("step.pixel_sum", { ...values, z: number(found.z, 4) }))];
    }
    return found.rows === null ? [] : [h("p", { class: "unit-sum faint", t: "step.pixel_choose" })];
  }

  figure(part) {
    const { side } = this.found;
    const view = new PixelView({
      label: `step.picture.${part.name}`,
      signed: true,
      onhover: (pixel, x, y) => this.tell(pixel, x, y),
    });
    const scale = part.scale || 1;
    view.frame(
      Uint8Array.from(part.values, (value) => 128 + Math.round((127 * value) / scale)),
      side,
    );
    if (this.found.rows !== null) {
      view.element.addEventListener("click", (event) => {
        const pixel = view.under(event);
        if (pixel) this.onrow(this.found.rows + pixel.row * side + pixel.column);
      });
    }
    const words = `${t(`step.picture.${part.name}`)}, ±${number(part.scale, 3)}`;
    return h("figure", {}, view.element, h("figcaption", {}, words));
  }

  // The numbers of one pixel in every picture.
  tell(pixel, x, y) {
    if (!pixel) {
      hideTip();
      return [];
    }
    const at = pixel.row * this.found.side + pixel.column;
    const lines = [
      t("step.pixel", { row: pixel.row + 1, column: pixel.column + 1 }),
      ...this.found.parts.map(({ name, values }) => `${t(`step.picture.${name}`)}: ${number(values[at], 4)}`),
    ];
    showTip(x, y, lines);
    return lines;
  }
}
