// The surface: which one, its formula or an own one, the start, and what to look at.
import { h, unique, write } from "../../dom.js";
import { short } from "../../format.js";
import { has, t } from "../../i18n.js";
import { formula, n, op, row, sub, v } from "../../views/formula.js";
import { latex } from "../../views/latex.js";

const LESSONS = ["race", "large", "small", "few", "saddle"];

export class SurfaceBar {
  // choose(fields): sets several fields at once; keep(): before the start is typed
  constructor(lab, choose, keep) {
    this.lab = lab;
    this.choose = choose;
    const pick = unique("surface");
    this.pick = h(
      "select",
      { id: pick, onchange: () => this.chosen(this.pick.value) },
      lab.state.fields.surface.choices.map((name) => h("option", { value: name, t: `choice.surface.${name}` })),
    );
    const own = unique("formula");
    this.problem = h("p", { class: "problem", id: `${own}-problem`, role: "status" });
    this.text = h("input", {
      type: "text",
      id: own,
      class: "formula-text",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: 200,
      "aria-describedby": this.problem.id,
      oninput: () => this.typed(),
      onchange: () => this.send(),
    });
    this.ownBox = h("div", { class: "field" }, h("label", { for: own, t: "descent.own" }), this.text);
    this.shown = h("div", { class: "formula-shown" });
    this.buttons = LESSONS.map((name) =>
      h("button", { type: "button", class: "small", t: `descent.lesson_${name}`, onclick: () => this.teach(name) }),
    );
    this.lessons = h(
      "div",
      { class: "lessons", role: "group", ta: { "aria-label": "descent.lessons" } },
      h("span", { class: "faint", t: "descent.lessons" }),
      this.buttons,
    );
    this.told = h("p", { class: "room-about", role: "status" });
    this.starts = ["start_x", "start_y"].map((name) => lab.control(name, { plain: true }));
    for (const field of this.starts) field.addEventListener("focusin", keep);
    this.element = h(
      "section",
      { class: "surface-bar", ta: { "aria-label": "field.surface" } },
      h("div", { class: "field", "data-field": "surface" }, h("label", { for: pick, t: "field.surface" }), this.pick),
      this.ownBox,
      lab.control("surface_reach", { when: (values) => values.surface === "own" }),
      h("div", { class: "formula-box" }, this.shown),
      this.starts,
      h("div", { class: "advice" }, this.problem, this.told),
      h(
        "div",
        { class: "second" },
        this.lessons,
        h("div", { class: "flags" }, lab.control("arrows"), lab.control("log_height")),
      ),
    );
    lab.ask("offers", {}, "descent").then((found) => (this.offers = found));
  }

  chosen(name) {
    if (name === "own") {
      const reach = this.lab.state.values.surface_reach;
      this.choose({ surface: "own", start_x: -0.7 * reach, start_y: 0.4 * reach, log_height: false });
    } else if (name === "network") this.choose({ surface: "network", race_step: 500 });
    else if (this.offers) this.choose(this.offers.surfaces[name]);
  }

  teach(name) {
    if (!this.offers) return;
    this.taught = name;
    this.choose({ log_height: false, race_step: 500, ...this.offers.lessons[name] });
  }

  // What to look at: in the lesson, as long as nothing of it was changed; otherwise in the room.
  tell() {
    const { values } = this.lab.state;
    const lesson = this.taught && this.offers.lessons[this.taught];
    if (lesson && Object.keys(lesson).some((name) => JSON.stringify(lesson[name]) !== JSON.stringify(values[name]))) {
      this.taught = null;
    }
    this.buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(LESSONS[k] === this.taught)));
    const words = t(this.taught ? `descent.about_${this.taught}` : "descent.about");
    if (this.told.textContent !== words) this.told.textContent = words;
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), 500);
  }

  send() {
    clearTimeout(this.timer);
    if (this.text.value !== this.lab.state.values.surface_formula) this.lab.set("surface_formula", this.text.value);
  }

  update() {
    const { values } = this.lab.state;
    this.pick.value = values.surface;
    this.ownBox.hidden = values.surface !== "own";
    this.tell();
    if (document.activeElement !== this.text) this.text.value = values.surface_formula;
  }

  // The start while it is dragged, before the fields have it.
  showStart(start) {
    this.starts.forEach((field, axis) => write(field.querySelector("input.number"), short(start[axis])));
  }

  // The surface; with what is wrong, if it is another than the fields say.
  take(found) {
    this.wrong = found.problem;
    this.drawn = found.text;
    const f = row(v("f"), op("("), sub(v("x"), n("0")), op(","), sub(v("x"), n("1")), op(")"), op("="));
    this.shown.replaceChildren(formula(row(f, latex(found.latex)), { block: false, label: found.text }).element);
    this.say();
  }

  takeRace(found) {
    this.lost = found.problem;
    this.say();
  }

  say() {
    const problem = this.wrong ?? this.lost;
    this.text.setAttribute("aria-invalid", String(Boolean(this.wrong)));
    this.problem.textContent = problem ? sentence(problem) : "";
    if (this.wrong) this.problem.textContent += ` ${t("descent.meanwhile", { formula: this.drawn })}`;
    this.told.hidden = Boolean(problem); // one line for both, so that nothing moves
  }

  language() {
    this.say();
    this.tell();
  }
}

function sentence({ key, text, values }) {
  if (!has(key)) return text;
  const words = t(key, {
    ...values,
    after: values.after || t("formula.begin"),
    before: values.before || t("formula.end"),
  });
  return values.position ? t("formula.at", { position: values.position, words }) : words;
}
