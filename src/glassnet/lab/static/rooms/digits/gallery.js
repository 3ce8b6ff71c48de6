// The mistakes on the test part: counts by true and said digit, which filter the pictures.
import { h } from "../../dom.js";
import { percent } from "../../format.js";
import { t } from "../../i18n.js";
import { bytesOf, smallCanvas } from "../../views/pixels.js";

export class Gallery {
  // onpick(index): a mistake is to be drawn on
  constructor(lab, onpick) {
    this.lab = lab;
    this.onpick = onpick;
    this.cells = [];
    this.table = this.grid();
    this.words = h("p", { role: "status" });
    this.all = h("button", {
      type: "button",
      class: "small",
      t: "digits.all_mistakes",
      hidden: true,
      onclick: () => this.filter(-1, -1),
    });
    this.pictures = h("div", { class: "mistakes", role: "group", ta: { "aria-label": "digits.mistakes" } });
    this.element = h(
      "section",
      { class: "gallery", "aria-labelledby": "gallery-title" },
      h("h2", { id: "gallery-title", t: "digits.mistakes" }),
      h("div", { class: "counts-box" }, h("p", { class: "faint across", t: "digits.said_across" }), this.table),
      h("div", { class: "shown" }, h("div", { class: "row" }, this.words, this.all), this.pictures),
    );
  }

  // A grid of buttons; the arrow keys walk in it, one of them is in the order of Tab.
  grid() {
    const button = (truth, said, words) => {
      const element = h(
        "button",
        { type: "button", tabindex: -1, onclick: () => this.press(truth, said), onfocus: () => this.roam(element) },
        words,
      );
      this.cells.push({ element, truth, said });
      return element;
    };
    const header = h(
      "tr",
      {},
      h("td", { class: "faint", t: "digits.true_down" }),
      ...Array.from({ length: 10 }, (_, k) => h("th", { scope: "col" }, button(-1, k, String(k)))),
    );
    const rows = Array.from({ length: 10 }, (_, i) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, button(i, -1, String(i))),
        Array.from({ length: 10 }, (_, j) => h("td", {}, button(i, j, ""))),
      ),
    );
    this.roam(this.cells[0].element);
    return h(
      "table",
      { class: "confusions", role: "grid", onkeydown: (event) => this.walk(event) },
      h("caption", { class: "unseen", t: "play.matrix" }),
      h("thead", {}, header),
      h("tbody", {}, rows),
    );
  }

  roam(element) {
    for (const cell of this.cells) cell.element.tabIndex = cell.element === element ? 0 : -1;
  }

  walk(event) {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const here = this.cells.find((c) => c.element === document.activeElement);
    if (!(event.key in moves) || !here) return;
    event.preventDefault();
    const [down, across] = moves[event.key];
    const there = this.cells.find((c) => c.truth === here.truth + down && c.said === here.said + across);
    there?.element.focus();
  }

  press(truth, said) {
    if (truth === said) return; // these are no mistakes
    const { mistake_true: t0, mistake_said: s0 } = this.lab.state.values;
    if (truth === t0 && said === s0) this.filter(-1, -1);
    else this.filter(truth, said);
  }

  filter(truth, said) {
    this.lab.set("mistake_true", truth);
    this.lab.set("mistake_said", said);
  }

  // found: the answer of "mistakes"; of an untrained network everything is a mistake
  show(found, knows) {
    this.found = found;
    this.knows = knows;
    this.paint();
  }

  paint() {
    const { found, knows } = this;
    if (!found) return;
    const { matrix, shown, total, side } = found;
    const there = matrix.length > 0;
    const { mistake_true: truth, mistake_said: said } = this.lab.state.values;
    for (const { element, truth: i, said: j } of this.cells) {
      element.setAttribute("aria-pressed", String(i === truth && j === said));
      if (i < 0 || j < 0) {
        const key = i < 0 ? "digits.filter_said" : "digits.filter_true";
        element.setAttribute("aria-label", t(key, { digit: i < 0 ? j : i }));
        continue;
      }
      const count = there && knows ? matrix[i][j] : 0;
      const all = there ? matrix[i].reduce((a, b) => a + b, 0) : 0;
      element.textContent = count ? String(count) : "·";
      element.className = i === j ? "right" : "wrong";
      element.style.setProperty("--share", all ? (count / all).toFixed(3) : "0");
      element.setAttribute("aria-label", t("digits.cell", { count, truth: i, said: j }));
      element.setAttribute("aria-disabled", String(i === j));
    }
    this.all.hidden = truth < 0 && said < 0;
    this.words.textContent = !there
      ? t("digits.no_pictures")
      : !knows
        ? t("digits.no_mistakes_yet")
        : t(truth < 0 && said < 0 ? "digits.wrong" : "digits.wrong_some", {
            total,
            shown: shown.length,
            tested: found.tested,
            wrong: found.wrong,
          });
    this.pictures.replaceChildren(...(knows ? shown : []).map((one) => this.picture(one, side)));
  }

  picture({ index, true: truth, said, sure, picture }, side) {
    const words = t("digits.mistake", { truth, said, sure: percent(sure) });
    return h(
      "button",
      {
        type: "button",
        class: "mistake",
        title: `${words} ${t("digits.draw_on")}`,
        "aria-label": words,
        "data-index": index,
        onclick: () => this.onpick(index),
      },
      h("img", { alt: "", src: smallCanvas(bytesOf(picture), side).toDataURL(), draggable: "false" }),
      h("span", {}, `${truth} → `, h("b", {}, String(said))),
    );
  }
}
