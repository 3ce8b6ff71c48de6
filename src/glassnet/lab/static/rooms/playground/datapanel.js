// The data: pick a set, its noise and split; draw points; drop a table.

import { classColor, ink, signedColor } from "../../colors.js";
import { h, sharpen } from "../../dom.js";
import { t } from "../../i18n.js";
import { sendTable, takesFiles } from "../../tables.js";
import { mark } from "../../views/shapes.js";
import { OwnTable } from "./owntable.js";
import { Pen } from "./pen.js";

const PICTURE = 40;
const PLANAR = ["vertical", "spiral", "moons", "circles", "xor", "blobs", "sine", "plane", "hills"];

export class DataPanel {
  constructor(lab) {
    this.lab = lab;
    const names = lab.state.fields.data.choices;
    this.buttons = names.map((name) =>
      h(
        "button",
        {
          type: "button",
          class: "pick",
          role: "radio",
          "data-name": name,
          tabindex: -1,
          ta: { "aria-label": `choice.data.${name}`, title: `choice.data.${name}` },
          onclick: () => this.pick(name),
        },
        h("img", { alt: "", draggable: "false" }),
      ),
    );
    this.grid = h(
      "div",
      {
        class: "picks",
        role: "radiogroup",
        ta: { "aria-label": "field.data" },
        onkeydown: (event) => this.walk(event),
      },
      this.buttons,
    );
    this.name = h("h3", { class: "picked" });
    this.about = h("p", { class: "faint about" });
    this.file = h("input", {
      type: "file",
      accept: ".csv,text/csv,text/plain,.tsv",
      class: "unseen",
      onchange: () => this.read(this.file.files[0]),
      tabindex: -1,
      "aria-hidden": "true",
    });
    this.target = h("select", { id: "own-target", onchange: () => lab.set("target", this.target.value) });
    this.table = new OwnTable(lab);
    this.own = h(
      "div",
      { class: "own" },
      h("button", {
        type: "button",
        "data-field": "data",
        t: "play.choose_file",
        onclick: () => this.file.click(),
      }),
      this.file,
      h("div", { class: "field" }, h("label", { for: "own-target", t: "field.target" }), this.target),
      this.table.element,
    );
    this.axes = h(
      "div",
      { class: "axes" },
      ["axis_x", "axis_y"].map((name) => this.axis(name)),
    );
    this.names = h("p", { class: "faint names-of-inputs", hidden: true });
    this.pen = new Pen(lab);
    this.planar = ["samples", "noise"].map((name) => lab.control(name));
    const other = () => lab.set("data_seed", (lab.latest("data_seed") + 1) % 10000);
    this.others = h(
      "div",
      { class: "seeds", "data-field": "data_seed" },
      lab.control("data_seed", { plain: true }),
      h("button", { type: "button", class: "small", t: "play.other_points", onclick: other }),
    );
    this.element = h(
      "section",
      { class: "data", "aria-labelledby": "data-title" },
      h("h2", { id: "data-title", t: "play.data" }),
      h("div", { "data-field": "data" }, this.grid),
      this.name,
      this.about,
      this.own,
      this.pen.element,
      this.planar,
      this.others,
      lab.control("test_share"),
      this.axes,
      this.names,
      lab.control("show_test"),
      lab.control("sharp"),
    );
    lab.ask("thumbnails", {}, "playground").then((found) => {
      this.pictures = found;
      this.paint();
    });
  }

  pick(name) {
    if (name === "own" && !this.lab.state.data?.table) this.file.click();
    else this.lab.set("data", name);
  }

