// A network of convolutions, layer by layer, while one draws and while it learns; one unit of it
// is traced back to the pixels that it sees.
import { Asker } from "../../asker.js";
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { has, t } from "../../i18n.js";
import { hideTip, showTip } from "../../tooltip.js";
import { FeatureMaps } from "../../views/featuremaps.js";
import { KeyView } from "../../views/key.js";
import { Filters } from "./filters.js";
import { SumView } from "./sum.js";
import { Training } from "./training.js";

const SLOW = 250; // ms between two looks at a unit, and at the curves, while it learns
const READ = 100; // ms between two changes of what is read, not watched: numbers, words, kernels

export class Network {
  constructor(lab, ask) {
    Object.assign(this, { lab, ask });
    this.sections = ["picture", "maps", "map_scales", "kernels"];
    this.training = new Training(lab, (what) => this.act(what));
    this.maps = new FeatureMaps({
      label: "conv.maps",
      names: (layer) =>
        layer ? this.namesOf(layer) : [t("conv.the_picture"), `${this.scene.side}×${this.scene.side}`],
      on: {
        choose: (place) => this.choose(place),
        point: (place, event) => this.tip(place, event),
        key: (event) => this.key(event),
      },
    });
    this.legend = new KeyView("−", "+");
    this.sum = new SumView();
    this.hint = h("p", { class: "faint", t: "conv.press_unit" });
    this.filters = new Filters(lab, ask);
    this.says = h("p", { class: "conv-says", role: "status" });
    this.asker = new Asker(
      lab,
      "convolution",
      "unit",
      (found) => this.tell(found),
      () => {
        const { conv_layer: layer, conv_unit: unit } = this.values;
        return { layer, unit };
      },
    );
    this.element = h(
      "section",
      { class: "conv-network", ta: { "aria-label": "choice.conv_view.network" } },
      this.training.bar,
      h("div", { class: "row" }, this.says, this.training.numbers, this.legend.element),
      h("div", { class: "maps-box" }, this.maps.element),
      h(
        "div",
        { class: "columns" },
        h("div", {}, this.hint, this.sum.element, this.filters.element),
        this.training.charts,
      ),
    );
    this.sum.element.hidden = true;
  }

  // What was set last, though the server's answer may not have come yet.
  get values() {
    return { conv_layer: this.lab.latest("conv_layer"), conv_unit: this.lab.latest("conv_unit") };
  }

  // What a layer is, and its size.
  namesOf(layer) {
    const key = `conv.kind.${layer.kind}`;
    const count = layer.shape.length === 3 ? `${layer.shape[1]}×${layer.shape[2]}×${layer.count}` : `${layer.count}`;
    return [has(key) ? t(key) : layer.kind, count];
  }

  nameOf(layer) {
    return this.namesOf(layer).join(" ");
  }

  // ---- showing ----

  async show(scene) {
    this.scene = scene;
    this.maps.show(scene.layers, scene.side, scene.classes);
    this.follow();
    await this.progress();
    this.lab.refresh();
  }

  // The fields of the chosen unit may have changed.
  follow() {
    if (!this.scene) return;
    const { conv_layer: layer } = this.values;
    if (this.scene.layers.some((one) => one.name === layer)) this.asker.ask();
    else {
      this.maps.light(null);
      this.sum.element.hidden = true;
      this.hint.hidden = false;
    }
  }

  frame(sections) {
    this.maps.frame(sections);
    const playing = sections.status.playing > 0;
    const now = performance.now();
    if (!playing || now - (this.read ?? 0) > READ) {
      this.read = now;
      this.filters.frame(sections);
      this.training.frame(sections.status);
      this.tellOutput(sections);
    }
    const changed = sections.status.steps !== this.steps;
    const due = !playing || now - (this.looked ?? 0) > SLOW;
    if (due && (changed || !playing)) {
      this.looked = now;
      this.steps = sections.status.steps;
      this.follow();
      if (changed || playing !== this.training.training) this.progress();
    }
  }

  async progress() {
    const progress = await this.ask("progress", {});
    if (progress) this.training.show(progress);
  }

