// A kernel by hand: the window slides over the picture, and each place gives one number of the map.
import { Asker } from "../../asker.js";
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { t } from "../../i18n.js";
import { GridView } from "../../views/grid.js";
import { KeyView } from "../../views/key.js";
import { latexView } from "../../views/latex.js";
import { KernelBox, kernelName } from "./kernelbox.js";
import { Slider } from "./slider.js";
import { SumView } from "./sum.js";

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const SECTIONS = ["picture", "maps", "map_scales", "numbers"];

export class Hand {
  constructor(lab, ask) {
    Object.assign(this, { lab, ask });
    this.sections = SECTIONS;
    this.at = 0; // where the window lies: row·columns + column
    this.hovered = null; // a place under the pointer, or null
    this.of = "convolution"; // the layer whose number is shown
    const keys = (event) => this.key(event);
    this.input = new GridView({ label: "conv.input", on: { key: keys, point: (p) => this.over(this.windowOf(p)) } });
    this.kernel = new KernelBox(lab, ask);
    this.maps = new Map(); // layer → {view, figure, title}
    this.about = h("p", { class: "faint" });
    this.key_ = new KeyView();
    this.grids = h("div", { class: "grids" });
    this.asker = new Asker(
      lab,
      "convolution",
      "unit",
      (found) => this.tell(found),
      () => this.question(),
    );
    this.slide = new Slider(lab, { at: () => this.at, count: () => this.count, go: (at, ends) => this.go(at, ends) });
    this.sum = new SumView();
    this.sizes = h("div", { class: "sizes" });
    this.inputTitle = h("figcaption", {});
    const control = (name, options) => lab.control(name, options);
    this.settings = h(
      "div",
      { class: "settings" },
      control("conv_bias"),
      control("conv_stride"),
      control("conv_padding"),
      control("conv_relu"),
      control("conv_pooling"),
      control("conv_pool_size", { when: (v) => v.conv_pooling !== "none" }),
    );
    this.element = h(
      "section",
      { class: "hand", ta: { "aria-label": "choice.conv_view.hand" } },
      this.settings,
      this.grids,
      h("div", { class: "row under" }, this.slide.element, this.key_.element),
      h("div", { class: "columns" }, this.sum.element, this.sizes),
    );
    this.inputFigure = h("figure", {}, this.inputTitle, this.input.element);
    this.kernelFigure = h(
      "figure",
      { class: "kernel-figure" },
      h("figcaption", { t: "conv.kernel" }),
      this.kernel.element,
      this.about,
    );
  }

  get layer() {
    return this.scene?.layers.find((one) => one.name === this.of) ?? this.scene?.layers[0];
  }

  get count() {
    const first = this.scene?.layers[0];
    return first ? first.shape[1] * first.shape[2] : 0;
  }

  // ---- showing ----

  // scene: the answer of that name
  show(scene) {
    this.scene = scene;
    if (!scene.layers.some((one) => one.name === this.of)) this.of = "convolution";
    this.at = Math.min(this.slide.playing ? this.at : this.lab.latest("conv_at"), this.count - 1);
    this.kernel.show(scene);
    this.about.textContent = kernelName(scene);
    this.inputTitle.textContent = t("conv.input_size", { side: scene.side });
    const [[size, , [top, bottom]], [, , [left, right]]] = scene.layers[0].windows;
    this.size = size;
    this.input.pad({ top, left, bottom, right });
    const names = scene.layers.map((layer) => layer.name);
    for (const layer of scene.layers) this.figure(layer);
    const figures = [this.inputFigure, this.kernelFigure, ...names.map((name) => this.maps.get(name).figure)];
    if (figures.length !== this.grids.children.length || figures.some((f, i) => this.grids.children[i] !== f))
      this.grids.replaceChildren(...figures);
    this.sizes.replaceChildren(h("h2", { t: "conv.size" }), ...scene.sizes.flatMap((one) => sizeWords(one)));
    this.slide.show();
    this.look();
  }

  figure(layer) {
    const known = this.maps.get(layer.name);
    const title = t(`conv.layer.${layer.name}`, { rows: layer.shape[1], columns: layer.shape[2] });
    if (known) {
      known.title.textContent = title;
      return;
    }
    const view = new GridView({
      label: `conv.map.${layer.name}`,
      signed: true,
      on: {
        key: (event) => this.key(event, layer.name),
        point: (place) => this.over(place && view.inside(place) ? [layer.name, place] : null),
        choose: (place) => this.choose(layer.name, place),
      },
    });
    const caption = h("figcaption", {}, title);
    this.maps.set(layer.name, { view, figure: h("figure", {}, caption, view.element), title: caption });
  }

  // The place whose window has its middle at a place of the picture.
  windowOf(place) {
    if (!place || !this.scene) return null;
    const [, rows, columns] = this.scene.layers[0].shape;
    const windows = this.scene.layers[0].windows;
    const along = (at, [size, stride, [before]], count) =>
      Math.max(0, Math.min(count - 1, Math.round((at + before - (size - 1) / 2) / stride)));
    return [
      "convolution",
      { row: along(place.row, windows[0], rows), column: along(place.column, windows[1], columns) },
    ];
  }

