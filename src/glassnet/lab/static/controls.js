// A control for a field, made from the server's table.
import { h, unique, write } from "./dom.js";
import { short } from "./format.js";

// options: {label: key, compact: no label to be seen, choices: a part of them, text(value),
//           plain: a number without a slider, when(values): whether it is shown}
export function control(lab, name, options = {}) {
  const field = lab.state.fields[name];
  const id = unique(name);
  const made = MAKERS[field.kind](lab, field, id, options);
  const label = h("label", { for: id, t: options.label ?? `field.${name}` });
  const element = h(
    "div",
    { class: `field field-${field.kind}${options.plain ? " plain" : ""}`, "data-field": name },
    label,
    made.element,
  );
  if (options.compact) label.classList.add("unseen");
  const update = () => {
    const values = lab.state.values;
    if (values[name] === undefined) return; // another room's
    element.hidden = options.when?.(values) === false;
    made.show(lab.latest(name));
  };
  lab.listeners.push((parts) => parts.values && update());
  update();
  return element;
}

const MAKERS = {
  choice(lab, field, id, options) {
    const choices = options.choices ?? field.choices;
    const element = h(
      "select",
      { id, onchange: () => lab.set(field.name, element.value) },
      choices.map((c) => h("option", { value: c, t: options.text?.(c) ?? `${field.texts}.${c}` })),
    );
    return { element, show: (value) => (element.value = value) };
  },

  flag(lab, field, id) {
    const element = h("input", {
      id,
      type: "checkbox",
      onchange: () => lab.set(field.name, element.checked),
    });
    return { element, show: (value) => (element.checked = value) };
  },

  number(lab, field, id, options) {
    return slider(
      lab,
      field,
      id,
      {
        low: field.low,
        high: field.high,
        step: field.step || (field.high - field.low) / 100,
        to: (place) => place,
        from: (value) => value,
      },
      options,
    );
  },

  whole(lab, field, id, options) {
    return slider(
      lab,
      field,
      id,
      {
        low: field.low,
        high: field.high,
        step: field.step || 1,
        to: (place) => Math.round(place),
        from: (value) => value,
      },
      options,
    );
  },

  // Places go by thirds of a decade: 1, 2, 5, 10 … ; one more at the left is zero.
  log(lab, field, id) {
    const ends = [Math.round(3 * Math.log10(field.low)), Math.round(3 * Math.log10(field.high))];
    const low = ends[0] - (field.zero ? 1 : 0);
    const to = (place) => {
      if (place < ends[0]) return 0;
      const power = Math.floor(place / 3);
      return Number(`${[1, 2, 5][place - 3 * power]}e${power}`);
    };
    const from = (value) => (value === 0 ? low : Math.round(3 * Math.log10(value)));
    return slider(lab, field, id, { low, high: ends[1], step: 1, to, from });
  },
};

// A slider with its number beside it, which can be typed into.
function slider(lab, field, id, { low, high, step, to, from }, { plain } = {}) {
  const range = h("input", {
    id: plain ? null : id,
    type: "range",
    min: low,
    max: high,
    step,
    oninput: () => {
      box.value = short(to(Number(range.value)));
      range.setAttribute("aria-valuetext", box.value);
      lab.set(field.name, to(Number(range.value)));
    },
  });
  const box = h("input", {
    id: plain ? id : null,
    class: "number",
    type: "text",
    inputmode: "decimal",
    size: 5,
    autocomplete: "off",
    ta: { "aria-label": `field.${field.name}` },
    oninput: () => (box.typing = true), // what comes meanwhile does not write over it
    onblur: () => (box.typing = false),
    onchange: () => {
      box.typing = false;
      const value = Number(box.value.replace(",", ".").replace("−", "-"));
      if (Number.isFinite(value) && box.value.trim()) lab.set(field.name, value);
      else show(lab.latest(field.name));
    },
    onfocus: () => box.select(),
  });
  const show = (value) => {
    if (lab.flying.has(field.name) && document.activeElement === range) return; // being dragged
    range.value = from(value);
    range.setAttribute("aria-valuetext", short(value));
    write(box, short(value));
  };
  return { element: h("span", { class: "slider" }, plain ? null : range, box), show };
}
