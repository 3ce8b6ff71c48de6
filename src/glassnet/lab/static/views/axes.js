// The frame of a chart on a canvas: ticks with their numbers, a light grid.
import { ink } from "../colors.js";
import { tick, ticks } from "../format.js";
import { t } from "../i18n.js";

// How large the numbers are: more for the last row of a room.
export const type = { scale: 1 };
export const font = () => `${11 * type.scale}px system-ui, -apple-system, "Segoe UI", sans-serif`;

// Room for the numbers: {left, right, top, bottom} in pixels, as large as they are now.
export const margins = (base) => ({
  get left() {
    return base.left * type.scale;
  },
  right: base.right,
  top: base.top,
  get bottom() {
    return base.bottom * type.scale;
  },
});

// box: {left, top, width, height}; x, y: [low, high]. Draws ticks at the left and below, and
// returns the functions that place numbers.
export function drawAxes(
  context,
  box,
  x,
  y,
  { grid = true, logX = false, logY = false, wantedX = 5, wantedY = 4, numbers = true, percent = false } = {},
) {
  const across = logX ? Math.log10 : (v) => v;
  const up = logY ? Math.log10 : (v) => v;
  const [left, right] = x.map(across);
  const [low, high] = y.map(up);
  const toX = (v) => box.left + ((across(v) - left) / (right - left || 1)) * box.width;
  const toY = (v) => box.top + box.height - ((up(v) - low) / (high - low || 1)) * box.height;
  context.font = font();
  context.fillStyle = ink("faint");
  context.strokeStyle = ink("line");
  context.lineWidth = 1;
  const yTicks = logY ? decades(low, high) : ticks(y[0], y[1], wantedY);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of yTicks) {
    const at = Math.round(toY(value)) + 0.5;
    if (grid) rule(context, box.left, at, box.left + box.width, at);
    else rule(context, box.left - 4, at, box.left, at);
    const inside = Math.max(at, 6 * type.scale); // the topmost is not cut
    context.fillText(
      percent ? t("number.percent", { share: Math.round(100 * value) }) : tick(value),
      box.left - 6,
      inside,
    );
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const value of logX ? decades(left, right) : ticks(x[0], x[1], wantedX)) {
    const at = Math.round(toX(value)) + 0.5;
    rule(context, at, box.top + box.height, at, box.top + box.height + 4);
    if (!numbers) continue;
    const half = context.measureText(tick(value)).width / 2;
    const inside = Math.min(at, context.canvas.clientWidth - half - 1); // nor is the last
    context.fillText(tick(value), inside, box.top + box.height + 6);
  }
  return { toX, toY };
}

function decades(low, high) {
  const found = [];
  for (let power = Math.ceil(low - 1e-9); power <= high + 1e-9; power++) found.push(10 ** power);
  if (found.length < 2) return [10 ** low, 10 ** high].map((v) => Number(v.toPrecision(2)));
  const every = Math.ceil(found.length / 4);
  return found.filter((value) => Math.round(Math.log10(value)) % every === 0);
}

export function rule(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
