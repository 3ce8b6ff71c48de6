// What is set in a small panel beside the network: more about a layer, a weight or bias as a number.
import { h } from "../../dom.js";
import { short } from "../../format.js";
import { openPopover, under } from "../../popover.js";

// Dropout, batch norm and skip connection of a hidden layer.
export function openLayer(lab, layer, button) {
  const [units, , dropout, norm, skip] = lab.state.values.layers[layer];
  const before = lab.state.structure.columns[layer].units;
  const label = h("b", {}, short(dropout));
  const drop = h("input", {
    type: "range",
    min: 0,
    max: 0.8,
    step: 0.05,
    value: dropout,
    id: "drop",
    oninput: () => (label.textContent = short(Number(drop.value))),
    onchange: () => lab.do("set_layer", { layer, dropout: Number(drop.value) }),
  });
  const batch = h("input", {
    type: "checkbox",
    checked: norm,
    onchange: () => lab.do("set_layer", { layer, norm: batch.checked }),
  });
  const around = h("input", {
    type: "checkbox",
    checked: skip,
    disabled: units !== before,
    "aria-describedby": "skip-about",
    onchange: () => lab.do("set_layer", { layer, skip: around.checked }),
  });
  const gone = h("button", {
    type: "button",
    t: "play.remove_layer",
    onclick: () => {
      panel.hidePopover();
      lab.do("remove_layer", { layer });
    },
  });
  const panel = openPopover(
    ...under(button),
    h(
      "div",
      { class: "layer-more" },
      h("h3", { t: ["play.hidden_layer", { layer: layer + 1 }] }),
      h(
        "div",
        { class: "field" },
        h("label", { for: "drop", t: "play.dropout" }),
        h("span", { class: "slider" }, drop, label),
      ),
      h("label", { class: "check" }, batch, h("span", { t: "play.batch_norm" })),
      h("label", { class: "check" }, around, h("span", { t: "play.skip" })),
      h("p", {
        class: "faint",
        id: "skip-about",
        t: units === before ? "play.skip_about" : [layer ? "play.skip_units" : "play.skip_inputs", { units, before }],
      }),
      gone,
    ),
    { label: "play.more" },
  );
}

// A box for the number of one weight or bias.
export function numberBox(lab, index, value, label) {
  const box = h("input", {
    type: "text",
    inputmode: "decimal",
    size: 9,
    value: String(Number(value.toPrecision(6))),
    "aria-label": label,
    ta: label ? {} : { "aria-label": "play.set_weight" },
    onchange: () => {
      const wanted = Number(box.value.replace(",", ".").replace("−", "-"));
      if (Number.isFinite(wanted)) lab.do("set_weight", { index, value: wanted });
    },
    onkeydown: (event) => {
      if (event.key !== "Enter") return;
      box.blur();
      box.closest("[popover]")?.hidePopover();
    },
  });
  return box;
}
