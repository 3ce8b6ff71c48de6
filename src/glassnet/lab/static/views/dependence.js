// The mean answer along one column, with how often the table has such values below it; and true
// against predicted values.  Drawn once, as SVG.

import { classColor, ink } from "../colors.js";
import { svg } from "../dom.js";
import { percent, tick, ticks } from "../format.js";

const [WIDE, TALL] = [260, 150];
const BOX = { left: 46, right: WIDE - 8, top: 8, bottom: 104 };
const FLOOR = TALL - 18; // of the distribution
const SIDE = 220; // of the square of true and predicted values

const along = (low, high, from, to) => {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
};

const words = (x, y, text, anchor = "middle") =>
  svg("text", { x, y, "text-anchor": anchor, class: "tick", fill: ink("faint") }, text);

// one: {grid, at, average, edges, counts, outputs}; shares: whether answers are probabilities;
// at: the grid as amounts (days, where the grid says dates), or null: words.
// k(i): the number of the class of output i, for its colour; null: the only one
export function dependence(one, { shares, label, k }) {
  const { grid, at, average, counts, edges } = one;
  const flat = average.flat();
  const [low, high] = shares ? [0, Math.max(...flat)] : [Math.min(...flat), Math.max(...flat)];
  const toY = along(low, high, BOX.bottom, BOX.top);
  const toX = at ? along(at[0], at.at(-1), BOX.left, BOX.right) : along(0, grid.length, BOX.left, BOX.right);
  const middle = (i) => (at ? toX(at[i]) : toX(i + 0.5));
  const parts = [];
  for (const y of ticks(low, high, 3)) {
    parts.push(
      svg("line", { x1: BOX.left, x2: BOX.right, y1: toY(y), y2: toY(y), stroke: ink("line") }),
      words(BOX.left - 4, toY(y) + 4, shares ? percent(y).replace(/\.0(?=\D)/, "") : tick(y), "end"),
    );
  }
  // The rows that have such values.
  const most = Math.max(...counts, 1);
  counts.forEach((count, i) => {
    const [from, to] = edges.length ? [edges[i], edges[i + 1]] : [i + 0.15, i + 0.85];
    const inside = (value) => Math.max(BOX.left, Math.min(BOX.right, toX(value)));
    const [x, end] = [inside(from), inside(to)];
    const tall = (count / most) * (FLOOR - BOX.bottom - 8);
    const bar = { x, y: FLOOR - tall, width: Math.max(0, end - x - 0.5), height: tall, fill: ink("faint") };
    if (end > x) parts.push(svg("rect", { ...bar, "fill-opacity": 0.55 }));
  });
  average[0].forEach((_, output) => {
    const color = k(output) === null ? ink("accent") : classColor(k(output));
    const points = average.map((line, i) => [middle(i), toY(line[output])]);
    if (at) parts.push(svg("polyline", { points: points.join(" "), fill: "none", stroke: color, "stroke-width": 2 }));
    else for (const [x, y] of points) parts.push(svg("circle", { cx: x, cy: y, r: 3.5, fill: color }));
  });
  const ends = at ? [0, grid.length - 1] : grid.map((_, i) => i);
  const every = Math.ceil(ends.length / 6); // so that words do not lie on each other
  ends
    .filter((_, i) => i % every === 0 || at)
    .forEach((i) => {
      const text = typeof grid[i] === "number" ? tick(Number(grid[i].toPrecision(3))) : String(grid[i] ?? "–");
      const anchor = !at ? "middle" : i ? "end" : "start";
      parts.push(words(at ? (i ? BOX.right : BOX.left) : middle(i), TALL - 4, text.slice(0, 9), anchor));
    });
  return svg("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, role: "img", "aria-label": label, class: "drawn" }, ...parts);
}

// pairs: [[true, predicted], …]; a row on the diagonal is right
export function truth(pairs, { label, across, up }) {
  const values = pairs.flat();
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [left, bottom] = [46, SIDE - 34];
  const toX = along(low, high, left, SIDE - 8);
  const toY = along(low, high, bottom, 8);
  const parts = [svg("line", { x1: toX(low), y1: toY(low), x2: toX(high), y2: toY(high), stroke: ink("faint") })];
  for (const value of ticks(low, high, 3)) {
    parts.push(
      svg("line", { x1: left, x2: SIDE - 8, y1: toY(value), y2: toY(value), stroke: ink("line") }),
      words(left - 4, toY(value) + 4, tick(value), "end"),
      words(toX(value), bottom + 14, tick(value)),
    );
  }
  for (const [x, y] of pairs)
    parts.push(svg("circle", { cx: toX(x), cy: toY(y), r: 2.2, fill: ink("accent"), "fill-opacity": 0.5 }));
  parts.push(words((left + SIDE) / 2, SIDE - 4, across));
  parts.push(
    svg(
      "text",
      {
        transform: `translate(10 ${bottom / 2}) rotate(-90)`,
        "text-anchor": "middle",
        class: "tick",
        fill: ink("faint"),
      },
      up,
    ),
  );
  return svg(
    "svg",
    { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img", "aria-label": label, class: "drawn square" },
    ...parts,
  );
}
