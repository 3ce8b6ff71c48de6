// A table of counts, true classes down, predicted ones across; the cells shaded by their share
// of the row.
import { h } from "../dom.js";
import { percent } from "../format.js";
import { t } from "../i18n.js";
import { hideTip, showTip } from "../tooltip.js";
import { markIcon } from "./shapes.js";

const MANY = 6; // classes beyond which names have no room

export class MatrixView {
  // labels: keys {caption, across, down}
  constructor(labels) {
    this.labels = labels;
    this.table = h("table", { class: "counts" });
    this.element = h(
      "div",
      { class: "view matrix-view" },
      h("p", { class: "faint across", t: labels.across }),
      this.table,
    );
  }

  // A cell in words: how many of a class were taken for which.
  tell(i, j, event) {
    if (!this.counts) return;
    const k = this.classes.length;
    const row = [...this.counts.subarray(i * k, (i + 1) * k)];
    const [count, total] = [row[j], row.reduce((a, b) => a + b, 0)];
    const [real, said] = [this.classes[i], this.classes[j]];
    const lines = [t("play.cell", { real, said }), t("play.cell_of", { count, total, share: percent(count / total) })];
    showTip(event.clientX, event.clientY, total ? lines : lines.slice(0, 1));
  }

  show(classes) {
    this.classes = classes;
    this.counts = null;
    const many = classes.length > MANY;
    const called = (name) => (many ? short(name) : name);
    const head = (k) => h("th", { scope: "col", title: classes[k] }, markIcon(k), h("span", {}, called(classes[k])));
    this.cells = [];
    const rows = classes.map((name, i) => {
      const cells = classes.map((_, j) =>
        h("td", {
          class: i === j ? "right" : "wrong",
          onpointermove: (event) => this.tell(i, j, event),
          onpointerleave: hideTip,
        }),
      );
      this.cells.push(cells);
      return h("tr", {}, h("th", { scope: "row", title: name }, markIcon(i), h("span", {}, called(name))), cells);
    });
    this.table.replaceChildren(
      h("caption", { class: "unseen", t: this.labels.caption }),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("td", { class: "faint", t: this.labels.down }),
          classes.map((_, k) => head(k)),
        ),
      ),
      h("tbody", {}, rows),
    );
    this.table.style.setProperty("--classes", classes.length);
    this.table.classList.toggle("dense", many);
    this.table.classList.toggle("long", !many && classes.some((name) => name.length > 6));
  }

  // counts: k × k numbers in a row
  frame(counts) {
    const k = this.cells?.length ?? 0;
    if (counts.length !== k * k) return;
    this.counts = counts;
    this.cells.forEach((cells, i) => {
      let total = 0;
      for (let j = 0; j < k; j++) total += counts[i * k + j];
      cells.forEach((cell, j) => {
        const count = counts[i * k + j];
        const words = count ? String(count) : "·";
        if (cell.textContent !== words) cell.textContent = words;
        cell.style.setProperty("--share", total ? (count / total).toFixed(2) : "0");
      });
    });
  }
}

const short = (name) => (name.length > 9 ? `${name.slice(0, 8)}…` : name);
