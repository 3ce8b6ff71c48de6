// Own model: the saved runs of this machine, what is inside each, and in which rooms it opens.
import { h } from "../../dom.js";
import { number, percent } from "../../format.js";
import { language, t } from "../../i18n.js";
import { sendTable, takesFiles } from "../../tables.js";
import { Inside } from "./inside.js";
import { Learned } from "./learned.js";
import { TryRow } from "./tryrow.js";

class Room {
  constructor(lab) {
    this.lab = lab;
    this.list = h("ul", { class: "runs" });
    this.none = h(
      "div",
      { class: "no-runs" },
      h("p", { t: "model.none" }),
      h("pre", {}, "glassnet train digits\nglassnet lab"),
      h("p", { class: "faint", t: "model.none_where" }),
    );
    this.again = h("button", { type: "button", class: "small", t: "model.again", onclick: () => this.fetch() });
    this.title = h("h2", { id: "inside-title" });
    this.words = h("p", { class: "faint" });
    this.status = h("span", { class: "unseen", role: "status" });
    this.doors = h("div", { class: "doors" });
    this.why = h("p", { class: "why-not", role: "alert" });
    this.inside = new Inside();
    this.learned = new Learned((what, args, refused) => this.lab.ask(what, args, "model", refused));
    this.tryRow = new TryRow((what, args, refused) => this.lab.ask(what, args, "model", refused));
    this.drop = h("p", { class: "faint small-words drop-here", hidden: true });
    this.chosen = h(
      "section",
      { class: "inside", "aria-labelledby": "inside-title", hidden: true },
      this.title,
      this.words,
      this.status,
      this.doors,
      this.why,
      this.drop,
      h("div", { class: "parts learned" }, this.tryRow.element),
      this.learned.element,
      this.inside.element,
    );
    this.element = h(
      "div",
      { class: "models" },
      h(
        "section",
        { class: "shelf", "aria-labelledby": "runs-title" },
        h("div", { class: "shelf-top" }, h("h2", { id: "runs-title", t: "model.runs" }), this.again),
        this.list,
        this.none,
      ),
      this.chosen,
    );
  }

  ask(what, args) {
    return this.lab.ask(what, args, "model");
  }

  async fetch() {
    const found = await this.ask("runs");
    if (!found) return;
    this.runs = found.runs;
    this.showRuns();
    const { run } = this.lab.state.values;
    if (run) this.look();
    else if (this.runs.length) this.lab.set("run", this.runs[0].name);
  }

  showRuns() {
    this.none.hidden = this.runs.length > 0;
    this.buttons = this.runs.map((one) =>
      h(
        "button",
        { type: "button", class: "run-name", onclick: () => this.lab.set("run", one.name) },
        h("b", {}, one.name),
        h("span", { class: "faint" }, this.line(one)),
      ),
    );
    this.list.replaceChildren(...this.buttons.map((button) => h("li", {}, button)));
    this.mark();
  }

  // The chosen one; the focus stays where it is.
  mark() {
    this.buttons.forEach((button, i) => {
      const chosen = this.runs[i].name === this.lab.state.values.run;
      button.setAttribute("aria-pressed", String(chosen));
      if (chosen) button.scrollIntoView({ block: "nearest" });
    });
  }

  line({ data, network, kind, number: value }) {
    const parts = [data, network].filter(Boolean);
    if (kind === "accuracy") parts.push(percent(value));
    else if (kind === "r2") parts.push(`R² ${number(value, 3)}`);
    else if (kind) parts.push(t(`model.kind_${kind}`));
    return parts.join(" · ");
  }

  async look() {
    const { run } = this.lab.state.values;
    this.asked = run;
    if (!run) return;
    let why = "";
    const found = await this.lab.ask("look", { language: language() }, "model", (words) => (why = words));
    if (this.asked !== run) return; // another was chosen meanwhile
    this.found = found;
    this.chosen.hidden = !found && !why;
    this.why.textContent = why;
    for (const part of [this.doors, this.inside.element]) part.hidden = !found;
    this.learned.element.hidden = true;
    if (found) {
      this.show();
      this.drop.hidden = true;
      this.tryRow
        .look(() => this.asked === run)
        .then(() => {
          if (this.asked !== run || this.tryRow.element.hidden) return;
          this.drop.hidden = false;
          this.drop.textContent = t("tryrow.drop", { data: found.data || run });
        });
      this.learned.look(() => this.asked === run);
    } else this.refuse(run);
  }

  // What cannot be read; the reason stands below.
  refuse(run) {
    this.title.textContent = run;
    this.words.textContent = t("model.cannot");
  }

  show() {
    const { found } = this;
    this.title.textContent = found.name;
    const parts = [
      found.data && t("model.learned_from", { data: found.data }),
      t("play.parameters", { count: found.parameters }),
    ];
    if (found.report.kind === "accuracy") parts.push(t("model.accuracy", { share: percent(found.report.number) }));
    if (found.report.kind === "r2") parts.push(`R² ${number(found.report.number, 3)}`);
    this.words.textContent = parts.filter(Boolean).join(" · ");
    this.status.textContent = found.name;
    this.doors.replaceChildren(...["playground", "step", "digits", "convolution"].map((room) => this.door(room)));
    this.inside.show(found);
  }

  // A button into another room, or why the run does not fit there. What the playground can take
  // is taken apart there, where its numbers can be set; of an ensemble one network at a time.
  door(room) {
    const { fits, members } = this.found;
    const by = room === "step" && !fits.playground && !fits.step ? "playground" : room;
    if (fits[room])
      return h("p", { class: "faint" }, h("b", {}, t(`model.not_${room}`)), " ", this.lab.words(fits[room]));
    const choose = room === "step" && members ? this.members(members) : null;
    const open = () => this.ask(`open_${by}`, choose ? { member: Number(choose.value) } : {});
    const button = h(
      "button",
      { type: "button", class: "main", onclick: () => open().then((opened) => opened && this.lab.set("room", room)) },
      t(`model.open_${room}`),
    );
    return choose ? h("span", { class: "row door" }, choose, button) : button;
  }

  members(count) {
    const names = Array.from({ length: count }, (_, i) =>
      h("option", { value: i }, t("model.member", { member: i + 1, members: count })),
    );
    return h("select", { ta: { "aria-label": "field.step_member" } }, names);
  }

  // A table that is dropped on a run of a table is what the run is looked at by.
  async judge(file) {
    if (!this.found || this.tryRow.element.hidden) return;
    if ((await sendTable(this.lab, file)) && (await this.ask("use_table"))) this.look();
  }

  update() {
    if (this.element.hidden || !this.runs) return;
    if (this.lab.state.values.run === this.asked) return;
    this.mark();
    this.look();
  }

  paint() {
    this.tryRow.paint();
    if (this.runs) this.showRuns();
    if (this.found) this.show();
  }

  // The words in the drawing are the server's.
  speak() {
    this.paint();
    if (this.found) this.look();
  }
}

function mount(lab) {
  const room = new Room(lab);
  takesFiles(room.element, (file) => room.judge(file));
  return {
    element: room.element,
    show() {
      lab.want();
      room.fetch();
    },
    update: (parts) => parts.values && room.update(),
    language: () => room.speak(),
    theme() {
      room.paint();
      room.learned.show();
    },
  };
}

export const room = { name: "model", mount };
