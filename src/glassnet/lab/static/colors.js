// Colours: the classes in the Okabe-Ito order with a shape each, and the one diverging scale,
// orange below zero, blue above, paper at zero; a dark page has its own shades of both.
export const SHAPES = ["circle", "square", "triangle", "diamond", "down", "plus", "cross", "star"];

const CLASSES = {
  light: ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000"],
  dark: ["#3D9BD6", "#E69F00", "#1FB98C", "#E8703A", "#D68FB6", "#8CCBF0", "#F0E442", "#E8E6E1"],
};
const DIVERGING = {
  light: ["#9C4600", "#DE8A3A", "#FAF9F5", "#5BA3D0", "#00659E"],
  dark: ["#FFB25E", "#A85E14", "#1B1D21", "#1F6A9C", "#6CBDF2"],
};
const PAPER = { light: "#FFFFFF", dark: "#15171A" };

export const theme = () => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");
export const classColor = (k) => CLASSES[theme()][k % 8];
// Beyond eight the colours come again, each with another shape.
export const classShape = (k) => SHAPES[(k + 3 * Math.floor(k / 8)) % 8];

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const mix = (a, b, share) => a.map((v, i) => Math.round(v + (b[i] - v) * share));
const pack = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r; // as ImageData's bytes lie

const made = {};

// Byte 1 … 255 (128 is zero) → colour, as 32-bit pixels.
export function divergingPixels() {
  const name = `diverging-${theme()}`;
  return (made[name] ??= Int32Array.from({ length: 256 }, (_, i) => pack(diverging((i - 128) / 127))));
}

function diverging(share) {
  const stops = DIVERGING[theme()].map(rgb);
  const place = (Math.max(-1, Math.min(1, share || 0)) + 1) * 2; // NaN as zero
  const i = Math.min(3, Math.floor(place));
  return mix(stops[i], stops[i + 1], place - i);
}

export const divergingGradient = () => `linear-gradient(to right, ${DIVERGING[theme()].join(", ")})`;

const TONES = 127; // of each sign

const tone = (share) => Math.round(TONES * (Math.max(-1, Math.min(1, share || 0)) + 1));

// A share from -1 to 1 → the nearest one that has a colour of its own.
export const toneOf = (share) => tone(share) / TONES - 1;

// Colours of shares as CSS, made once for a theme: thousands are asked for in a second.
function tones(name, color) {
  const of = (made[`tones-${name}-${theme()}`] ??= Array.from({ length: 2 * TONES + 1 }, (_, i) =>
    color(i / TONES - 1),
  ));
  return (share) => of[tone(share)];
}

const css = (share) => `rgb(${diverging(share).join(" ")})`;

// A share from -1 to 1 → a CSS colour.
export const signedColor = (share) => tones("signed", css)(share);

// The same for lines, which must be seen on paper: never quite as pale as it.
export const lineColor = (share) => tones("line", (s) => css(Math.sign(s) * (0.35 + 0.65 * Math.abs(s))))(share);

// Heights: pale below, deep above; paths in the colours of the classes stay in front of them.
const HEIGHTS = {
  light: ["#FCFCF9", "#E4EDF1", "#C6DAE4", "#A3C3D4"],
  dark: ["#191C20", "#1F2D38", "#284558", "#376079"],
};

function height(share) {
  const stops = HEIGHTS[theme()].map(rgb);
  const place = Math.max(0, Math.min(1, share)) * 3;
  const i = Math.min(2, Math.floor(place));
  return mix(stops[i], stops[i + 1], place - i);
}

// A share from 0 to 1, and how bright the light falls there → a CSS colour.
export const heightColor = (share, light = 1) =>
  `rgb(${height(share)
    .map((v) => Math.round(v * light))
    .join(" ")})`;

// Byte 1 … 255 → colour, as 32-bit pixels; 0, where there is no height, is the ground.
export function heightPixels() {
  const name = `heights-${theme()}`;
  return (made[name] ??= Int32Array.from({ length: 256 }, (_, i) => (i ? pack(height((i - 1) / 254)) : 0)));
}

// Class k, how sure (0 … 255) → colour, as 32-bit pixels: pixels[256 * k + sure].
export function classPixels() {
  const name = `classes-${theme()}`;
  return (made[name] ??= Int32Array.from({ length: 8 * 256 }, (_, i) => {
    const share = 0.14 + 0.5 * ((i % 256) / 255);
    return pack(mix(rgb(PAPER[theme()]), rgb(CLASSES[theme()][i >> 8]), share));
  }));
}

// The same for an output that says a class. pair: a probability of class 1 (0: the other class);
// class: a probability of class k (0: paper); margin: below zero the other class; for: class k.
export function outputPixels(kind, k) {
  const name = `output-${kind}-${k}-${theme()}`;
  const share = (v) => (kind === "pair" ? 2 * v - 1 : kind === "margin" ? v : Math.max(0, v));
  return (made[name] ??= Int32Array.from({ length: 256 }, (_, i) => {
    const s = Math.max(-1, Math.min(1, share((i - 128) / 127)));
    const color = rgb(CLASSES[theme()][(s < 0 ? 0 : k) % 8]);
    return pack(mix(rgb(PAPER[theme()]), color, 0.64 * Math.abs(s)));
  }));
}

// A CSS variable of the page, for what is drawn on canvases; asked of the style sheet once.
export const ink = (name) =>
  (made[`${name}-${theme()}`] ??= getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
