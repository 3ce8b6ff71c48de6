// A lesson's text: the server's nested lists as elements. Nothing here reads markup.
import { h } from "./dom.js";
import { formula } from "./views/formula.js";
import { latex } from "./views/latex.js";

const TAGS = new Set("p ul ol li em strong code pre blockquote table thead tbody tr th td hr br h4 a".split(" "));

export const build = (nodes) => nodes.map(one);

function one(node) {
  if (typeof node === "string") return node;
  const [tag, attributes, ...children] = node;
  if (tag === "math") return formula(latex(children[0]), { block: attributes.display === "block" }).element;
  const element = h(TAGS.has(tag) ? tag : "span", attributes, build(children));
  if (tag === "pre") element.tabIndex = 0; // it may scroll
  return element;
}
