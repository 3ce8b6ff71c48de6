// LaTeX as the library writes its formulas → MathML. It knows what those formulas use:
// fractions, roots, scripts, sums, cases, brackets, Greek letters, names of functions.
import { mathml as m } from "../dom.js";
import { cases, frac, op, row, sqrt, v } from "./formula.js";

const GREEK = { alpha: "α", delta: "δ", lambda: "λ", sigma: "σ", varphi: "φ", Phi: "Φ", pi: "π", partial: "∂" };
const SIGNS = { le: "≤", ge: "≥", cdot: "·", times: "×", "{": "{", "}": "}", lfloor: "⌊", rfloor: "⌋",
  lceil: "⌈", rceil: "⌉" };
const SPACES = { quad: "1em", ",": "0.17em", " ": "0.3em", ";": "0.28em" };
const TOKEN = /\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[A-Za-z]|[^\s]/g;

// One MathML element for the whole text.
export function latex(text) {
  const reader = new Reader(text.match(TOKEN) ?? []);
  return row(...reader.row(() => false));
}

class Reader {
  constructor(tokens) {
    this.tokens = tokens;
    this.at = 0;
  }

  get next() {
    return this.tokens[this.at];
  }

  take() {
    return this.tokens[this.at++];
  }

  row(ends) {
    const parts = [];
    while (this.at < this.tokens.length && !ends(this.next)) parts.push(this.scripted());
    return parts;
  }

  // What a command takes: one group, or one sign.
  group() {
    if (this.next !== "{") return this.atom();
    this.take();
    const parts = this.row((token) => token === "}");
    this.take();
    return row(...parts);
  }

  // An atom with what stands below, above and as a prime.
  scripted() {
    const sum = this.next === "\\sum";
    const base = this.atom();
    let [below, above] = [null, null];
    while (["_", "^", "'"].includes(this.next)) {
      const kind = this.take();
      if (kind === "'") above = m("mo", { lspace: "0", rspace: "0" }, "′");
      else if (kind === "_") below = this.group();
      else above = above ? row(above, this.group()) : this.group();
    }
    if (sum) return m("munderover", {}, base, below ?? row(), above ?? row());
    if (below && above) return m("msubsup", {}, base, below, above);
    if (below) return m("msub", {}, base, below);
    return above ? m("msup", {}, base, above) : base;
  }

  atom() {
    const token = this.take();
    if (token === "{") {
      this.at -= 1;
      return this.group();
    }
    if (token.startsWith("\\")) return this.command(token.slice(1));
    if (/^\d/.test(token)) return m("mn", {}, token);
    if (/^[A-Za-zα-ωΑ-Ω]$/.test(token)) return v(token);
    return m("mo", { stretchy: "false" }, token === "-" ? "−" : token === "*" ? "·" : token);
  }

  command(name) {
    if (name in GREEK) return v(GREEK[name]);
    if (name in SIGNS) return op(SIGNS[name]);
    if (name in SPACES) return m("mspace", { width: SPACES[name] });
    if (name === "sum") return op("∑");
    if (name === "frac") return frac(this.group(), this.group());
    if (name === "sqrt") return this.root();
    if (name === "mathrm" || name === "operatorname") return v(this.word());
    if (name === "left" || name === "right") return this.fence();
    if (name === "begin") return this.cases();
    return v(name === "ln" ? "ln" : name); // \tanh, \max, \log …
  }

  root() {
    if (this.next !== "[") return sqrt(this.group());
    this.take();
    const degree = this.row((token) => token === "]");
    this.take();
    return m("mroot", {}, this.group(), row(...degree));
  }

  word() {
    this.take(); // {
    let word = "";
    while (this.next !== "}") word += this.take();
    this.take();
    return word;
  }

  fence() {
    const sign = this.take();
    return m("mo", { stretchy: "true" }, sign.startsWith("\\") ? SIGNS[sign.slice(1)] ?? "" : sign);
  }

  cases() {
    this.word(); // cases
    const lines = [[]];
    for (;;) {
      lines.at(-1).push(row(...this.row((token) => ["&", "\\\\", "\\end"].includes(token))));
      const end = this.take();
      if (end === "\\\\") lines.push([]);
      if (end === "\\end" || end === undefined) break;
    }
    this.word();
    return cases(lines);
  }
}
