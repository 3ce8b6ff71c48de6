// Numbers as people read them.
import { t } from "./i18n.js";

export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  let text;
  if (size === 0) text = "0";
  else if (size >= 1e6 || size < 1e-4) return raised(value, digits);
  else if (size >= 1000) text = value.toFixed(0);
  else text = value.toFixed(Math.max(0, digits - Math.max(0, Math.floor(Math.log10(size)))));
  if (size && size < 10 ** (1 - digits)) text = String(Number(value.toPrecision(2))); // 0.0042, not 0.00
  return text.replaceAll("-", "−");
}

// 1.74·10⁻⁵: as the page writes every number that is very large or small.
function raised(value, digits) {
  const [front, exponent] = value.toExponential(digits - 1).split("e");
  const power_ = [...String(Number(exponent))].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
  return `${Number(front) === 1 ? "" : `${front}·`}10${power_}`.replace("-", "−");
}

// The same for numbers that come as text: 1.744e−05.
export const raisedIn = (text) =>
  text.replace(/(\d(?:\.\d+)?)e([-−+]?)(\d+)/g, (_, front, sign, digits) => {
    const power_ = [...String(Number(digits))].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]).join("");
    return `${front === "1" ? "" : `${front}·`}10${sign && sign !== "+" ? "⁻" : ""}${power_}`;
  });

// With as many places always, for numbers that change in place.
export const fixed = (value, places = 3) =>
  Number.isFinite(value) ? value.toFixed(places).replace("-", "−") : number(value);

export function percent(value) {
  if (!Number.isFinite(value)) return "–";
  const share = value >= 0.9995 && value < 1 ? "> 99.9" : (100 * value).toFixed(1); // not all
  return t("number.percent", { share });
}

// A short form for a slider's number: 0.03, 1e-5.
export function short(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e5) return value.toExponential(0).replace("e+", "e");
  return String(Number(value.toPrecision(3)));
}

export function seconds(value) {
  if (!Number.isFinite(value)) return "–";
  if (value < 1e-3) return `${(value * 1e6).toFixed(0)} µs`;
  if (value < 1) return `${(value * 1e3).toFixed(1)} ms`;
  return `${value.toFixed(2)} s`;
}

// Round numbers for an axis from low to high, about as many as wanted.
export function ticks(low, high, wanted = 5) {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((m) => m * power >= rough * 0.999) * power;
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    found.push(Number((i * step).toPrecision(12)));
  }
  return found;
}

export function tick(value) {
  const size = Math.abs(value);
  if (size >= 10000) return `${Number((value / 1000).toPrecision(4))}k`.replace("-", "−");
  if (size > 0 && size < 1e-3) return raised(value, 1);
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

// 0.00012 as 1.2·10⁻⁴; between 0.01 and 10000 as it is. digits: significant ones.
export function power(value, digits = 1) {
  if (!Number.isFinite(value) || value === 0) return number(value);
  const size = Math.abs(value);
  if (size >= 0.01 && size < 1e4) return String(Number(value.toPrecision(Math.max(2, digits)))).replace("-", "−");
  return raised(value, digits);
}
