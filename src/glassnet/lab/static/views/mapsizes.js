// Where the maps of a network lie: a column for each layer, as large as the room allows.

const GAP = 3; // between two maps
const BETWEEN = 22; // between two layers
const SMALLEST = 12; // a map's side
const LABEL = 34; // above a column
const FEW = 16; // units that have a name and a bar each

// layers: as the server tells them; side: of the picture; classes: names of the outputs. Returns
// {height, width, columns: [{layer, kind, x, y, across, cell, tile: [width, height]}]}; the first
// column is the picture.
export function mapSizes(layers, side, width, height) {
  let best = null;
  for (let most = 96; most >= SMALLEST; most -= 2) {
    const columns = [picture(side, most, height), ...layers.map((layer) => column(layer, most, height))];
    const whole = columns.reduce((sum, one) => sum + one.width, 0) + BETWEEN * (columns.length - 1);
    best = { columns, whole };
    if (whole <= width) break;
  }
  const { columns, whole } = best;
  const spare = Math.max(0, width - whole);
  const between = BETWEEN + Math.min(26, spare / Math.max(1, columns.length - 1));
  let x = 0;
  for (const one of columns) {
    one.x = x;
    one.y = LABEL + Math.max(0, (height - LABEL - one.height) / 2);
    x += one.width + between;
  }
  return { columns, width: x - between, height };
}

function picture(side, most, height) {
  const size = Math.min(1.2 * most, height - LABEL);
  return {
    kind: "picture",
    across: 1,
    count: 1,
    rows: side,
    columns: side,
    tile: [size, size],
    width: size,
    height: size,
  };
}

function column(layer, most, height) {
  const room = height - LABEL;
  if (layer.shape.length === 3) {
    const [count, rows, columns] = layer.shape;
    // as few beside each other as fit below each other
    for (let across = 1; ; across++) {
      const down = Math.ceil(count / across);
      const tall = (room - GAP * (down - 1)) / down;
      const wide = Math.min(most, (tall * columns) / rows);
      if (wide < Math.min(most, 30) && across < count && across < 8) continue;
      const tile = [wide, (wide * rows) / columns];
      const size = { width: across * (wide + GAP) - GAP, height: down * (tile[1] + GAP) - GAP };
      return { layer, kind: "maps", across, count, rows, columns, tile, ...size };
    }
  }
  const [count] = layer.shape;
  if (count <= FEW) {
    const tall = Math.min(26, room / count);
    return { layer, kind: "bars", across: 1, count, tile: [64, tall], width: 64, height: tall * count };
  }
  const cell = Math.max(5, Math.min(10, most / 8));
  const across = Math.ceil(count / Math.floor(room / cell));
  const down = Math.ceil(count / across);
  return { layer, kind: "units", across, count, tile: [cell, cell], width: across * cell, height: down * cell };
}

// The left upper corner of map or unit i of a column.
export function cornerOf(column, i) {
  const gap = column.kind === "maps" ? GAP : 0;
  return [
    column.x + (i % column.across) * (column.tile[0] + gap),
    column.y + Math.floor(i / column.across) * (column.tile[1] + gap),
  ];
}

// What lies at a point: {column: its number, map, row, column}; null: nothing.
export function placeAt(columns, x, y) {
  for (let number = 0; number < columns.length; number++) {
    const one = columns[number];
    if (x < one.x || y < one.y || x >= one.x + one.width || y >= one.y + one.height) continue;
    for (let i = 0; i < one.count; i++) {
      const [left, top] = cornerOf(one, i);
      const [dx, dy] = [x - left, y - top];
      if (dx < 0 || dy < 0 || dx >= one.tile[0] || dy >= one.tile[1]) continue;
      if (!one.rows) return { number, map: i, row: 0, column: 0 };
      const row = Math.floor((dy / one.tile[1]) * one.rows);
      return { number, map: i, row, column: Math.floor((dx / one.tile[0]) * one.columns) };
    }
  }
  return null;
}
