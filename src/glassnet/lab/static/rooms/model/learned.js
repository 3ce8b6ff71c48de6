// What a run on a table has learned, by the rows that were held out: figures beside those of one
// answer for all rows, what each column is worth, calibration, the surest wrong, and one row.
import { h } from "../../dom.js";
import { number, percent } from "../../format.js";
import { language, t } from "../../i18n.js";
import { MatrixView } from "../../views/matrix.js";

export class Learned {
  constructor(ask) {
    this.ask = ask;
    this.element = h("div", { class: "parts learned", hidden: true });
    this.matrix = new MatrixView({ caption: "play.matrix", across: "play.predicted", down: "play.true" });
  }

  async look(run) {
    this.element.hidden = true;
    const found = await this.ask("learned", {}, () => {}); // a run whose table is gone shows the rest
    if (!found || run() === false) return;
    this.found = found;
    this.show();
  }

  show() {
    const { found } = this;
    this.element.hidden = !found;
    if (!found) return;
    this.row = h("div", { class: "row-why", role: "status" });
    this.element.replaceChildren(
      this.part("result", this.result()),
      ...(found.matrix ? [this.part("matrix", this.counts())] : []),
      this.part("importance", this.bars(found.importance.map(({ column, ...of }) => this.worth(column, of)))),
      ...(found.calibration ? [this.part("calibration", this.calibration())] : []),
      this.part("surest", this.surest(), this.row),
    );
    if (found.surest.length) this.explain(found.surest[0].place);
  }

  part(name, ...children) {
    const title = name === "surest" && !this.found.classes ? "learned.furthest" : `learned.${name}`;
    return h("section", { class: `part learned-${name}` }, h("h3", {}, t(title)), children);
  }

  // The figures, and what one answer for all rows would reach.
  result() {
    const { scores, constant, constant_answer: answer, rows, classes } = this.found;
    const names = Object.keys(scores).filter((name) => scores[name] !== null);
    const say = (name, value) => (value === undefined ? "–" : name === "accuracy" ? percent(value) : number(value, 4));
    const one = classes ? t("learned.always", { answer }) : t("learned.mean", { answer: number(answer, 4) });
    const line = (label, of) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, label),
        names.map((n) => h("td", {}, say(n, of[n]))),
      );
    const head = h(
      "tr",
      {},
      h("td", {}),
      names.map((n) => h("th", { scope: "col" }, t(`learned.score.${n}`))),
    );
    return [
      h(
        "table",
        { class: "layer-table" },
        h("thead", {}, head),
        h("tbody", {}, line(t("learned.network"), scores), line(one, constant)),
      ),
      h("p", { class: "faint small-words" }, t("learned.rows", { rows })),
    ];
  }

  counts() {
    this.matrix.show(this.found.classes);
    this.matrix.frame(this.found.matrix);
    return this.matrix.element;
  }

  worth(name, of) {
    const [first] = Object.values(of);
    return { name, value: first.mean, text: number(first.mean, 3) };
  }

  // Bars from 0, above it blue, below it orange.
  bars(rows) {
    const most = Math.max(...rows.map(({ value }) => Math.abs(value)), 1e-12);
    return h(
      "ul",
      { class: "bars" },
      rows.map(({ name, value, text }) =>
        h(
          "li",
          {},
          h("span", { title: name }, name),
          h("i", { class: value < 0 ? "less" : "", style: { width: `${(100 * Math.abs(value)) / most}%` } }),
          h("b", {}, text),
        ),
      ),
    );
  }

  calibration() {
    const { bins, error, about } = this.found.calibration;
    const head = ["said", "so", "rows_of"].map((key) => h("th", { scope: "col" }, t(`learned.${key}`)));
    const lines = bins.map((b) =>
      h("tr", {}, h("td", {}, percent(b.predicted)), h("td", {}, percent(b.true)), h("td", {}, String(b.count))),
    );
    return [
      h(
        "p",
        { class: "small-words" },
        t(about ? "learned.about" : "learned.about_any", { about, error: percent(error) }),
      ),
      h("table", { class: "layer-table" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, lines)),
    ];
  }

  surest() {
    const { surest, classes } = this.found;
    if (!surest.length) return h("p", { class: "faint" }, t("learned.none_wrong"));
    return h(
      "div",
      { class: "surest-rows" },
      surest.map((one) => {
        const said = classes ? `${one.predicted} (${percent(one.probability)})` : number(one.predicted, 4);
        const so = classes ? one.true : number(one.true, 4);
        return h(
          "button",
          { type: "button", class: "small", onclick: () => this.explain(one.place) },
          t("learned.wrong", { row: one.number, said, so }),
        );
      }),
    );
  }

  async explain(row) {
    const why = await this.ask("one_row", { row, language: language() });
    if (!why) return;
    this.row.replaceChildren(
      h("h3", {}, `${t("learned.row", { row: why.number })} ${why.headline}`),
      this.bars(
        why.columns.slice(0, 8).map((c) => ({ name: `${c.name} = ${c.value ?? "–"}`, value: c.effect, text: c.text })),
      ),
      ...why.sentences.map((line) => h("p", { class: "small-words" }, line)),
    );
  }
}
