// What a run on a table has learned, by the rows that were held out: figures beside those of one
// answer for all rows, what each column is worth, calibration, the surest wrong, and one row.
import { h } from "../../dom.js";
import { number, percent } from "../../format.js";
import { language, t } from "../../i18n.js";
import { dependence, truth } from "../../views/dependence.js";
import { MatrixView } from "../../views/matrix.js";
import { markIcon } from "../../views/shapes.js";

export class Learned {
  constructor(ask) {
    this.ask = ask;
    this.element = h("div", { class: "parts learned", hidden: true });
    this.matrix = new MatrixView({ caption: "play.matrix", across: "play.predicted", down: "play.true" });
  }

  async look(run) {
    this.element.hidden = true;
    const found = await this.ask("learned", { language: language() }, () => {}); // a run whose table is gone shows the rest
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
      ...(found.dependence.length ? [this.part("dependence", this.curves())] : []),
      this.part("groups", this.groups()),
      ...(found.residuals ? [this.part("residuals", this.residuals())] : []),
      ...(found.calibration ? [this.part("calibration", this.calibration())] : []),
      this.part("surest", this.surest(), this.row),
    );
    if (found.surest.length) this.explain(found.surest[0].place);
  }

  part(name, ...children) {
    let title = name === "surest" && !this.found.classes ? "learned.furthest" : `learned.${name}`;
    if (name === "result" && this.found.given) title = "learned.result_given";
    return h("section", { class: `part learned-${name}` }, h("h3", {}, t(title)), children);
  }

  // The figures, and what one answer for all rows would reach.
  result() {
    const { scores, constant, constant_answer: answer, rows, classes, compare } = this.found;
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
    const peers = Object.entries(compare ?? {}).map(([name, of]) => line(t(`learned.peer.${name}`), of));
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
        h("tbody", {}, line(t("learned.network"), scores), line(one, constant), peers),
      ),
      h(
        "p",
        { class: "faint small-words" },
        this.found.dropped
          ? t("learned.rows_dropped", { rows, data: this.found.dropped })
          : t(this.found.given ? "learned.rows_given" : "learned.rows", { rows }),
      ),
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

  // The mean answer along the columns that matter most.
  curves() {
    const { dependence: found, classes } = this.found;
    const many = found[0].outputs.length > 1;
    const k = (name) => (many ? classes.indexOf(name) : null);
    return [
      h("p", { class: "faint small-words" }, t(classes ? "learned.dependence_classes" : "learned.dependence_values")),
      h(
        "div",
        { class: "legend" },
        many
          ? found[0].outputs.map((name) => h("span", { class: "class-name" }, markIcon(classes.indexOf(name)), name))
          : h(
              "span",
              { class: "faint" },
              classes ? t("learned.probability_of", { name: found[0].outputs[0] }) : found[0].outputs[0],
            ),
      ),
      h(
        "div",
        { class: "curves-of-columns" },
        found.map((one) =>
          h(
            "figure",
            {},
            h("figcaption", {}, one.column),
            dependence(one, {
              shares: Boolean(classes),
              label: t("learned.dependence_of", { column: one.column }),
              k: (i) => k(one.outputs[i]),
            }),
          ),
        ),
      ),
    ];
  }

  groups() {
    const { classes } = this.found;
    const { headline, sentences, worst } = this.found.groups;
    const say = (error) => (classes ? percent(error) : number(error, 3));
    const head = ["column", "group", "rows_of", "error", "within"].map((key) =>
      h("th", { scope: "col" }, t(`learned.${key}`)),
    );
    const lines = worst.map((g) =>
      h(
        "tr",
        { class: g.stands_out ? "far" : g.small ? "faint" : "" },
        h("th", { scope: "row" }, g.column),
        h("td", {}, g.group),
        h("td", {}, String(g.count)),
        h("td", {}, say(g.error)),
        h("td", {}, `${say(g.interval[0])} – ${say(g.interval[1])}`),
      ),
    );
    return [
      h("p", { class: "small-words" }, headline),
      sentences.map((line) => h("p", { class: "small-words" }, line)),
      h("p", { class: "faint small-words" }, t("learned.groups_about")),
      h("table", { class: "layer-table" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, lines)),
    ];
  }

  residuals() {
    const { headline, pairs, parts, target } = this.found.residuals;
    const head = ["predicted", "rows_of", "bias", "mae"].map((key) =>
      h("th", { scope: "col" }, t(`learned.part.${key}`)),
    );
    const signed = (value) => `${value > 0 ? "+" : ""}${number(value, 3)}`;
    const lines = parts.map((p) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, `${number(p.low, 3)} – ${number(p.high, 3)}`),
        h("td", {}, String(p.count)),
        h("td", {}, signed(p.bias)),
        h("td", {}, number(p.mae, 3)),
      ),
    );
    return [
      h("p", { class: "small-words" }, headline),
      truth(pairs, {
        label: t("learned.truth", { target }),
        across: t("learned.true_values", { target }),
        up: t("learned.predicted_values", { target }),
      }),
      h("table", { class: "layer-table" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, lines)),
    ];
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