  // The answer in words: the highest of the outputs.
  tellOutput(sections) {
    const last = this.scene.layers.at(-1);
    const { knows } = this.training.progress ?? {};
    if (last.shape.length !== 1) return;
    const bytes = sections.maps.data.subarray(last.first, last.first + last.shape[0]);
    const best = bytes.indexOf(Math.max(...bytes));
    const scale = sections.map_scales.data.at(-1);
    const share = Math.round((100 * scale * (bytes[best] - 128)) / 127);
    const words = t(knows || sections.status.steps ? "conv.says" : "conv.guesses", {
      name: this.scene.classes[best],
      share,
    });
    if (this.says.textContent !== words) this.says.textContent = words;
  }

  async act(what) {
    const progress = await this.ask(what, {});
    if (!progress) return;
    this.training.show(progress);
    if (what === "reset") this.renew();
    this.lab.refresh();
  }

  // Another network: what a frame means may have changed.
  async renew() {
    const scene = await this.ask("scene", {});
    if (scene) this.onscene(scene);
  }

  // ---- one unit ----

  choose({ number: column, map, row, column: at }) {
    if (column === 0) return; // the picture
    const layer = this.scene.layers[column - 1];
    const unit = layer.shape.length === 3 ? (row * layer.shape[2] + at) * layer.count + map : map;
    this.lab.set("conv_layer", layer.name);
    this.lab.set("conv_unit", unit);
    this.follow();
  }

  tell(found) {
    if (found.version !== this.scene.version) return;
    const layer = this.scene.layers.find((one) => one.name === found.layer);
    this.hint.hidden = true;
    const title = this.title(layer, found.at, found.value);
    this.sum.show(found, title);
    this.maps.light(found);
    if (document.activeElement === this.maps.element) this.maps.said.textContent = title;
  }

  title(layer, at, value) {
    const name = this.nameOf(layer);
    if (at.length === 1) return t("conv.unit_of_row", { name, unit: at[0] + 1, value: number(value) });
    const [row, column, map] = at.map((i) => i + 1);
    return t("conv.unit_of_map", { name, row, column, map, value: number(value) });
  }

  tip(place, event) {
    if (!place || !this.maps.sections) return hideTip();
    const { number: column, map, row, column: at } = place;
    if (column === 0) return hideTip();
    const layer = this.scene.layers[column - 1];
    const [, rows, columns] = layer.shape.length === 3 ? layer.shape : [0, 1, 1];
    const byte = this.maps.sections.maps.data[layer.first + map * rows * columns + row * columns + at];
    const value = (this.maps.sections.map_scales.data[column - 1] * (byte - 128)) / 127;
    const where = layer.shape.length === 3 ? [row, at, map] : [map];
    showTip(event.clientX, event.clientY, [this.title(layer, where, value), t("conv.press_tip")]);
  }

  // Arrows go from place to place, Page Up and Down from map to map, Home and End from layer to layer.
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.scene) return;
    const { layers } = this.scene;
    let number_ = layers.findIndex((one) => one.name === this.values.conv_layer);
    const begin = number_ < 0;
    number_ = Math.max(0, number_);
    const to = { Home: -1, End: 1 }[event.key] ?? 0;
    const layer = layers[Math.max(0, Math.min(layers.length - 1, number_ + (begin ? 0 : to)))];
    const [count, rows, columns] = layer.shape.length === 3 ? layer.shape : [layer.shape[0], 1, 1];
    const unit = begin || to ? 0 : this.values.conv_unit;
    let [map, row, column] =
      rows * columns === 1
        ? [unit, 0, 0]
        : [unit % layer.count, Math.floor(unit / layer.count / columns), Math.floor(unit / layer.count) % columns];
    const flat = rows * columns === 1;
    const moves = {
      ArrowUp: () => (flat ? (map -= 1) : (row -= 1)),
      ArrowDown: () => (flat ? (map += 1) : (row += 1)),
      ArrowLeft: () => (flat ? (map -= 1) : (column -= 1)),
      ArrowRight: () => (flat ? (map += 1) : (column += 1)),
      PageUp: () => (map -= 1),
      PageDown: () => (map += 1),
      Home: () => {},
      End: () => {},
      Enter: () => {},
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    if (!begin) moves[event.key]();
    const within = (value, most) => Math.max(0, Math.min(most - 1, value));
    this.choose({
      number: layers.indexOf(layer) + 1,
      map: within(map, count),
      row: within(row, rows),
      column: within(column, columns),
    });
  }

  paint() {
    this.legend.draw();
    this.training.paint();
    this.maps.draw();
    this.filters.paint();
    this.follow();
  }

  hide() {
    hideTip();
  }
}
