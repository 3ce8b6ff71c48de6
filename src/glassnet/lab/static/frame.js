// The binary frame: see frames.py, which has the same two lists.
export const SECTIONS = [
  "status", "units", "scales", "map", "line", "weights", "dead", "curves", "matrix", "values",
  "ranges",
];
export const STATUS = [
  "epoch", "batch", "steps", "loss", "test_loss", "accuracy", "test_accuracy", "batch_loss",
  "epoch_seconds", "learning_rate", "playing", "version",
];
const TYPES = [Uint8Array, Float32Array, Float64Array];

// {status: {epoch, …}, units: {shape, data}, …}
export function decode(buffer) {
  const view = new DataView(buffer);
  const found = {};
  const count = view.getUint32(4, true);
  let place = 8;
  for (let i = 0; i < count; i++) {
    const Type = TYPES[view.getUint8(place + 1)];
    const dimensions = view.getUint8(place + 2);
    const shape = [4, 8, 12].slice(0, dimensions).map((at) => view.getUint32(place + at, true));
    const length = shape.reduce((a, b) => a * b, 1);
    const data = new Type(buffer, place + 16, length);
    found[SECTIONS[view.getUint8(place)]] = { shape, data };
    place += 16 + Math.ceil((length * Type.BYTES_PER_ELEMENT) / 8) * 8;
  }
  if (found.status) {
    found.status = Object.fromEntries(STATUS.map((name, i) => [name, found.status.data[i]]));
  }
  return found;
}
