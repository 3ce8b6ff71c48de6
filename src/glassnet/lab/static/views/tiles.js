// What is drawn for one unit of the network: its map, its bias, a cross if it is dead.
import { divergingPixels, ink, outputPixels, signedColor } from "../colors.js";
import { h } from "../dom.js";
import { mark } from "./shapes.js";

export const SIDE = 25; // cells of a unit's map
const PITCH = SIDE + 2; // rows of one map: its first and its last twice, as it is smoothed when drawn

// All maps below each other on one canvas. Painting says which have changed, so that the network
// draws those tiles only.
export class Atlas {
  constructor() {
    this.canvas = h("canvas");
    this.painted = new Map(); // place → the colours that it was painted with
  }

  // units: {shape, data} of the frame; paints: the units that have other colours than the
  // diverging ones, by their place: Map of 256 pixels each. → Set of places
  paint({ shape, data }, paints) {
    const n = shape[0];
    const cells = SIDE * SIDE;
    const context = this.canvas.getContext("2d");
    if (this.canvas.height !== n * PITCH || !this.image) {
      Object.assign(this.canvas, { width: SIDE, height: n * PITCH });
      this.image = context.createImageData(SIDE, n * PITCH);
      this.pixels = new Int32Array(this.image.data.buffer);
      this.bytes = new Uint8Array(n * cells);
      this.painted.clear();
    }
    const changed = new Set();
    for (let unit = 0; unit < n; unit++) {
      const table = paints.get(unit) ?? divergingPixels();
      const [from, to] = [unit * cells, (unit + 1) * cells];
      if (this.painted.get(unit) === table && same(this.bytes, data, from, to)) continue;
      this.painted.set(unit, table);
      const first = (unit * PITCH + 1) * SIDE;
      for (let i = 0; i < cells; i++) this.pixels[first + i] = table[(this.bytes[from + i] = data[from + i])];
      this.pixels.copyWithin(first - SIDE, first, first + SIDE);
      this.pixels.copyWithin(first + cells, first + cells - SIDE, first + cells);
      context.putImageData(this.image, 0, 0, 0, unit * PITCH, SIDE, PITCH);
      changed.add(unit);
    }
    return changed;
  }

  // One map, as a square of the network.
  put(context, place, x, y, side) {
    context.drawImage(this.canvas, 0, place * PITCH + 1, SIDE, SIDE, x, y, side, side);
  }
}

function same(one, other, from, to) {
  for (let i = from; i < to; i++) if (one[i] !== other[i]) return false;
  return true;
}

// Of the units with colours of their own: place among the maps → pixels.
export function paintsOf(columns) {
  const own = new Map();
  for (const { first, slots, paint } of columns)
    if (paint) for (const { unit } of slots) own.set(first + unit, outputPixels(...paint(unit)));
  return own;
}

// A unit: its map (-1: none), edge, cross, bias (slot.share, null: none) and the mark of its class.
export function drawTile(context, atlas, slot, map, tile, lit) {
  const [x, y] = [slot.x - tile / 2, slot.y - tile / 2];
  clearTile(context, x, y, tile, slot.mark === undefined ? 0 : 20);
  if (map >= 0) {
    atlas.put(context, map, x, y, tile);
  } else {
    context.fillStyle = ink("ground");
    context.fillRect(x, y, tile, tile);
  }
  context.strokeStyle = ink(lit ? "accent" : "line");
  context.lineWidth = lit ? 2 : 1;
  context.strokeRect(x - 0.5, y - 0.5, tile + 1, tile + 1);
  if (slot.dead) cross(context, x, y, tile);
  if (slot.share !== null) drawBias(context, slot.share, x, y, tile);
  if (slot.mark !== undefined) mark(context, slot.mark, slot.x + tile / 2 + 14, slot.y, 5);
}

// What is under a tile and its edges. By whole pixels, and before each drawing: those that an edge
// covers in part would grow darker each time. aside: what belongs to it on its right
function clearTile(context, x, y, tile, aside) {
  const [left, top] = [Math.floor(x - 2), Math.floor(y - 2)];
  const [right, bottom] = [Math.ceil(x + tile + 2 + aside), Math.ceil(y + tile + 2)];
  context.clearRect(left, top, right - left, bottom - top);
}

// A small square at the lower left corner; share: -1 … 1.
function drawBias(context, share, x, y, tile) {
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
