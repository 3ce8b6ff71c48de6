// LaTeX formulas, as the library writes them, as MathML: the part of LaTeX that it uses.
//
//   formula(latex("\\frac{1}{1 + e^{-z}}"))                            one formula, not wrapped
//   element.append(latexView("\\frac{\\partial L}{\\partial w} = …"))  lines of text
//
// In the lines each "=" and "+" begins a new piece, so that a long sum is wrapped as words are.
import { h, mathml as m } from "../dom.js";
import { cases, frac, row, sqrt, sub, subsup, sup, text, v } from "./formula.js";

const SIGNS = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  Delta: "Δ",
  epsilon: "ε",
  eta: "η",
  lambda: "λ",
  mu: "μ",
  nu: "ν",
  pi: "π",
  rho: "ρ",
  sigma: "σ",
  varphi: "φ",
  Phi: "Φ",
};
const OPERATORS = {
  cdot: "·",
  times: "×",
  approx: "≈",
  partial: "∂",
  le: "≤",
  ge: "≥",
  dots: "…",
  Big: "",
  sum: "∑",
  lfloor: "⌊",
  rfloor: "⌋",
  lceil: "⌈",
  rceil: "⌉",
  "{": "{",
  "}": "}",
};
const SPACES = { quad: "1em", ",": "0.17em", " ": "0.25em", ";": "0.28em" };
const [OPENS, CLOSES] = [
  ["(", "[", "\\left"],
  [")", "]", "\\right"],
];
const OVER = { hat: "^", bar: "¯", overline: "¯" };

// A block of lines, each of pieces between which it may be wrapped.
export function latexView(code) {
  const lines = code.split("\n").flatMap((line) => new Reader(line).lines());
  return h(
    "div",
    { class: "latex" },
    lines.map((pieces) =>
      h(
        "p",
        {},
        pieces.flatMap((piece) => [m("math", {}, piece), " "]),
      ),
    ),
  );
}

// One formula, as a part of another or for formula().
export const latex = (code) => row(...new Reader(code).lines().flat());

class Reader {
  constructor(code) {
    // a command, a number, or one character
    this.tokens = code.match(/\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|[^\s]/gu) ?? [];
    this.at = 0;
  }

  get next() {
    return this.tokens[this.at];
  }

  lines() {
    const lines = [[]];
    while (this.at < this.tokens.length) {
      const parts = this.row((token, parts) => token === "\\\\" || (parts.length && (token === "=" || token === "+")));
      if (parts.length) lines.at(-1).push(row(...parts));
      if (this.next === "\\\\") {
        this.at += 1;
        lines.push([]);
      } else if (this.next === "}") this.at += 1; // one too many
    }
    return lines;
  }

  // Parts up to the end of the group, or to a token at which ends() is true.
  row(ends = () => false) {
    const parts = [];
    let depth = 0; // inside parentheses nothing is wrapped
    while (this.at < this.tokens.length && this.next !== "}" && this.next !== "&") {
      if (depth === 0 && ends(this.next, parts)) break;
      if (this.next === "\\end") break;
      depth += OPENS.includes(this.next) ? 1 : CLOSES.includes(this.next) ? -1 : 0;
      const part = this.scripted();
      if (!parts.length && (part?.textContent === "=" || part?.textContent === "+")) part.setAttribute("form", "infix");
      if (part) parts.push(part);
    }
    return parts;
  }

  group() {
    while (/^\s+$/.test(this.next ?? "")) this.at += 1;
    if (this.next !== "{") return this.atom();
    this.at += 1;
    const parts = this.row();
    this.at += 1;
    return parts.length === 1 ? parts[0] : row(...parts);
  }

  // The words of a group, as they are.
  words() {
    let words = "";
    for (this.at += 1; this.at < this.tokens.length && this.next !== "}"; this.at += 1) words += this.next;
    this.at += 1;
    return words.replaceAll("\\_", "_");
  }

  scripted() {
    const base = this.atom();
    let [below, above] = [null, null];
    for (;;) {
      while (base && /^\s+$/.test(this.next ?? "") && "_^'".includes(this.tokens[this.at + 1] ?? " ")) this.at += 1;
      if (this.next === "_") {
        this.at += 1;
        below = this.group();
      } else if (this.next === "^") {
        this.at += 1;
        above = row(above, this.group());
      } else if (this.next === "'") {
        this.at += 1;
        above = row(above, m("mo", { lspace: "0", rspace: "0" }, "′"));
      } else break;
    }
    if (!base) return null;
    if (base.textContent === "∑" && (below || above)) return m("munderover", {}, base, below ?? row(), above ?? row());
    if (below && above) return subsup(base, below, above);
    return below ? sub(base, below) : above ? sup(base, above) : base;
  }

  atom() {
    const token = this.next;
    this.at += 1;
    if (token === undefined || /^\s+$/.test(token)) return null;
    if (token === "{") {
      this.at -= 1;
      return this.group();
    }
    if (token.startsWith("\\")) return this.command(token.slice(1));
    if (/^\d/.test(token)) return m("mn", {}, token);
    if (token === "(" || token === ")" || token === "[" || token === "]" || token === "|") {
      return m("mo", { stretchy: "false" }, token);
    }
    if (/^[+=\-−,/<>*:]$/.test(token)) return m("mo", {}, token === "-" ? "−" : token);
    return m("mi", {}, token);
  }

  command(name) {
    if (name in SIGNS) return m("mi", {}, SIGNS[name]);
    if (name === "top") return m("mi", { mathvariant: "normal" }, "T");
    if (name in OPERATORS) return OPERATORS[name] ? m("mo", { movablelimits: "true" }, OPERATORS[name]) : null;
    if (name in SPACES) return m("mspace", { width: SPACES[name] });
    if (name in OVER) return m("mover", { accent: "true" }, this.group(), m("mo", { stretchy: "false" }, OVER[name]));
    if (name === "frac") return frac(this.group(), this.group());
    if (name === "sqrt") return this.root();
    if (name === "left") return this.fence();
    if (name === "right") return this.bracket(); // one too many
    if (name === "text") return text(this.words());
    if (name === "mathrm" || name === "operatorname") return m("mi", { mathvariant: "normal" }, this.words());
    if (name === "begin") return this.cases();
    return v(name); // \tanh, \max, \log …
  }

  root() {
    if (this.next !== "[") return sqrt(this.group());
    this.at += 1;
    const degree = [];
    while (this.at < this.tokens.length && this.next !== "]") degree.push(this.scripted());
    this.at += 1;
    return m("mroot", {}, this.group(), row(...degree));
  }

  // From \left to its \right: one thing, so that a power stands at the whole of it.
  fence() {
    const open = this.bracket();
    const inside = this.row((token) => token === "\\right");
    if (this.next !== "\\right") return row(open, ...inside);
    this.at += 1;
    return row(open, ...inside, this.bracket());
  }

  bracket() {
    const sign = this.next ?? "";
    this.at += 1;
    return m("mo", {}, sign.startsWith("\\") ? (OPERATORS[sign.slice(1)] ?? "") : sign === "." ? "" : sign);
  }

  cases() {
    this.words();
    const lines = [[]];
    while (this.at < this.tokens.length && this.next !== "\\end") {
      lines.at(-1).push(row(...this.row((token) => token === "\\\\")));
      if (this.next === "&") this.at += 1;
      else if (this.next === "\\\\") {
        this.at += 1;
        lines.push([]);
      }
    }
    this.at += 1;
    this.words();
    return cases(lines);
  }
}
