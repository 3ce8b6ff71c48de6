// The shapes of the classes' points, so that colour is not the only sign.
import { classColor, classShape, ink } from "../colors.js";
import { svg } from "../dom.js";

const PATHS = {
  circle: (c, r) => c.arc(0, 0, r, 0, 7),
  square: (c, r) => c.rect(-r * 0.88, -r * 0.88, r * 1.76, r * 1.76),
  triangle: (c, r) =>
    polygon(c, [
      [0, -r * 1.2],
      [r * 1.1, r * 0.8],
      [-r * 1.1, r * 0.8],
    ]),
  diamond: (c, r) =>
    polygon(c, [
      [0, -r * 1.3],
      [r * 1.1, 0],
      [0, r * 1.3],
      [-r * 1.1, 0],
    ]),
  down: (c, r) =>
    polygon(c, [
      [0, r * 1.2],
      [r * 1.1, -r * 0.8],
      [-r * 1.1, -r * 0.8],
    ]),
  plus: (c, r) => {
    c.rect(-r * 0.4, -r * 1.2, r * 0.8, r * 2.4);
    c.rect(-r * 1.2, -r * 0.4, r * 2.4, r * 0.8);
  },
  cross: (c, r) => polygon(c, cross(r)),
  star: (c, r) =>
    polygon(
      c,
      Array.from({ length: 10 }, (_, i) => {
        const [size, angle] = [i % 2 ? r * 0.6 : r * 1.35, (i * Math.PI) / 5 - Math.PI / 2];
        return [size * Math.cos(angle), size * Math.sin(angle)];
      }),
    ),
};

const cross = (r) => {
  const [a, b] = [r * 0.45, r * 1.15];
  return [
    [0, a],
    [b - a, b],
    [b, b - a],
    [a, 0],
    [b, a - b],
    [b - a, -b],
    [0, -a],
    [a - b, -b],
    [-b, a - b],
    [-a, 0],
    [-b, b - a],
    [a - b, b],
  ];
};

function polygon(context, points) {
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

// The mark of class k at (x, y); hollow for points that are only tested on.
export function mark(context, k, x, y, radius, { hollow = false, color = classColor(k) } = {}) {
  context.save();
  context.translate(x, y);
  context.beginPath();
  PATHS[classShape(k)](context, radius);
  context.lineWidth = 1;
  if (hollow) {
    context.fillStyle = ink("paper");
    context.fill();
    context.strokeStyle = color;
    context.lineWidth = 1.5;
  } else {
    context.fillStyle = color;
    context.fill();
    context.strokeStyle = ink("paper");
  }
  context.stroke();
  context.restore();
}

// The same as a small SVG for legends and buttons; it is drawn again when the theme changes.
export function markIcon(k, size = 12) {
  const d = [];
  const say =
    (letter) =>
    (...at) =>
      d.push(`${letter}${at.map((v) => v.toFixed(2)).join(" ")}`);
  const pen = {
    moveTo: say("M"),
    lineTo: say("L"),
    closePath: () => d.push("Z"),
    rect: (x, y, w, h) => d.push(`M${x} ${y}h${w}v${h}h${-w}Z`),
    arc: (_x, _y, r) => d.push(`M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`),
  };
  PATHS[classShape(k)](pen, 5);
  return svg(
    "svg",
    { class: "mark", viewBox: "-7 -7 14 14", width: size, height: size, "aria-hidden": "true" },
    svg("path", { d: d.join(""), fill: classColor(k) }),
  );
}
