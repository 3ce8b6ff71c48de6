// What is inside a saved run: the network, its map, curves, weights, layers.
import { h } from "../../dom.js";
import { number } from "../../format.js";
import { has, t } from "../../i18n.js";
import { CurveView } from "../../views/curve.js";
import { FirstLayer } from "../../views/firstlayer.js";
import { HistogramView } from "../../views/histogram.js";
import { KeyView } from "../../views/key.js";
import { MapView } from "../../views/map.js";
import { bytesOf } from "../../views/pixels.js";
import { markIcon } from "../../views/shapes.js";

const SIDE = 100; // cells of the map

// A setting of a run: most are fields of the page as well.
function called(name) {
  const key = [`setting.${name}`, `field.${name}`].find(has);
  return key ? t(key) : name;
}

export class Inside {
  constructor() {
    this.drawing = h("img", { class: "drawn-network" });
    this.map = new MapView({ label: "play.map" });
    this.cut = h("p", { class: "faint small-words", t: "model.cut" });
    this.legend = h("div", { class: "legend" });
    this.key = new KeyView();
    this.loss = new CurveView({ label: "play.loss_curve" });
    this.accuracy = new CurveView({ label: "play.accuracy_curve", y: [0, 1], percent: true });
    this.histograms = h("div", { class: "weight-rows" });
    this.units = new FirstLayer();
    this.layers = h("tbody", {});
    this.settings = h("dl", { class: "settings" });
    const line = (kind, key) => h("span", { class: `line ${kind}` }, h("i", {}), h("span", { t: key }));
    const part = (name, key, ...children) =>
      (this[name] = h("section", { class: `part ${name}`, ta: { "aria-label": key } }, h("h3", { t: key }), children));
    this.lossBox = h("div", { class: "chart" }, h("h3", { class: "within", t: "play.loss" }), this.loss.element);
    this.accuracyBox = h(
      "div",
      { class: "chart last" },
      h("h3", { class: "within", t: "play.accuracy" }),
      this.accuracy.element,
    );
    this.element = h(
      "div",
      { class: "parts" },
      part("networkPart", "play.network", this.drawing),
      part("mapPart", "play.learned", this.legend, this.map.element, this.cut),
      part(
        "curvesPart",
        "model.curves",
        h("div", { class: "legend" }, line("train", "play.training"), line("test", "model.held_out")),
        this.lossBox,
        this.accuracyBox,
      ),
      part("weightsPart", "model.weights", this.histograms),
      part("settingsPart", "model.settings", this.settings),
      part(
        "layersPart",
        "model.layers",
        h(
          "table",
          { class: "layer-table" },
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ["layer", "output", "activation", "parameters"].map((key) =>
                h("th", { scope: "col", t: `model.${key}` }),
              ),
            ),
          ),
          this.layers,
        ),
      ),
      (this.picturesPart = h("div", { class: "part picturesPart" }, this.units.element)),
    );
  }

  // found: the answer of "look"
  show(found) {
    this.networkPart.hidden = !found.drawing;
    this.drawing.alt = t("model.drawing", { name: found.name });
    if (found.drawing) this.drawing.src = `data:image/svg+xml;base64,${found.drawing}`;
    this.showMap(found.map);
    this.showCurves(found.history);
    this.showWeights(found.weights);
    this.layers.replaceChildren(
      ...found.layers.map((layer) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, layer.name),
          h("td", {}, layer.shape.join(" × ")),
          h("td", {}, layer.activation),
          h("td", {}, layer.parameters ? String(layer.parameters) : "–"),
        ),
      ),
    );
    this.settingsPart.hidden = !found.settings;
    const told = Object.entries(found.settings ?? {}).filter(
      ([, v]) => v !== null && v !== "" && !(Array.isArray(v) && !v.length),
    );
    this.settings.replaceChildren(
      ...told.flatMap(([name, value]) => [h("dt", { title: name }, called(name)), h("dd", {}, this.said(name, value))]),
    );
    this.picturesPart.hidden = !found.pictures;
    if (found.pictures) this.units.show(found.pictures);
  }

  // A setting in the words of the page, where it has them.
  said(name, value) {
    if (Array.isArray(value)) return value.join(", ");
    const key = `choice.${name}.${value}`;
    const fraction = typeof value === "number" && !Number.isInteger(value);
    return has(key) ? t(key) : fraction ? number(value) : String(value);
  }

  showMap(map) {
    this.mapPart.hidden = !map;
    if (!map) return;
    const { structure } = map;
    const values = structure.task === "regression";
    const line = structure.plane.kind === "line";
    this.cut.hidden = structure.plane.kind !== "principal";
    this.map.frame({
      map: map.map && { shape: [map.kinds, SIDE, SIDE], data: bytesOf(map.map) },
      line: map.line && { data: map.line },
    });
    this.map.show(structure, { points: map.points }, { testShown: true, sharp: false });
    this.key.label(number(-structure.value_scale, 2), number(structure.value_scale, 2));
    this.key.draw();
    this.legend.replaceChildren(
      ...(values
        ? line
          ? []
          : [this.key.element]
        : structure.classes.map((name, k) => h("span", { class: "class-name" }, markIcon(k), name))),
    );
  }

  showCurves(history) {
    this.curvesPart.hidden = !history;
    if (!history) return;
    const pair = (name) =>
      [
        [name, "ink"],
        [`val_${name}`, "accent"],
      ]
        .filter(([key]) => history[key])
        .map(([key, color]) => ({
          color,
          says: color === "accent" ? "play.test" : "play.training",
          dash: color === "accent" ? [5, 3] : undefined,
          values: history[key].map((v) => v ?? NaN),
        }));
    this.loss.forget();
    this.accuracy.forget();
    this.loss.show(history.epochs, pair("loss"));
    this.accuracyBox.hidden = !history.accuracy;
    if (history.accuracy) this.accuracy.show(history.epochs, pair("accuracy"));
  }

  showWeights(weights) {
    this.histograms.replaceChildren(
      ...weights.map(({ name, shape, counts, end, mean, spread }) => {
        const view = new HistogramView({ label: ["model.histogram", { name }] });
        view.frame(counts, end);
        return h(
          "div",
          { class: "weight-row" },
          h("div", {}, h("b", {}, name), h("span", { class: "faint" }, shape.join(" × "))),
          view.element,
          h("div", { class: "faint" }, t("model.spread", { mean: number(mean, 2), spread: number(spread, 2) })),
        );
      }),
    );
  }
}
