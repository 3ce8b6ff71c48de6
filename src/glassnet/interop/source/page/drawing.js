// Strokes on paper as the small picture that the network knows: moved and scaled as lines into
// the form of its data, then inked; each pixel is the mean of FINE × FINE finer ones.
// A stroke: { points: [[x, y], …], width }, the paper from 0 to 1.
const FINE = 4;

function inked(strokes, height, width) {
  const side = Math.max(height, width);
  const n = side * FINE;
  const paper = new Float64Array(n * n);
  for (const stroke of strokes) coverLine(paper, n, stroke);
  const picture = [];
  const [top, left] = [(side - height) / 2, (side - width) / 2].map(Math.floor);
  for (let r = top; r < top + height; r++) {
    for (let c = left; c < left + width; c++) {
      let sum = 0;
      for (let i = 0; i < FINE; i++)
        for (let j = 0; j < FINE; j++) sum += paper[(r * FINE + i) * n + c * FINE + j];
      picture.push(sum / FINE ** 2);
    }
  }
  return picture;
}

function coverLine(paper, n, { points, width }) {
  const half = Math.max((width * n) / 2, 0.5);
  const places = points.map(([x, y]) => [x * n - 0.5, y * n - 0.5]);
  for (let k = 0; k < Math.max(places.length - 1, 1); k++) {
    const a = places[k];
    const b = places[k + 1] ?? a;
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const length = dx * dx + dy * dy;
    const reach = half + 1;
    const bound = (v) => Math.min(Math.max(v, 0), n);
    const x1 = bound(Math.ceil(Math.max(a[0], b[0]) + reach) + 1);
    const y1 = bound(Math.ceil(Math.max(a[1], b[1]) + reach) + 1);
    for (let y = bound(Math.floor(Math.min(a[1], b[1]) - reach)); y < y1; y++) {
      for (let x = bound(Math.floor(Math.min(a[0], b[0]) - reach)); x < x1; x++) {
        const along = length ? ((x - a[0]) * dx + (y - a[1]) * dy) / length : 0;
        const t = Math.min(Math.max(along, 0), 1);
        const away = Math.hypot(x - a[0] - t * dx, y - a[1] - t * dy);
        const ink = Math.min(Math.max(half + 0.5 - away, 0), 1);
        if (ink > paper[y * n + x]) paper[y * n + x] = ink;
      }
    }
  }
}

function moved(strokes, middle, scale, pen) {
  return strokes.map((s) => ({
    points: s.points.map((p) => [0, 1].map((i) => 0.5 + (p[i] - middle[i]) * scale[i])),
    width: s.width * pen,
  }));
}

// The strokes where the form wants them.
function fitted(strokes, form) {
  const ends = (which, sign) =>
    [0, 1].map((i) => which(...strokes.flatMap((s) => s.points.map((p) => p[i] + (sign * s.width) / 2))));
  const [low, high] = [ends(Math.min, -1), ends(Math.max, 1)];
  const [height, width] = form.box;
  const pen = Math.max(...strokes.map((s) => s.width));
  const size = [0, 1].map((i) => high[i] - low[i]);
  const newPen = Math.min(Math.max((pen / Math.max(...size)) * height, form.pen[0]), form.pen[1]);
  const lines = size.map((v) => Math.max(v - pen, 1e-3));
  const room = [width - newPen, height - newPen];
  let scale = [0, 1].map((i) => Math.min(room[i] / lines[i], room[1] / lines[1]));
  if (form.mass) scale = [0, 1].map(() => Math.min(room[0] / lines[0], room[1] / lines[1]));
  const middle = [0, 1].map((i) => (low[i] + high[i]) / 2);
  const inForm = moved(strokes, middle, scale.map((v) => v / form.side), newPen / pen / form.side);
  return form.mass ? moved(inForm, mass(inked(inForm, form.side, form.side), form.side), [1, 1], 1) : inForm;
}

function mass(ink, side) {
  let [total, across, down] = [0, 0, 0];
  ink.forEach((v, i) => {
    total += v;
    across += (v * ((i % side) + 0.5)) / side;
    down += (v * (Math.floor(i / side) + 0.5)) / side;
  });
  return total ? [across / total, down / total] : [0.5, 0.5];
}

// The numbers of the picture, the channels of a pixel side by side.
function picture(strokes) {
  const { height, width, channels, ink, form } = ABOUT.input;
  if (!strokes.length) return Array(height * width * channels).fill(0);
  const side = { ...form, side: Math.max(height, width) };
  const drawn = inked(fitted(strokes, side), height, width);
  return drawn.flatMap((v) => Array(channels).fill(v * ink));
}
