// The network on the page: columns with their heads, what a unit or a line says, setting them.
import { h, keepingFocus } from "../../dom.js";
import { number } from "../../format.js";
import { t } from "../../i18n.js";
import { openPopover, under } from "../../popover.js";
import { hideTip, showTip } from "../../tooltip.js";
import { KeyView } from "../../views/key.js";
import { NetworkView } from "../../views/network.js";
import { head, hiddenHead, outputHead } from "./heads.js";
import { numberBox } from "./setting.js";

export class NetPanel {
  // onunit(tile or null, words): a unit is pointed at
  constructor(lab, onunit) {
    this.lab = lab;
    this.onunit = onunit;
    this.view = new NetworkView({
      unit: (place, event, slot) => this.pointAt(place, event, slot),
      open: (place, button) => this.openUnit(place, button),
      weight: (line, event) => this.tellLine(line, event),
      pick: (line, event) => this.setWeight(line, event),
      input: (name) => this.toggleInput(name),
    });
    this.key = new KeyView("−", "+");
    this.count = h("span", {});
    this.size = h("span", { class: "faint" });
    const step = (key, sign, action) =>
      h("button", { type: "button", class: "small", ta: { "aria-label": key, title: key }, onclick: action }, sign);
    const less = step("play.fewer_layers", "−", () => this.lab.do("remove_layer"));
    const more = step("play.more_layers", "+", () => this.lab.do("add_layer"));
    this.element = h(
      "section",
      { class: "net", "aria-labelledby": "net-title" },
      h(
        "div",
        { class: "net-top" },
        h("h2", { id: "net-title", t: "play.network" }),
        h("div", { class: "stepper", "data-field": "layers" }, less, this.count, more),
        this.size,
        h("span", { class: "key-words faint", t: "play.key" }),
        this.key.element,
      ),
      this.view.element,
    );
  }

  // ---- what is drawn ----

  update() {
    const { structure, values, data } = this.lab.state;
    if (!structure || !data) return;
    const hidden = structure.columns.length - 2;
    this.count.textContent = t("play.layers", { count: hidden });
    this.size.textContent = t("play.parameters", { count: structure.size });
    const [first] = structure.columns;
    const inputs = data.columns.length === 2 ? this.planarInputs(values.features) : this.plainInputs(first);
    const columns = structure.columns.map((column, i) => (i ? this.column(column, i, structure) : inputs));
    const names = structure.columns.slice(1).map((c) => c.name);
    keepingFocus(this.view.element, () =>
      this.view.show({
        columns: columns.map((c, i) => ({ ...c, first: structure.columns[i].first, skip: structure.columns[i].skip })),
        gaps: names.map((name) => structure.parameters[`${name}/W`]),
        biases: [null, ...names.map((name) => structure.parameters[`${name}/b`] ?? null)],
      }),
    );
  }

  planarInputs(chosen) {
    let unit = 0;
    const { columns } = this.lab.state.data;
    const whole = { x1: columns[0], x2: columns[1] }; // of an own table the columns' names
    const full = (name, label) => (whole[name] && whole[name] !== name ? `${label} = ${whole[name]}` : label);
    const fixed = this.lab.state.values.hide.includes("features"); // none can be added then
    const shown = Object.entries(this.lab.state.structure.features).filter(([n]) => !fixed || chosen.includes(n));
    const slots = shown.map(([name, label]) => {
      const on = chosen.includes(name);
      return {
        label,
        unit: on ? unit++ : null,
        off: !on,
        toggle: fixed ? undefined : name,
        name: t("play.input_named", { name: full(name, label) }),
      };
    });
    return { slots, head: head(h("span", { class: "faint", t: "play.inputs" })) };
  }

  plainInputs(column) {
    const above = head(h("span", { class: "faint", t: "play.inputs" }));
    if (!column.drawn) return { slots: [], head: above, block: t("play.many_inputs", { count: column.units }) };
    const slots = column.names.map((label, unit) => ({ label, unit, name: t("play.input_named", { name: label }) }));
    return { slots, head: above };
  }

  column(column, i, { classes, task }) {
    const output = column.kind === "output";
    const slots = Array.from({ length: column.drawn }, (_, unit) => ({
      unit,
      name: this.unitName(column, i, unit),
      mark: output && classes.length > 2 ? unit : output && task === "classification" ? 1 : undefined,
    }));
    return {
      slots,
      more: column.units - column.drawn,
      paint: output && task === "classification" ? this.paints(column, classes) : null,
      head: output ? outputHead(this.lab, column) : hiddenHead(this.lab, i - 1),
    };
  }

  // An output says a class: it has the colours of the classes, as the map has.
  paints({ activation, units }, classes) {
    if (activation === "linear") return units === 1 ? () => ["margin", 1] : (unit) => ["for", unit];
    return classes.length > 2 ? (unit) => ["class", unit] : () => ["pair", 1];
  }

  unitName(column, i, unit) {
    if (column.kind !== "output") return t("play.hidden_unit", { layer: i, unit: unit + 1 });
    const { classes } = this.lab.state.structure;
    return classes.length
      ? t("play.output_unit", { name: classes[classes.length === 2 ? 1 : unit] })
      : t("play.output");
  }

