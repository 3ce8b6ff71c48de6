// What the walk's places and numbers are called.
import { raisedIn } from "../../format.js";
import { has, t } from "../../i18n.js";

let layers = {}; // what the server says of each, by its name; of one in a block, by the end of it too

export function setLayers(known) {
  const ends = Object.entries(known).map(([name, layer]) => [name.split("/").pop(), layer]);
  layers = { ...Object.fromEntries(ends), ...known };
}
export const isLayer = (name) => name in layers;

// "hidden2" → "Hidden layer 2", "hidden1_norm" → "Hidden layer 1, batch norm"; what lies in a
// block is called as it would be without it.
export function layerName(name) {
  if (name === "loss") return t("step.loss");
  const title = layers[name]?.title;
  if (!title) return name;
  const base = title.kind === "output" ? t("step.output_layer") : t("play.hidden_layer", { layer: title.number });
  return title.part && has(`step.part.${title.part}`) ? `${base}, ${t(`step.part.${title.part}`)}` : base;
}

export function stopName([phase, layer, unit], trace) {
  const words = [t(`step.${phase}`)];
  if (unit === -1) words.push(t("play.inputs"));
  else if (layer !== "loss" || phase !== "loss") words.push(layerName(layer));
  if (unit !== null && unit >= 0) words.push(unitName(layer, unit, trace));
  return words.join(" · ");
}

function unitName(layer, unit, trace) {
  const column = trace.columns[trace.layers[layer].column];
  return column.labels ? t("play.output_unit", { name: column.labels[unit] }) : t("step.unit", { unit: unit + 1 });
}

// What a quantity is, in a few words of the page's language.
export function meaning(quantity, otherwise) {
  const key = `step.q.${quantity}`;
  if (has(key)) return t(key);
  if (/_new$/.test(quantity)) return t("step.q.new");
  return otherwise;
}

// The few words inside formulas: pattern, key, and what the group of the pattern is called in it.
const PHRASES = [
  [/but here/g, "step.word.but_here"],
  [/(\d+) smaller terms/g, "step.word.smaller_terms", "count"],
  [/the sum over all (\d+) samples/g, "step.word.sum", "count"],
  [/the gradient of the loss on logits/g, "step.word.logits"],
  [/(\S+) of the loss/g, "step.word.of_loss", "what"],
  [/of this unit/g, "step.word.of_unit"],
  [/, with /g, "step.word.with"],
  [/ through F$/g, "step.word.through_block"],
];

export function phrases(text) {
  const said = PHRASES.reduce(
    (words, [pattern, key, name]) => words.replace(pattern, (_, group) => t(key, { [name]: group })),
    text,
  );
  return raisedIn(said)
    .replace(/\^(\d+)/g, (_, digits) => [...digits].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join(""))
    .replaceAll("-", "−");
}

const LETTERS = { gamma: "γ", beta: "β" };
export const letter = (parameter) => LETTERS[parameter] ?? parameter;
