// What became of each column of an own table: a press leaves it out, or takes it in again.
import { h } from "../../dom.js";
import { language, t } from "../../i18n.js";

export class OwnTable {
  constructor(lab) {
    this.lab = lab;
    this.list = h("ul", { class: "own-columns" });
    this.says = h("div", { class: "own-says", role: "status" });
    this.notes = h("ul", { class: "own-notes" });
    this.more = h("details", { class: "own-more" }, h("summary", { t: "own.notes" }), this.notes);
    this.element = h(
      "div",
      { class: "own-table" },
      ["own_task", "own_header"].map((name) => lab.control(name)),
      this.says,
      h("h3", { t: "own.columns" }),
      this.list,
      this.more,
    );
  }

  show(data) {
    const key = JSON.stringify([data.read, data.notes, data.encoding, data.headless, language()]);
    if (this.key === key) return;
    this.key = key;
    const focused = [...this.list.querySelectorAll("button")].indexOf(document.activeElement);
    const lines = [];
    if (data.encoding === "cp949") lines.push(t("own.cp949"));
    if (data.headless) lines.push(t("own.headless"));
    this.says.replaceChildren(...lines.map((line) => h("p", {}, line)));
    this.list.replaceChildren(...data.read.map((column) => h("li", {}, this.row(column))));
    this.list.querySelectorAll("button")[focused]?.focus();
    this.notes.replaceChildren(...data.notes.map((note) => h("li", {}, note[language()])));
    this.more.hidden = !data.notes.length;
  }

  row(column) {
    const { number, name, state, why, gaps } = column;
    const parts = [state === "left" ? t(`own.why.${why}`) : t(`own.state.${state}`)];
    if (gaps && state !== "left") parts.push(t(state === "target" ? "own.gaps_target" : "own.gaps", { gaps }));
    const fixed = state === "target" || (state === "left" && why !== "hand");
    return h(
      "button",
      {
        type: "button",
        class: `own-column is-${state}`,
        "aria-pressed": String(state !== "left"),
        disabled: fixed,
        title: fixed ? name : t(state === "left" ? "own.take" : "own.leave", { name }),
        onclick: () => this.toggle(number),
      },
      h("b", {}, name),
      h("span", { class: "faint" }, parts.join(", ")),
    );
  }

  toggle(number) {
    const left = this.lab.latest("own_left");
    this.lab.set("own_left", left.includes(number) ? left.filter((n) => n !== number) : [...left, number]);
  }
}