  walk(event) {
    const top = this.buttons[0].offsetTop;
    const wide = this.buttons.filter((b) => b.offsetTop === top).length; // of a row, on this screen
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: wide, ArrowUp: -wide };
    const here = this.buttons.indexOf(document.activeElement);
    if (!(event.key in steps) || here < 0) return;
    event.preventDefault();
    const n = this.buttons.length;
    const next = this.buttons[Math.max(0, Math.min(n - 1, here + steps[event.key]))];
    next.focus();
    if (next.dataset.name !== "own" || this.lab.state.data?.table) next.click();
  }

  // ---- own tables ----

  read(file) {
    if (!file) return;
    this.file.value = "";
    sendTable(this.lab, file);
  }

  // A file may be dropped anywhere on the room.
  accepts(room) {
    takesFiles(room, (file) => this.read(file));
  }

  axis(name) {
    const select = h("select", { id: `axis-${name}`, onchange: () => this.lab.set(name, Number(select.value)) });
    select.dataset.name = name;
    return h("div", { class: "field" }, h("label", { for: `axis-${name}`, t: `field.${name}` }), select);
  }

  // ---- what changed ----

  update() {
    const { values, data, structure } = this.lab.state;
    if (!values.data || !data) return;
    for (const button of this.buttons) {
      const mine = button.dataset.name === values.data;
      button.setAttribute("aria-checked", String(mine));
      button.tabIndex = mine ? 0 : -1;
    }
    this.name.textContent = values.data === "own" && data.table ? data.table : t(`choice.data.${values.data}`);
    const sizes = t("play.sizes", { train: data.n_train, test: data.n_test });
    this.about.textContent = `${t(`about.${values.data}`)} ${sizes}`;
    this.planar.forEach((control) => control.classList.toggle("off", !PLANAR.includes(values.data)));
    this.others.classList.toggle("off", ["drawn"].includes(values.data));
    this.pen.update(values);
    this.own.hidden = values.data !== "own";
    this.options(
      this.target,
      data.table_columns.map((c) => [c, c]),
      values.target || data.table_columns.at(-1),
    );
    if (values.data === "own") this.table.show(data);
    this.axes.hidden = data.columns.length < 3;
    const [a, b] = data.columns;
    this.names.hidden = data.columns.length !== 2 || a === "x1";
    this.names.textContent = `x₁ = ${a}, x₂ = ${b}`;
    for (const select of this.axes.querySelectorAll("select")) {
      const direction = t("play.main_direction", { number: select.dataset.name === "axis_x" ? 1 : 2 });
      const choices = [[0, direction], ...data.columns.map((c, i) => [i + 1, c])];
      this.options(select, choices, values[select.dataset.name]);
    }
    this.kind = structure?.task;
  }

  options(select, choices, value) {
    const key = JSON.stringify(choices);
    if (select.dataset.key !== key) {
      select.dataset.key = key;
      select.replaceChildren(...choices.map(([v, words]) => h("option", { value: v }, words)));
    }
    select.value = String(value);
  }

  // ---- the small pictures ----

  paint() {
    for (const button of this.buttons) {
      const canvas = document.createElement("canvas");
      const context = sharpen(canvas, PICTURE, PICTURE);
      const picture = this.pictures?.[button.dataset.name];
      if (picture) this.scatter(context, picture);
      else this.sign(context, button.dataset.name);
      button.firstChild.src = canvas.toDataURL(); // a canvas each would cost time in every frame
    }
  }

  scatter(context, { points, values }) {
    const half = PICTURE / 2;
    for (const [x, y, value] of points) {
      context.beginPath();
      context.arc(half + x * half * 0.86, half - y * half * 0.86, 1.4, 0, 7);
      context.fillStyle = values ? signedColor(value) : classColor(value);
      context.fill();
    }
  }

  sign(context, name) {
    if (name === "drawn") {
      mark(context, 0, 12, 26, 4);
      mark(context, 1, 27, 14, 4);
      context.strokeStyle = ink("faint");
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(8, 10);
      context.quadraticCurveTo(22, 12, 32, 32);
      context.stroke();
    } else {
      context.strokeStyle = ink("faint");
      context.lineWidth = 1;
      for (let i = 0; i < 4; i++) {
        context.strokeRect(8.5, 9.5 + i * 5, 10, 5);
        context.strokeRect(18.5, 9.5 + i * 5, 12, 5);
      }
      context.fillStyle = ink("faint");
      context.fillRect(8.5, 9.5, 22, 5);
    }
  }
}
