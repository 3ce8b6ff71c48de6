// What Python has and JavaScript has not, for the functions of the network.
const $range = (first, stop, step = 1) => {
  const numbers = [];
  const [from, to] = stop === undefined ? [0, first] : [first, stop];
  for (let i = from; step > 0 ? i < to : i > to; i += step) numbers.push(i);
  return numbers;
};
const $enumerate = (row) => Array.from(row, (v, i) => [i, v]);
const $shortest = (rows) => Math.min(...rows.map((row) => row.length));
const $zip = (...rows) => Array.from({ length: $shortest(rows) }, (_, i) => rows.map((row) => row[i]));
const $map = (f, ...rows) => Array.from({ length: $shortest(rows) }, (_, i) => f(...rows.map((row) => row[i])));
const $flat = (f, row) => Array.from(row).flatMap((v) => f(v));
const $total = (f, a, b, ...more) => {
  let sum = 0;
  if (b === undefined) for (let i = 0; i < a.length; i++) sum += f(a[i]);
  else if (more.length) for (const each of $zip(a, b, ...more)) sum += f(...each);
  else for (let i = 0, n = Math.min(a.length, b.length); i < n; i++) sum += f(a[i], b[i]);
  return sum;
};
const $sum = (row) => $total((v) => v, row);
const $max = (...v) => (v.length > 1 ? v : v[0]).reduce((a, b) => (b > a ? b : a));
const $min = (...v) => (v.length > 1 ? v : v[0]).reduce((a, b) => (b < a ? b : a));
// The one whose key is the largest, or with sign -1 the smallest; keys may be lists.
const $first = (key, sign, row) => {
  const ahead = (a, b) => {
    const at = [a].flat().findIndex((v, i) => v > [b].flat()[i] || v < [b].flat()[i]);
    return at >= 0 && ([a].flat()[at] > [b].flat()[at]) === sign > 0;
  };
  return row.reduce((a, b) => (ahead(key(b), key(a)) ? b : a));
};
const $repeat = (row, times) => Array.from({ length: row.length * times }, (_, i) => row[i % row.length]);
const $extend = (row, more) => {
  for (let i = 0; i < more.length; i++) row.push(more[i]);
};
const $slice = (row, first, stop, step) => {
  const part = Array.from(row.slice(first ?? 0, stop ?? row.length));
  return step === null ? part : part.filter((_, i) => i % step === 0);
};
const $modulo = (a, b) => ((a % b) + b) % b;
// erf(x) = 2/√π · Σ (-1)ⁿ x²ⁿ⁺¹ / (n!·(2n + 1)), in the form without cancellation; and beyond 3
// 1 - e^(-x²)/(x√π) · 1/(1 + 1/(2x²)/(1 + 2/(2x²)/(1 + …)))
const $erf = (x) => {
  if (x !== x) return x;
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 100; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return ((2 * Math.exp(-x * x)) / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
};
// Weights: the bytes of float32 or float64, lowest first, in base64; in rows of this length.
const $numbers = (text, Kind, length) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const all = new Kind(bytes.buffer);
  if (!length) return all;
  return $range(0, all.length, length).map((i) => all.subarray(i, i + length));
};
