// What is seen of things on a height field: heights over the square from -1 to 1, looked at from
// far away. A line of sight goes from a point to the eye: over the ground in one direction, and
// up. Where the field stands above that line, the point is hidden.
const SLACK = 0.03; // of a height of 2: the grid is coarser than the paths that lie on it
const NOTHING = -9; // below all heights

export class Horizon {
  // heights[i][j] from -1 to 1 at b_i, a_j, null where there is no surface; way: [a, b] of length
  // 1, over the ground to the eye; rise: how much the line of sight climbs on a way of 1
  constructor(heights, [a, b], rise) {
    this.heights = heights;
    this.cell = 2 / (heights.length - 1);
    // Above this a point is seen: for each corner of the grid, walked once.
    this.limits = heights.map((row, i) =>
      row.map((own, j) => {
        let most = own ?? NOTHING;
        for (let gone = this.cell; gone * rise < 2; gone += this.cell) {
          const [x, y] = [j * this.cell - 1 + gone * a, i * this.cell - 1 + gone * b];
          if (Math.abs(x) > 1 || Math.abs(y) > 1) break;
          most = Math.max(most, this.between(heights, x, y) - gone * rise);
        }
        return most;
      }),
    );
  }

  // Between the corners of a cell, in a straight line along each side.
  between(rows, a, b) {
    const most = rows.length - 1.000001;
    const x = Math.max(0, Math.min(most, (a + 1) / this.cell));
    const y = Math.max(0, Math.min(most, (b + 1) / this.cell));
    const i = Math.floor(y);
    const j = Math.floor(x);
    const s = x - j;
    const t = y - i;
    const low = rows[i];
    const high = rows[i + 1];
    const found =
      (1 - t) * ((1 - s) * (low[j] ?? NaN) + s * (low[j + 1] ?? NaN)) +
      t * ((1 - s) * (high[j] ?? NaN) + s * (high[j + 1] ?? NaN));
    return Number.isNaN(found) ? NOTHING : found;
  }

  hides([a, b, c]) {
    return c < this.between(this.limits, a, b) - SLACK;
  }

  // A line through points of the field, cut where it goes behind something or comes out again:
  // [{hidden, points}], neighbours share a point.
  cut(points) {
    const runs = [];
    let run = null;
    // A point stands on the field, though its cell is flatter than the field is there.
    const lifts = points.map(([a, b, c]) => Math.max(0, this.between(this.heights, a, b) - c));
    for (let k = 1; k < points.length; k++) {
      const [from, to] = [points[k - 1], points[k]];
      const [a, b, c, lift] = [to[0] - from[0], to[1] - from[1], to[2] - from[2], lifts[k] - lifts[k - 1]];
      const parts = Math.max(1, Math.ceil(Math.hypot(a, b) / this.cell));
      for (let part = 0; part < parts; part++) {
        const middle = (part + 0.5) / parts;
        const hidden =
          from[2] + middle * c + lifts[k - 1] + middle * lift <
          this.between(this.limits, from[0] + middle * a, from[1] + middle * b) - SLACK;
        if (run?.hidden === hidden) continue;
        const share = part / parts;
        const at = [from[0] + share * a, from[1] + share * b, from[2] + share * c];
        if (part > 0) run.points.push(at);
        runs.push((run = { hidden, points: [at] }));
      }
      run.points.push(to);
    }
    return runs;
  }
}
