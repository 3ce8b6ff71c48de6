// The chain rule from the loss down to a number, factor by factor.
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { formula, matrix } from "../../views/formula.js";
import { layerName, phrases } from "./words.js";

const MOST = 4; // numbers of a row of them; of more the first
const ACROSS = 3; // columns of a table; of a larger one the size

export class Chain {
  constructor() {
    this.body = h("tbody", {});
    const head = ["step.chain_layer", "step.chain_factor", "step.chain_local", "step.chain_so_far"];
    this.table = h(
      "table",
      { class: "chain" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head.map((key) => h("th", { scope: "col", t: key })),
        ),
      ),
      this.body,
    );
    this.element = h("div", { class: "chain-of" }, h("h3", { t: "step.chain" }), this.table);
  }

  show(links) {
    this.element.hidden = !links.length;
    this.body.replaceChildren(
      ...links.map((link) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, layerName(link.layer)),
          h("td", { class: "math" }, phrases(link.local_symbol)),
          h("td", {}, shown(link.local)),
          h("td", {}, h("span", { class: "math faint" }, `${link.symbol} = `), shown(link.so_far)),
        ),
      ),
    );
  }
}

// A number, a few of them, or a table in drawn brackets; a large one by its size.
function shown(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return number(value, 4);
  if (!Array.isArray(value[0])) {
    const few = value
      .slice(0, MOST)
      .map((v) => number(v))
      .join(", ");
    return value.length === 1 ? few : `(${few}${value.length > MOST ? ", …" : ""})`;
  }
  if (value.length > MOST || value[0].length > ACROSS) return `${value.length} × ${value[0].length}`;
  return formula(matrix(value.map((r) => r.map((v) => number(v)))), { block: false }).element;
}
