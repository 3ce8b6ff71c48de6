// What is drawn for one unit of the network: its map, its bias, a cross if it is dead.
import { divergingPixels, ink, outputPixels, signedColor } from "../colors.js";
import { h } from "../dom.js";

export const SIDE = 25; // cells of a unit's map

// All maps below each other on one canvas; units: {shape, data} of the frame; paints: the units
// that have other colours than the diverging ones, by their place: Map of 256 pixels each.
export function paintAtlas(atlas, { shape, data }, paints) {
  const n = shape[0];
  if (atlas.height !== n * SIDE) Object.assign(atlas, { width: SIDE, height: n * SIDE });
  const context = atlas.getContext("2d");
  const image = context.createImageData(SIDE, n * SIDE);
  const pixels = new Int32Array(image.data.buffer);
  const cells = SIDE * SIDE;
  for (let unit = 0; unit < n; unit++) {
    const table = paints?.get(unit) ?? divergingPixels();
    for (let i = unit * cells; i < (unit + 1) * cells; i++) pixels[i] = table[data[i]];
  }
  context.putImageData(image, 0, 0);
}

// Of the units with colours of their own: place among the maps → pixels.
export function paintsOf(columns) {
  const own = new Map();
  for (const { first, slots, paint } of columns)
    if (paint) for (const { unit } of slots) own.set(first + unit, outputPixels(...paint(unit)));
  return own;
}

// A small square at the lower left corner; share: -1 … 1.
export function drawBias(context, share, x, y, tile) {
  const side = Math.max(5, Math.round(tile / 6));
  context.fillStyle = signedColor(Math.max(-1, Math.min(1, share)));
  context.strokeStyle = ink("faint");
  context.lineWidth = 1;
  context.fillRect(x - 1, y + tile - side + 1, side, side);
  context.strokeRect(x - 1.5, y + tile - side + 0.5, side + 1, side + 1);
}

export function cross(context, x, y, tile) {
  context.globalAlpha = 0.55; // quiet: it gives nothing, and there may be many
  context.strokeStyle = ink("bad");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x + 3, y + 3);
  context.lineTo(x + tile - 3, y + tile - 3);
  context.moveTo(x + tile - 3, y + 3);
  context.lineTo(x + 3, y + tile - 3);
  context.stroke();
  context.globalAlpha = 1;
}

// In place of inputs that are too many to be drawn one by one.
export function drawBlock(context, words, x, top, bottom) {
  const tall = Math.min(260, bottom - top - 30);
  const y = top + (bottom - top) / 2;
  context.fillStyle = ink("ground");
  context.strokeStyle = ink("line");
  context.lineWidth = 1;
  context.fillRect(x - 16, y - tall / 2, 32, tall);
  context.strokeRect(x - 16.5, y - tall / 2 - 0.5, 33, tall + 1);
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  context.fillStyle = ink("ink");
  context.font = "13px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(words, 0, 0);
  context.restore();
}

// The way around a column: an arc from the column before, and a plus where it is added.
export function drawSkip(context, from, above, to, y) {
  const [end, radius] = [to - 6, 5.5];
  context.globalAlpha = 1;
  context.strokeStyle = ink("ink");
  context.lineWidth = 1.25;
  context.beginPath();
  const top = Math.min(above, y) - 15;
  context.moveTo(from, above + 4);
  context.bezierCurveTo(from + 14, top, end - 22, top, end - 4, y - 4);
  context.moveTo(end + radius, y);
  context.arc(end, y, radius, 0, 2 * Math.PI);
  context.moveTo(end - 3, y);
  context.lineTo(end + 3, y);
  context.moveTo(end, y - 3);
  context.lineTo(end, y + 3);
  context.stroke();
}

// Below the tiles of a wide layer: how many of its units are not drawn.
export function moreUnits(count) {
  const words = ["play.more_here", { count }];
  return h(
    "span",
    { class: "more-units", ta: { title: words } },
    h("span", { "aria-hidden": "true" }, `+${count}`),
    h("span", { class: "unseen", t: words }),
  );
}

const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

// The unit that an arrow key leads to: null where there is none, undefined for another key.
export function neighbour(slots, here, key) {
  if (!(key in STEPS)) return undefined;
  const [dx, dy] = STEPS[key];
  const column = slots.filter((s) => s.column === here.column + dx);
  if (!dx) return column.find((s) => s.row === here.row + dy) ?? null;
  return column.sort((a, b) => Math.abs(a.y - here.y) - Math.abs(b.y - here.y))[0] ?? null;
}
