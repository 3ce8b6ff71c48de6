// A row of one's own: a field for each column of the model, and what it answers. It needs no data.
import { h, unique } from "../../dom.js";
import { number, percent } from "../../format.js";
import { t } from "../../i18n.js";

export class TryRow {
  constructor(ask) {
    this.ask = ask;
    this.fields = h("div", { class: "row-fields" });
    this.answer = h("div", { class: "row-answer", role: "status" });
    this.title = h("h3", { t: "tryrow.title" });
    this.element = h("section", { class: "part try-row", hidden: true }, this.title, this.fields, this.answer);
  }

  async look(still) {
    this.element.hidden = true;
    const found = await this.ask("form", {}, () => {});
    if (!found || !still()) return;
    this.found = found;
    this.inputs = found.columns.map((column) => this.input(column));
    this.fields.replaceChildren(...this.inputs.map(({ box }) => box));
    this.element.hidden = false;
    this.tell();
  }

  input({ name, holds, value, choices }) {
    const id = unique("row");
    const words = (choice) => (choice === "" ? t("tryrow.none") : holds === "flag" ? t(`tryrow.${choice}`) : choice);
    const field = choices
      ? h(
          "select",
          { id, onchange: () => this.tell() },
          choices.map((choice) => h("option", { value: choice }, words(choice))),
        )
      : h("input", {
          id,
          type: "text",
          inputmode: holds === "number" ? "decimal" : "text",
          autocomplete: "off",
          oninput: () => this.tell(),
        });
    field.value = value;
    return { field, box: h("div", { class: "field" }, h("label", { for: id }, name), field) };
  }

  // One question is on its way at most; the newest row is asked next.
  async tell() {
    this.stale = true;
    if (this.asking) return;
    this.asking = true;
    while (this.stale) {
      this.stale = false;
      let why = "";
      const values = this.inputs.map(({ field }) => field.value);
      const found = await this.ask("try_row", { values }, (words) => (why = words));
      this.show(found, why);
    }
    this.asking = false;
  }

  show(found, why) {
    this.said = [found, why];
    if (!found) return this.answer.replaceChildren(h("p", { class: "note" }, why));
    const strange = found.strange.length
      ? h("p", { class: "faint small-words" }, t("tryrow.strange", { columns: found.strange.join(", ") }))
      : "";
    const lines = found.classes
      ? [
          h(
            "ul",
            { class: "bars" },
            found.classes.map(({ name, share }) =>
              h(
                "li",
                {},
                h("span", {}, name),
                h("i", { style: { width: `${100 * share}%` } }),
                h("b", {}, percent(share)),
              ),
            ),
          ),
        ]
      : this.value(found);
    this.answer.replaceChildren(h("h3", {}, t("tryrow.answer", { target: this.found.target })), ...lines, strange);
  }

  value({ value, interval }) {
    const lines = [h("p", { class: "says-value" }, number(value, 4))];
    if (interval) {
      const [low, high] = interval.map((end) => number(end, 4));
      lines.push(h("p", { class: "faint small-words" }, t("tryrow.interval", { low, high })));
    }
    return lines;
  }

  paint() {
    if (this.said && !this.element.hidden) this.show(...this.said);
  }
}