  frame(sections) {
    const { scene } = this;
    const [, scales, numbers] = [sections.maps, sections.map_scales, sections.numbers];
    const pixels = Array.from(sections.picture.data, (byte) => byte / 255);
    this.input.frame(sections.picture.data, scene.side, scene.side, pixels);
    scene.layers.forEach((layer, i) => {
      const [, rows, columns] = layer.shape;
      const part = [layer.first, layer.first + rows * columns];
      const view = this.maps.get(layer.name).view;
      view.frame(sections.maps.data.subarray(...part), rows, columns, numbers.data.subarray(...part));
      if (i === 0) this.key_.label(number(-scales.data[0], 2), number(scales.data[0], 2));
    });
    this.look();
  }

  // ---- one place ----

  // The number that is shown now: under the pointer, or where the window lies.
  get shown() {
    if (this.hovered) return this.hovered;
    const { columns, layer } = this.whole();
    const at = layer.name === "convolution" ? this.at : this.other;
    return [layer.name, { row: Math.floor(at / columns), column: at % columns }];
  }

  whole(name = this.of) {
    const layer = this.scene.layers.find((one) => one.name === name) ?? this.scene.layers[0];
    return { layer, rows: layer.shape[1], columns: layer.shape[2] };
  }

  over(place) {
    const text = JSON.stringify(place);
    if (text === JSON.stringify(this.hovered) || this.slide.playing) return;
    this.hovered = place;
    this.look();
  }

  choose(name, { row, column }) {
    this.slide.stop();
    this.of = name;
    const at = row * this.whole(name).columns + column;
    if (name === "convolution") this.go(at, true);
    else {
      this.other = at;
      this.look();
    }
  }

  // ends: whether it stays there
  go(at, ends) {
    this.at = Math.max(0, Math.min(this.count - 1, at));
    this.of = "convolution";
    this.hovered = null;
    if (ends) this.lab.set("conv_at", this.at);
    this.slide.show();
    this.look();
  }

  question() {
    const [name, { row, column }] = this.shown;
    return { layer: name, unit: row * this.whole(name).columns + column };
  }

  look() {
    if (this.scene) this.asker.ask();
  }

  // found: the answer of "unit"
  tell(found) {
    if (found.version !== this.scene.version) return;
    const [row, column] = found.at;
    this.sum.show(found, t(`conv.number_of.${found.layer}`, { row: row + 1, column: column + 1 }));
    const boxes = Object.fromEntries(found.fields.map(({ layer, box }) => [layer, boxOf(box)]));
    if (found.layer === "convolution") boxes[""] = this.windowAt(row, column);
    this.input.mark({ box: boxes[""] });
    const won = Object.fromEntries(found.winners.map(({ layer, places }) => [layer, places]));
    for (const layer of this.scene.layers) {
      const here = layer.name === found.layer;
      this.maps.get(layer.name).view.mark({
        box: here ? null : boxes[layer.name],
        cell: here ? { row, column } : null,
        dots: (won[layer.name] ?? []).map(([r, c]) => ({ row: r, column: c })),
        known: this.slide.playing && layer.name === "convolution" ? this.at + 1 : undefined,
      });
    }
    const view = this.maps.get(found.layer).view;
    view.said.textContent = document.activeElement === view.element ? this.sum.title.textContent : "";
  }

  // The window itself, with its part in the padding.
  windowAt(row, column) {
    const [[rows, down, [top]], [columns, across, [left]]] = this.scene.layers[0].windows;
    return { top: row * down - top, left: column * across - left, rows, columns };
  }

  // ---- keys ----

  key(event, name = "convolution") {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") this.slide.play();
    else if (event.key in MOVES) {
      this.slide.stop();
      const { rows, columns } = this.whole(name);
      const now = name === "convolution" ? this.at : this.of === name ? this.other : 0;
      const [dr, dc] = MOVES[event.key];
      const row = Math.max(0, Math.min(rows - 1, Math.floor(now / columns) + dr));
      const column = Math.max(0, Math.min(columns - 1, (now % columns) + dc));
      this.hovered = null;
      this.choose(name, { row, column });
    } else return;
    event.preventDefault();
  }

  paint() {
    this.key_.draw();
    if (!this.scene) return;
    this.show(this.scene);
    this.input.draw();
    for (const { view } of this.maps.values()) view.draw();
  }

  hide() {
    this.slide.stop();
  }
}

const boxOf = ([top, left, bottom, right]) => ({ top, left, rows: bottom - top, columns: right - left });

function sizeWords(one) {
  const { length, before, after, size, stride } = one;
  const words = t("conv.size_words", { length, before, after, size, stride });
  return [
    h("p", { class: "faint" }, t(`conv.size_of.${one.layer}`)),
    latexView(`${one.latex} = ${one.with_numbers}`),
    h("p", { class: "faint small-words" }, words),
  ];
}
