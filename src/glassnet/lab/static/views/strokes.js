// The lines of curves and paths: a colour and a pattern each, both different from those beside
// them, so that colour is not the only sign.
import { classColor, ink } from "../colors.js";
import { svg } from "../dom.js";

const COLORS = [0, 3, 2, 1, 4, 5]; // of the classes; yellow is too pale for a line on paper
const DASHES = [[], [9, 4], [2, 3], [10, 3, 2, 3], [5, 3]];

export const strokeColor = (k) => (k % 7 === 6 ? ink("ink") : classColor(COLORS[k % 7]));
export const strokeDash = (k) => DASHES[k % DASHES.length];

// A short piece of the line, for legends; draw it again when the theme changes.
export function strokeIcon(k, width = 30, dash = strokeDash(k)) {
  return svg(
    "svg",
    { class: "stroke", viewBox: `0 0 ${width} 10`, width, height: 10, "aria-hidden": "true" },
    svg("line", {
      x1: 1,
      y1: 5,
      x2: width - 1,
      y2: 5,
      stroke: strokeColor(k),
      "stroke-width": 2.2,
      "stroke-dasharray": dash.join(" ") || null,
    }),
  );
}