  toggleInput(name) {
    const now = this.lab.latest("features");
    const next = now.includes(name) ? now.filter((f) => f !== name) : [...now, name];
    if (next.length) this.lab.set("features", next);
  }

  frame(sections) {
    this.view.frame(sections);
    if (!this.view.weights) return;
    if (this.told) this.tellLine({ ...this.told.line, value: this.view.value(this.told.line) }, this.told.event);
    this.opening?.();
    this.opening = null;
  }

  // ---- what is pointed at ----

  pointAt(place, event, slot) {
    this.told = null;
    if (slot?.toggle) return this.tellInput(slot, place, event);
    if (!place) {
      hideTip();
      this.onunit(null);
      return;
    }
    const tile = this.view.tileOf(place);
    const column = this.lab.state.structure.columns[place.column];
    const name = place.column
      ? this.unitName(column, place.column, place.unit)
      : t("play.input_named", { name: column.names[place.unit] });
    const lines = [name];
    const formula = column.skip ? "play.unit_formula_skip" : "play.unit_formula";
    if (place.column) lines.push(t(formula, { f: t(`activation.${column.activation}`) }));
    if (tile) lines.push(t("play.unit_scale", { scale: number(tile.scale) }));
    const bias = this.view.biases[place.column];
    if (bias !== null) lines.push(t("play.unit_bias", { bias: number(this.view.weight(bias.place + place.unit)) }));
    if (tile?.dead) lines.push(t(column.skip ? "play.unit_dead_skip" : "play.unit_dead"));
    const box = event.target.getBoundingClientRect();
    showTip(box.right - 8, box.top + box.height / 2, lines);
    this.onunit(tile, name);
  }

  // An input that the network has, or may have.
  tellInput(slot, place, event) {
    const tile = place ? this.view.tileOf(place) : null;
    const lines = [slot.name, t(slot.off ? "play.input_add" : "play.input_remove")];
    if (tile) lines.push(t("play.unit_scale", { scale: number(tile.scale) }));
    const box = event.target.getBoundingClientRect();
    showTip(box.right - 8, box.top + box.height / 2, lines);
    this.onunit(tile, slot.name);
  }

  lineName(line) {
    const { structure } = this.lab.state;
    const to = this.unitName(structure.columns[line.column + 1], line.column + 1, line.to.unit);
    if (line.index === null) return to;
    const column = structure.columns[line.column];
    const from = line.column ? this.unitName(column, line.column, line.from.unit) : column.names[line.from.unit];
    return `${from} → ${to}`;
  }

  tellLine(line, event) {
    this.told = line && { line, event }; // it goes on telling while the network learns
    if (!line) hideTip();
    else if (line.index === null) {
      showTip(event.clientX, event.clientY, [this.lineName(line), t("play.line_many", { value: number(line.value) })]);
    } else {
      showTip(event.clientX, event.clientY, [`w = ${number(line.value)}`, this.lineName(line), t("play.line_click")]);
    }
  }

  // ---- setting numbers ----

  setWeight(line, event) {
    hideTip();
    this.told = null;
    openPopover(
      event.clientX,
      event.clientY + 8,
      h(
        "div",
        { class: "set-one" },
        h("p", { class: "faint" }, this.lineName(line)),
        numberBox(this.lab, line.index, line.value),
      ),
      { label: "play.set_weight" },
    );
  }

  // A unit's bias and its weights, as numbers that can be set: what the lines show.
  openUnit({ column: i, unit }, button) {
    if (!i) return;
    if (!this.view.weights) {
      // no frame has come yet: it opens with the first
      this.opening = () => button.isConnected && this.openUnit({ column: i, unit }, button);
      return;
    }
    hideTip();
    const { structure } = this.lab.state;
    const [column, before] = [structure.columns[i], structure.columns[i - 1]];
    const { start, shape, place, drawn } = structure.parameters[`${column.name}/W`];
    const bias = this.view.biases[i];
    const row = (name, index, at) =>
      h("li", {}, h("span", {}, name), numberBox(this.lab, index, this.view.weight(at), name));
    const rows = Array.from({ length: drawn[0] }, (_, k) =>
      row(
        before.kind === "input" ? before.names[k] : t("play.hidden_unit", { layer: i - 1, unit: k + 1 }),
        start + k * shape[1] + unit,
        place + k * drawn[1] + unit,
      ),
    );
    const left = before.units - drawn[0];
    if (left) rows.push(h("li", { class: "faint" }, t("play.more_weights", { count: left })));
    const gone =
      column.kind === "hidden" && column.units > 1
        ? h("button", {
            type: "button",
            "data-field": "layers",
            t: "play.remove_unit",
            onclick: () => {
              panel.hidePopover();
              this.lab.do("remove_unit", { layer: i - 1, unit });
            },
          })
        : null;
    const panel = openPopover(
      ...under(button),
      h(
        "div",
        { class: "unit-more" },
        h("h3", {}, this.unitName(column, i, unit)),
        h("ul", {}, row(t("play.bias"), bias.start + unit, bias.place + unit), rows),
        gone,
      ),
      { label: "play.unit" },
    );
  }
}
