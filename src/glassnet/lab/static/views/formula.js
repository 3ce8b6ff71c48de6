// A small MathML builder. A formula is made of parts; a cell has a name, so that its number
// can be changed and the cell lit without building the formula again.
//
//   const f = formula(row(v("z"), op("="), sum("i"), sub(v("x"), v("i")), op("·"), cell("w", 0.5)));
//   element.append(f.element);  f.update({w: 0.7});  f.light("w");
//
// Brackets do not stretch in every font, so a matrix is a table with drawn brackets.
import { mathml as m } from "../dom.js";
import { fixed } from "../format.js";

export const v = (name) => m("mi", {}, name); // a variable
export const n = (value) => m("mn", {}, typeof value === "number" ? fixed(value) : value);
export const op = (sign) => m("mo", {}, sign);
export const text = (words) => m("mtext", {}, words);
export const row = (...parts) => m("mrow", {}, ...parts);
export const frac = (top, bottom) => m("mfrac", {}, top, bottom);
export const sub = (base, below) => m("msub", {}, base, below);
export const sup = (base, above) => m("msup", {}, base, above);
export const subsup = (base, below, above) => m("msubsup", {}, base, below, above);
export const sqrt = (inside) => m("msqrt", {}, inside);
export const sum = (below, above) =>
  m("munderover", {}, m("mo", {}, "∑"), wrap(below), above ? wrap(above) : m("mrow", {}));
export const paren = (...parts) => row(op("("), ...parts, op(")"));
export const partial = (of, by) => frac(row(op("∂"), of), row(op("∂"), by));

const wrap = (part) => (typeof part === "string" ? v(part) : part);

// A number with a name. places: digits after the point.
export function cell(name, value, places = 3) {
  const element = m("mn", { class: "cell", "data-cell": name, "data-places": places });
  element.textContent = typeof value === "number" ? fixed(value, places) : String(value ?? "");
  return element;
}

// rows of parts or numbers; a vector is a matrix of one row or one column.
export function matrix(rows) {
  const wrapPart = (part) => (part instanceof Element ? part : n(part));
  return m(
    "mtable",
    { class: "matrix" },
    rows.map((r) =>
      m(
        "mtr",
        {},
        r.map((part) => m("mtd", {}, wrapPart(part))),
      ),
    ),
  );
}

// Cases with a drawn brace: [[value, when], …]
export function cases(lines) {
  return m(
    "mtable",
    { class: "cases", columnalign: "left" },
    lines.map((line) =>
      m(
        "mtr",
        {},
        line.map((part) => m("mtd", {}, wrap(part))),
      ),
    ),
  );
}

// {element, update(values), light(...names)}; block shows it on a line of its own.
export function formula(part, { block = true, label } = {}) {
  const element = m("math", { display: block ? "block" : "inline", "aria-label": label }, part);
  const cells = new Map();
  for (const found of element.querySelectorAll("[data-cell]")) {
    const name = found.getAttribute("data-cell");
    cells.set(name, [...(cells.get(name) ?? []), found]);
  }
  return {
    element,
    cells,
    update(values) {
      for (const [name, value] of Object.entries(values)) {
        for (const found of cells.get(name) ?? []) {
          const places = Number(found.getAttribute("data-places"));
          const words = typeof value === "number" ? fixed(value, places) : String(value);
          if (found.textContent !== words) found.textContent = words;
        }
      }
    },
    light(...names) {
      for (const [name, found] of cells) {
        for (const one of found) one.classList.toggle("lit", names.includes(name));
      }
    },
  };
}
