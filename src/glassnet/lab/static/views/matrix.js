// A table of counts, true classes down, predicted ones across; the cells shaded by their share
// of the row.
import { h } from "../dom.js";
import { markIcon } from "./shapes.js";

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

  show(classes) {
    const head = (k) => h("th", { scope: "col", title: classes[k] }, markIcon(k), h("span", {}, short(classes[k])));
    this.cells = [];
    const rows = classes.map((name, i) => {
      const cells = classes.map((_, j) => h("td", { class: i === j ? "right" : "wrong" }));
      this.cells.push(cells);
      return h("tr", {}, h("th", { scope: "row", title: name }, markIcon(i), h("span", {}, short(name))), cells);
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
    this.table.classList.toggle("dense", classes.length > 6);
  }

  // counts: k × k numbers in a row
  frame(counts) {
    const k = this.cells?.length ?? 0;
    if (counts.length !== k * k) return;
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
