// Elements, words in the chosen language, and what the network says as bars.
const COLORS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#6b6b6b"];
const MOST_BARS = 12;
let language = (navigator.language || "en").slice(0, 2) in TEXTS ? navigator.language.slice(0, 2) : "en";

function say(key, values = {}) {
  const text = TEXTS[language][key] ?? TEXTS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

function h(tag, settings = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "say") element.dataset.say = value;
    else if (name === "label") element.dataset.label = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function sayAll() {
  document.documentElement.lang = language;
  for (const part of document.querySelectorAll("[data-say]")) part.textContent = say(part.dataset.say);
  for (const part of document.querySelectorAll("[data-label]")) {
    part.setAttribute("aria-label", say(part.dataset.label));
  }
}

const short = (v) => (Number.isFinite(v) ? String(Number(v.toPrecision(5))) : String(v));
const percent = (p) => (p > 0 && p < 0.001 ? "< 0.1%" : p < 1 && p > 0.999 ? "> 99.9%" : `${(100 * p).toFixed(1)}%`);

// What the outputs are called, and how large each is. One output between two classes is the share
// of the second.
function answers(y) {
  const names = ABOUT.labels;
  if (names && y.length === 1 && ABOUT.probabilities) return [[names[0], 1 - y[0]], [names[1], y[0]]];
  if (names && y.length === 1) return [[names[1], y[0]]];
  const target = ABOUT.target;
  if (target && "mean" in target && y.length === 1) return [[target.name, y[0] * target.scale + target.mean]];
  return Array.from(y, (v, i) => [names ? names[i] : `y${i + 1}`, v]);
}

function best(y) {
  if (y.length === 1) return y[0] > ABOUT.threshold ? 1 : 0;
  return y.reduce((at, v, i) => (v > y[at] ? i : at), 0);
}

const isShare = () => ABOUT.probabilities && (ABOUT.outputs > 1 || ABOUT.labels !== null);

function answerView() {
  const told = h("p", { class: "told", role: "status" });
  const list = h("ul", { class: "bars" });
  const show = (y, problem = "") => {
    list.replaceChildren();
    told.classList.toggle("bad", problem !== "");
    told.textContent = problem;
    if (problem) return;
    const all = answers(y);
    const shares = isShare();
    if (ABOUT.labels) told.textContent = say("answer", { name: ABOUT.labels[best(y)] });
    else if (all.length === 1) told.textContent = `${all[0][0]}: ${short(all[0][1])}`;
    const shown = all.map((each, i) => [...each, i]);
    if (shown.length > MOST_BARS) shown.sort((a, b) => b[1] - a[1]).splice(MOST_BARS);
    if (all.length === 1 && !shares) return;
    const largest = shares ? 1 : Math.max(...all.map(([, v]) => Math.abs(v)), 1e-30);
    for (const [name, v, i] of shown) {
      const bar = h("span", { class: v < 0 ? "bar below" : "bar" });
      bar.style.width = `${Math.min(100, (100 * Math.abs(v)) / largest)}%`;
      if (ABOUT.labels) bar.style.background = COLORS[i % COLORS.length];
      list.append(
        h("li", {}, h("span", { class: "name" }, name), h("span", { class: "track", "aria-hidden": "true" }, bar),
          h("span", { class: "share" }, shares ? percent(v) : short(v))),
      );
    }
    if (all.length > MOST_BARS) list.append(h("li", { class: "faint" }, say("largest", { most: MOST_BARS, all: all.length })));
  };
  return { element: h("section", { class: "answer", label: "answers" }, h("h2", { say: "answers" }), told, list), show };
}
