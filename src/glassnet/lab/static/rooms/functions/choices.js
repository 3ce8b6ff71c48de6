// What is drawn: activations or losses, several at once, and which of them has the tangent.
import { h } from "../../dom.js";
import { has, t } from "../../i18n.js";
import { strokeIcon } from "../../views/strokes.js";

// Field of what is drawn, field of the one with the tangent.
const LISTS = { activations: ["activations", "tangent_on"], losses: ["losses", "loss_on"] };
const START = { value: 0.5, probability: 0.3, logit: 0.5, count: 5 };

export const nameOf = (name) => {
  return t(has(`choice.loss_on.${name}`) ? `choice.loss_on.${name}` : `activation.${name}`);
};

export class Choices {
  constructor(lab) {
    this.lab = lab;
    const is =
      (curves, more = () => true) =>
      (values) =>
        values.curves === curves && more(values);
    this.kinds = h(
      "div",
      { class: "segments", role: "group", ta: { "aria-label": "field.curves" } },
      Object.keys(LISTS).map((name) =>
        h("button", {
          type: "button",
          "data-kind": name,
          t: `choice.curves.${name}`,
          onclick: () => this.turn(name),
        }),
      ),
    );
    this.rows = {};
    this.lists = Object.entries(LISTS).map(([kind, names]) => this.list(kind, ...names));
    this.most = h("p", { class: "faint", t: ["fn.most", { most: lab.state.fields.activations.high }] });
    const drawn = (name) => (values) => values.activations.includes(name) || values.tangent_on === name;
    const predicts = (...kinds) => is("losses", (values) => kinds.includes(values.predicts));
    this.predicts = lab.control("predicts", { when: is("losses") });
    this.predicts.querySelector("select").addEventListener("change", (event) => this.compare(event.target.value));
    this.element = h(
      "section",
      { class: "fn-choices", ta: { "aria-label": "fn.choices" } },
      this.kinds,
      this.predicts,
      this.lists,
      this.most,
      lab.control("leaky_slope", { when: is("activations", drawn("leaky_relu")) }),
      lab.control("elu_alpha", { when: is("activations", drawn("elu")) }),
      lab.control("true_value", { when: predicts("value") }),
      lab.control("true_label", { when: predicts("probability", "logit") }),
      lab.control("true_count", { when: predicts("count") }),
      lab.control("huber_delta", { when: predicts("value") }),
      lab.control("reach", {
        when: (values) => values.curves === "activations" || ["value", "logit"].includes(values.predicts),
      }),
    );
    this.paint();
  }

  // A row for each function: drawn or not, and whether the tangent is on it.
  list(kind, shown, on) {
    const { lab } = this;
    this.rows[kind] = lab.state.fields[shown].choices.map((name) => {
      const box = h("input", { type: "checkbox", onchange: () => this.draw(shown, name, box.checked) });
      const radio = h("input", { type: "radio", name: on, value: name, onchange: () => this.touch(shown, on, name) });
      const icon = h("span", { class: "icon" });
      const label = h("label", {}, box, icon, h("span", { t: `${lab.state.fields[on].texts}.${name}` }));
      return { name, box, radio, icon, element: h("li", {}, label, radio) };
    });
    return h(
      "ul",
      { class: "fn-list", "data-kind": kind, "data-field": shown },
      h("li", { class: "faint", "aria-hidden": "true" }, h("span", { t: "fn.drawn" }), h("span", { t: "fn.tangent" })),
      this.rows[kind].map((row) => row.element),
    );
  }

  draw(field, name, yes) {
    const now = this.lab.latest(field).filter((n) => n !== name);
    this.lab.set(field, yes ? [...now, name] : now);
  }

  touch(shown, on, name) {
    const most = this.lab.state.fields[shown].high ?? 100;
    const drawn = this.lab.latest(shown);
    if (!drawn.includes(name) && drawn.length < most) this.draw(shown, name, true);
    this.lab.set(on, name);
    this.on = name;
  }

  // A point of the losses, as 5 for a count, would be at the edge of the activations.
  turn(kind) {
    if (this.lab.latest("curves") === kind) return;
    this.lab.set("curves", kind);
    this.lab.set("tangent_at", START[kind === "losses" ? this.lab.latest("predicts") : "value"]);
  }

  // Another thing to compare: its first loss has the tangent, at a place where it is seen well.
  compare(kind) {
    this.lab.set("tangent_at", START[kind]);
    if (this.compared) this.lab.set("loss_on", this.compared[kind][0]);
  }

  // newer: whether a newer answer is on its way
  take({ compared, on }, newer) {
    this.compared = compared;
    if (!newer && !Object.values(LISTS).some(([, field]) => this.lab.pending.has(field))) this.on = on;
    this.update();
  }

  update() {
    const { values, fields } = this.lab.state;
    const kind = this.lab.latest("curves");
    for (const button of this.kinds.children) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    for (const list of this.lists) list.hidden = list.dataset.kind !== kind;
    const [shown] = LISTS[kind];
    const drawn = this.lab.latest(shown);
    const full = drawn.length >= (fields[shown].high ?? 100);
    this.most.hidden = !full;
    const known = kind === "losses" ? this.compared?.[values.predicts] : null;
    for (const row of this.rows[kind]) {
      row.box.checked = drawn.includes(row.name);
      row.box.disabled = full && !row.box.checked;
      row.radio.checked = row.name === this.on;
      row.radio.disabled = full && !row.box.checked;
      row.element.hidden = Boolean(known) && !known.includes(row.name);
      row.radio.setAttribute("aria-label", t("fn.tangent_on", { name: nameOf(row.name) }));
    }
  }

  // Where a function stands in its list: that gives it its line.
  place(name) {
    return Math.max(...Object.values(this.rows).map((rows) => rows.findIndex((row) => row.name === name)));
  }

  paint() {
    for (const rows of Object.values(this.rows)) rows.forEach((row, k) => row.icon.replaceChildren(strokeIcon(k, 26)));
  }
}
