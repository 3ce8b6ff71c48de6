// The binary frame, as frames.py packs it; the names in it come with the server's hello.
const TYPES = [Uint8Array, Float32Array, Float64Array];

// {status: {epoch, …}, units: {shape, data}, …}
// names: {sections, status}, the names behind the numbers of sections and of the status
export function decode(buffer, names) {
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
    found[names.sections[view.getUint8(place)]] = { shape, data };
    place += 16 + Math.ceil((length * Type.BYTES_PER_ELEMENT) / 8) * 8;
  }
  if (found.status) {
    found.status = Object.fromEntries(names.status.map((name, i) => [name, found.status.data[i]]));
  }
  return found;
}
