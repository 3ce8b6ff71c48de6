// One stop of the walk: its numbers, and the one that is chosen, with its formula, the formula
// with the numbers, the chain rule down to it, its check, and what it was made of.
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { has, t } from "../../i18n.js";
import { latexView } from "../../views/latex.js";
import { Chain } from "./chain.js";
import { Pictures } from "./pictures.js";
import { isLayer, layerName, meaning, phrases, stopName } from "./words.js";

const MARKS = { ok: "✓", kink: "∧", off: "✗" };

export class Numbers {
  // on: {row(row), go(at, row), weight(index, value), input(column, value)}
  constructor(on) {
    this.on = on;
    this.title = h("h2", { class: "stop-title", "aria-live": "polite" });
    this.about = h("p", { class: "faint stop-about" });
    this.rows = h("div", { class: "rows", role: "group", ta: { "aria-label": "step.numbers" } });
    this.formula = h("div", { class: "formula" });
    this.filled = h("div", { class: "filled math" });
    this.check = h("div", { class: "check-of" });
    this.chain = new Chain();
    this.made = h("div", { class: "made" });
    this.pictures = new Pictures((row) => on.row(row));
    this.detail = h(
      "div",
      { class: "detail", tabindex: 0, role: "group", ta: { "aria-label": "step.detail" } },
      this.formula,
      this.filled,
      this.pictures.element,
      this.check,
      this.chain.element,
      this.made,
    );
    this.element = h(
      "section",
      { class: "stop" },
      this.title,
      this.about,
      h("div", { class: "stop-body" }, this.rows, this.detail),
    );
  }

  show(found, { phase, layer, unit, about, trace }) {
    this.title.textContent = stopName([phase, layer, unit], trace);
    this.about.textContent = this.describe(phase, layer, unit, about);
    this.list(found);
    const { focus } = found;
    this.formula.replaceChildren(
      h("h3", {}, meaning(focus.quantity, focus.meaning)),
      latexView(translated(focus.latex)),
    );
    this.filled.replaceChildren(...focus.with_numbers.split("\n").map((line) => h("p", {}, phrases(line))));
    this.judge(focus);
    this.made.replaceChildren(...this.madeOf(found));
    this.chain.show(focus.chain);
    this.pictures.show(found.pictures);
    this.detail.scrollTop = 0;
  }

  describe(phase, layer, unit, about) {
    if (layer === "loss") return t(phase === "loss" ? "step.about.loss" : "step.about.gradient");
    if (unit === -1) return t("step.about.inputs");
    if (phase === "update") return t("step.about.update");
    const key = `step.about.${about.kind}.${phase}`;
    return has(key) ? t(key) : "";
  }

  list({ numbers, row, more }) {
    const old = this.rows.contains(document.activeElement);
    this.rows.replaceChildren(
      ...numbers.map((one) =>
        h(
          "button",
          {
            type: "button",
            class: "row-of",
            "aria-pressed": String(one.row === row),
            tabindex: one.row === row ? 0 : -1,
            title: meaning(one.quantity, one.meaning),
            onclick: () => this.on.row(one.row),
          },
          h("span", { class: "math name-of" }, one.name),
          h("b", {}, number(one.value, 4)),
          one.verdict
            ? h(
                "i",
                { class: `sign-of is-${one.verdict}`, title: t(`step.verdict_${one.verdict}`) },
                MARKS[one.verdict],
              )
            : h("i", {}),
        ),
      ),
      ...(more ? [h("p", { class: "faint more-rows", t: ["step.more_rows", { count: more }] })] : []),
    );
    this.order = numbers.map((one) => one.row);
    const chosen = this.rows.children[this.order.indexOf(row)];
    if (old) chosen.focus();
    if (chosen) this.reveal(chosen);
  }

