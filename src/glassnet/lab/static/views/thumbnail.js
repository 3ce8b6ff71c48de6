// A map in small: classes and how sure the network is, values, or a line.
import { classPixels, divergingPixels, ink } from "../colors.js";

export function paint(canvas, { map, line, side }) {
  if (map) {
    const bytes = Uint8Array.from(atob(map), (sign) => sign.charCodeAt(0));
    pixels(canvas, bytes, side);
  } else if (line) curve(canvas, line);
}

function pixels(canvas, bytes, side) {
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  const into = new Int32Array(image.data.buffer);
  const cells = side * side;
  const [classes, values] = [classPixels(), divergingPixels()];
  const both = bytes.length === 2 * cells;
  for (let i = 0; i < cells; i++) into[i] = both ? classes[256 * (bytes[i] % 8) + bytes[cells + i]] : values[bytes[i]];
  context.putImageData(image, 0, 0);
}

function curve(canvas, line) {
  canvas.width = canvas.height = 112;
  const context = canvas.getContext("2d");
  context.strokeStyle = ink("accent");
  context.lineWidth = 3;
  context.beginPath();
  line.forEach((value, i) => value !== null && context.lineTo((112 * (i + 0.5)) / line.length, 56 - 48 * value));
  context.stroke();
}
