// Two networks side by side: A beside the page's own, B; in words what differs, and both curves.
import { h } from "../../dom.js";
import { fixed, short } from "../../format.js";
import { t } from "../../i18n.js";
import { MapView } from "../../views/map.js";
import { strokeColor, strokeIcon } from "../../views/strokes.js";

const LINES = { a: 1, b: 0 }; // of the strokes of paths and curves
const TEST = [3, 3];

export class Versus {
  // map: the view of the page's own network; onhover as of the view
  constructor(lab, map, onhover) {
    this.lab = lab;
    this.map = new MapView({ label: "play.map", onhover });
    this.heads = { a: h("h3", { class: "map-head" }), b: h("h3", { class: "map-head" }) };
    this.sides = {
      a: h("div", { class: "one-map" }, this.heads.a, this.map.element),
      b: h("div", { class: "one-map" }, this.heads.b, map.element),
    };
    this.maps = h("div", { class: "maps" }, this.sides.a, this.sides.b);
    this.words = h("p", { role: "status" });
    const keep = (which) =>
      h("button", {
        type: "button",
        class: "small",
        t: `time.keep_${which}`,
        onclick: () => lab.do("keep", { which }),
      });
    this.element = h(
      "div",
      { class: "versus", role: "group", "data-field": "compared", ta: { "aria-label": "time.two" } },
      this.words,
      h("div", { class: "time-row" }, keep("a"), keep("b")),
    );
    this.keys = h("span", { class: "versus-keys" });
    this.update();
  }

  get on() {
    return Boolean(this.lab.state.other);
  }

  update() {
    const { structure, data, values } = this.lab.state;
    for (const part of [this.sides.a, this.element, this.keys, this.heads.b]) part.hidden = !this.on;
    if (!this.on || !structure || !data) return;
    this.map.canvas.setAttribute("aria-label", t("time.map_of", { which: "A" }));
    const words = this.sentences().join(" ");
    if (this.words.textContent !== words) this.words.textContent = words;
    this.map.show(structure, data, { testShown: values.show_test, sharp: values.sharp });
    this.paint();
  }

  // ---- what differs, in words ----

  sentences() {
    const { differences, start, changed, kept } = this.lab.state.other;
    const said = differences.map((one) => this.difference(one, start)).join(", ");
    return [
      said ? t("time.b_has", { what: said }) : t("time.same"),
      start ? t("time.start", { epoch: start }) : "",
      differences.length > 1 ? t("time.many") : "",
      changed ? t("time.changed") : "",
      kept ? t("time.kept") : "",
    ].filter(Boolean);
  }

  difference({ field, a, b, since }, start) {
    const label = t(`field.${field}`).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
    const what = t("time.instead", { field: label, a: this.value(field, a), b: this.value(field, b) });
    return since > start ? t("time.since", { what, epoch: since }) : what;
  }

  value(name, value) {
    const field = this.lab.state.fields[name];
    if (field.kind === "choice") return t(`${field.texts}.${value}`);
    if (field.kind === "layers") return value.map((layer) => this.layer(layer)).join(" · ") || t("time.none");
    if (field.kind === "names") return value.map((one) => this.lab.state.structure.features[one] ?? one).join(" · ");
    return short(value);
  }

  layer([units, activation, dropout, norm, skip]) {
    const more = [
      dropout ? ` ${t("play.drop_short", { percent: Math.round(dropout * 100) })}` : "",
      norm ? " BN" : "",
      skip ? " +x" : "",
    ];
    return `${units} ${t(`activation.${activation}`)}${more.join("")}`;
  }

  // ---- what moves ----

  frame(sections) {
    if (!this.on || !sections.other_status) return;
    this.map.frame({ map: sections.other_map, line: sections.other_line });
    const [epoch, loss, test] = sections.other_status.data;
    const { status } = sections;
    const late = epoch === status.epoch ? "" : ` · ${t("play.epoch_number")} ${epoch}`;
    this.say("a", `${fixed(loss)} / ${fixed(test)}${late}`);
    this.say("b", `${fixed(status.loss)} / ${fixed(status.test_loss)}`);
  }

  say(which, numbers) {
    const words = `${which.toUpperCase()}  ${numbers}`;
    if (this.heads[which].textContent !== words) this.heads[which].textContent = words;
  }

  // Series of both, of the section number i (1: loss, 3: accuracy) and the test part behind it.
  series(i, own, other) {
    const row = ({ shape, data }, k) => data.subarray(k * shape[1], (k + 1) * shape[1]);
    const lines = (which, section) =>
      [0, 1].map((part) => ({
        paint: () => strokeColor(LINES[which]),
        dash: part ? TEST : [],
        width: which === "a" ? 1.25 : 2,
        x: row(section, 0),
        values: row(section, i + part),
        name: part ? "" : which.toUpperCase(),
      }));
    return [...lines("a", other), ...lines("b", own)];
  }

  paint() {
    const key = (which) => [strokeIcon(LINES[which], 18, []), h("span", {}, which.toUpperCase())];
    this.keys.replaceChildren(...key("a"), ...key("b"));
  }
}