  // The list scrolls to it, and nothing around the list: the page stays where the reader is.
  reveal(chosen) {
    const [one, list] = [chosen, this.rows].map((element) => element.getBoundingClientRect());
    if (one.top < list.top) this.rows.scrollTop -= list.top - one.top;
    else if (one.bottom > list.bottom) this.rows.scrollTop += one.bottom - list.bottom;
  }

  judge({ numerical, verdict, value, quantity }) {
    this.check.hidden = numerical === null && !verdict;
    if (this.check.hidden) return;
    this.check.className = `check-of is-${verdict}`;
    const words = t(numerical === null ? `step.update_${verdict}` : `step.verdict_${verdict}`);
    const formula = numerical === null ? null : latexView(`${variable(quantity)} = ${shown(numerical)}`);
    this.check.replaceChildren(
      h("h3", { t: numerical === null ? "step.by_formula" : "step.numerical" }),
      formula ?? "",
      h(
        "p",
        { class: "check-words" },
        h("i", { class: "sign-of", "aria-hidden": "true" }, MARKS[verdict] ?? ""),
        words,
        numerical === null ? "" : ` ${t("step.both", { backward: number(value, 6), numerical: number(numerical, 6) })}`,
      ),
    );
  }

  // What can be set gets a box, what was computed on the way leads there.
  madeOf({ made, made_more: count, focus }) {
    const parts = made.map((one) => this.chip(one));
    if (focus.set && !made.some((one) => same(one.set, focus.set))) {
      parts.unshift(this.box(focus.set.symbol, focus.set));
    }
    if (!parts.length) return [];
    const more = count ? [h("p", { class: "faint", t: ["step.made_more", { count }] })] : [];
    return [h("h3", { t: "step.made_of" }), h("div", { class: "chips" }, parts), ...more];
  }

  // The number below or above the chosen one, among those that are listed.
  beside(row, way) {
    const place = (this.order ?? []).indexOf(row) + way;
    return this.order?.[Math.max(0, Math.min(this.order.length - 1, place))] ?? 0;
  }

  chip(one) {
    if (one.set) return this.box(one.name, one.set);
    const words = [h("span", { class: "math" }, one.name), h("b", {}, number(one.value, 4))];
    if (!one.at) return h("span", { class: "chip" }, words);
    return h(
      "button",
      { type: "button", class: "chip", title: t("step.go_there"), onclick: () => this.on.go(...one.at) },
      words,
    );
  }

  box(name, { weight, input, value }) {
    const box = h("input", {
      type: "text",
      class: "number",
      inputmode: "decimal",
      size: 7,
      autocomplete: "off",
      value: String(Number(value.toPrecision(4))).replaceAll("-", "−"),
      "aria-label": t("step.set", { name }),
      onfocus: () => box.select(),
      onchange: () => {
        const wanted = Number(box.value.replace(",", ".").replaceAll("−", "-"));
        if (!Number.isFinite(wanted) || !box.value.trim()) box.value = String(value);
        else if (weight !== undefined) this.on.weight(weight, wanted);
        else this.on.input(input, wanted);
      },
    });
    return h("span", { class: "chip settable" }, h("span", { class: "math" }, name), box);
  }
}

const same = (a, b) => Boolean(a) && a.weight === b.weight && a.input === b.input;

// The words inside \text{…}, in the page's language.
const translated = (latex) =>
  latex.replace(/\\text\{([^}]*)\}/g, (_, words) => {
    const plain = words.replaceAll("\\_", "_");
    return `\\text{${isLayer(plain) ? layerName(plain) : phrases(plain)}}`;
  });

const shown = (value) =>
  number(value, 6)
    .replaceAll("−", "-")
    .replace(/e(-?\d+)$/, " \\cdot 10^{$1}");

// The central difference, by the letter of what moves.
function variable(quantity) {
  const letter = { dW: "w", db: "b", dz: "z", dx: "x", dy: "y", dgamma: "\\gamma", dbeta: "\\beta" }[quantity] ?? "w";
  return `\\frac{L(${letter} + h) - L(${letter} - h)}{2 h}`;
}
