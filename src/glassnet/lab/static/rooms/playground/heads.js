// What stands above each column of the network: what it is, and how a hidden layer is changed.
import { h } from "../../dom.js";
import { t } from "../../i18n.js";
import { openLayer } from "./setting.js";

export function head(...children) {
  return h("div", { class: "head" }, children);
}

export function outputHead(lab, column) {
  const { loss } = lab.state.structure;
  return head(
    h("span", { class: "faint", t: "play.output" }),
    h("span", { t: `activation.${column.activation}` }),
    h("span", { class: "faint loss", t: `loss.${loss}` }),
  );
}

export function hiddenHead(lab, layer) {
  const [units, activation, dropout, norm, skip] = lab.state.values.layers[layer];
  const select = h(
    "select",
    {
      "data-field": "layers",
      ta: { "aria-label": ["play.activation_of", { layer: layer + 1 }] },
      onchange: () => lab.do("set_layer", { layer, activation: select.value }),
    },
    lab.state.fields.layers.activations.map((a) => h("option", { value: a, t: `activation.${a}` })),
  );
  select.value = activation;
  const step = (key, sign, action) =>
    h(
      "button",
      {
        type: "button",
        class: "small",
        ta: { "aria-label": [key, { layer: layer + 1 }] },
        onclick: () => lab.do(action, { layer }),
      },
      sign,
    );
  const extra = [
    dropout ? t("play.drop_short", { percent: Math.round(dropout * 100) }) : "",
    norm ? "BN" : "",
    skip ? "+x" : "",
  ];
  const more = h(
    "button",
    {
      type: "button",
      class: "small quiet more",
      "data-field": "layers",
      "aria-haspopup": "dialog",
      ta: { "aria-label": ["play.more_of", { layer: layer + 1 }] },
      onclick: () => openLayer(lab, layer, more),
    },
    extra.filter(Boolean).join(" ") || "…",
  );
  return head(
    select,
    h(
      "div",
      { class: "stepper", "data-field": "layers" },
      step("play.fewer_units", "−", "remove_unit"),
      h("span", {}, String(units)),
      step("play.more_units", "+", "add_unit"),
    ),
    more,
  );
}
