// The curved lines between two columns: drawing one, and finding the one under the pointer.

export function traceLine(context, { from, to }, edge) {
  const [x0, x1] = [from.x + edge, to.x - edge];
  const middle = (x0 + x1) / 2;
  context.beginPath();
  context.moveTo(x0, from.y);
  context.bezierCurveTo(middle, from.y, middle, to.y, x1, to.y);
  context.stroke();
}

// How far along the curve (0 … 1) it has come at this share of the way across: the inverse of
// 3/2·t(1-t)² + 3/2·t²(1-t) + t³, by halving.
function along(share) {
  let [low, high] = [0, 1];
  for (let i = 0; i < 20; i++) {
    const t = (low + high) / 2;
    if (1.5 * t * (1 - t) + t ** 3 < share) low = t;
    else high = t;
  }
  return (low + high) / 2;
}

// The line within a few pixels of (x, y), or null.
export function nearestLine(lines, x, y, half, reach = 6) {
  let [best, distance] = [null, reach];
  let [column, t] = [-1, 0];
  for (const line of lines) {
    const [x0, x1] = [line.from.x + half, line.to.x - half];
    if (x < x0 || x > x1) continue;
    if (line.column !== column) [column, t] = [line.column, along((x - x0) / (x1 - x0))];
    const there = line.from.y + (line.to.y - line.from.y) * (3 - 2 * t) * t * t;
    const slope = Math.abs(line.to.y - line.from.y) / (x1 - x0);
    const off = Math.abs(there - y) / Math.hypot(1, slope);
    if (off < distance) [best, distance] = [line, off];
  }
  return best;
}

// A line for each weight between units. weights: {start, shape, place, drawn}, see structure()
export function unitLines({ start, shape, place, drawn }, column, froms, tos) {
  return froms.flatMap((from) =>
    tos.map((to) => ({
      from,
      to,
      index: start + from.unit * shape[1] + to.unit,
      place: place + from.unit * drawn[1] + to.unit,
      column,
    })),
  );
}

// A line to each unit from the middle of a block of many inputs: it stands for all their weights.
export function blockLines({ place, drawn }, column, from, tos) {
  const many = { from, index: null, rows: drawn[0], step: drawn[1], column };
  return tos.map((to) => ({ ...many, to, place: place + to.unit }));
}
