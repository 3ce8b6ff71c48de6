// The page: what is asked for, what the network answers. predict(x) is above.
const answer = answerView();
let last = null;

function ask(sample) {
  last = sample;
  try {
    const x = sample();
    answer.show(x === null ? [] : predict(x), x === null ? say("nothing") : "");
  } catch (error) {
    answer.show([], error.message);
  }
}

// ---- a drawing ------------------------------------------------------------------------------

function drawingInput() {
  const { height, width, channels, ink } = ABOUT.input;
  const paper = h("canvas", { width: 280, height: 280, class: "paper", tabindex: "0", role: "img", label: "draw.paper" });
  const seen = h("canvas", { width, height, class: "seen", role: "img", label: "draw.seen" });
  const brush = paper.getContext("2d");
  let strokes = [];
  let opened = null;
  let drawing = false;
  let cursor = null;
  const numbers = () => opened ?? picture(strokes);

  function redraw() {
    brush.clearRect(0, 0, 280, 280);
    brush.lineCap = brush.lineJoin = "round";
    brush.strokeStyle = brush.fillStyle = getComputedStyle(paper).color;
    for (const { points, width: pen } of strokes) {
      brush.lineWidth = pen * 280;
      brush.beginPath();
      brush.moveTo(points[0][0] * 280, points[0][1] * 280);
      for (const [x, y] of points.length > 1 ? points.slice(1) : points) brush.lineTo(x * 280, y * 280);
      brush.stroke();
    }
    if (cursor) {
      brush.lineWidth = 2;
      brush.strokeStyle = drawing ? "#D55E00" : "#0072B2";
      brush.strokeRect(cursor[0] * 280 - 8, cursor[1] * 280 - 8, 16, 16);
    }
    const x = numbers();
    const image = seen.getContext("2d").createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) {
        const v = x[i * channels + Math.min(c, channels - 1)] / ink;
        image.data[4 * i + c] = 255 * (channels > 1 && opened ? v : 1 - v);
      }
      image.data[4 * i + 3] = 255;
    }
    seen.getContext("2d").putImageData(image, 0, 0);
    ask(() => (strokes.length || opened ? numbers() : null));
  }
  const place = (event) => {
    const box = paper.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const begin = (at) => {
    opened = null;
    strokes.push({ points: [at], width: 0.08 });
    drawing = true;
    redraw();
  };
  const clear = () => {
    [strokes, opened, drawing] = [[], null, false];
    redraw();
  };
  paper.addEventListener("pointerdown", (event) => {
    paper.setPointerCapture(event.pointerId);
    cursor = null;
    begin(place(event));
  });
  paper.addEventListener("pointermove", (event) => {
    if (!drawing || cursor) return;
    strokes.at(-1).points.push(place(event));
    redraw();
  });
  const end = () => {
    if (!cursor) drawing = false;
  };
  paper.addEventListener("pointerup", end);
  paper.addEventListener("pointercancel", end);
  paper.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) {
      cursor = (cursor ?? [0.5, 0.5]).map((v, i) => Math.min(Math.max(v + 0.04 * step[i], 0), 1));
      if (drawing) strokes.at(-1).points.push(cursor);
    } else if (event.key === " ") {
      cursor ??= [0.5, 0.5];
      if (drawing) drawing = false;
      else begin(cursor);
    } else if (event.key === "Delete" || event.key === "Backspace") clear();
    else return;
    event.preventDefault();
    redraw();
  });
  async function open(event) {
    const [file] = event.target.files;
    if (!file) return;
    const small = document.createElement("canvas");
    [small.width, small.height] = [width, height];
    try {
      small.getContext("2d").drawImage(await createImageBitmap(file), 0, 0, width, height);
    } catch {
      answer.show([], say("draw.no_picture", { name: file.name }));
      return;
    }
    const { data } = small.getContext("2d").getImageData(0, 0, width, height);
    clear();
    opened = [];
    for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) opened.push((data[4 * i + c] / 255) * ink);
    redraw();
  }
  const buttons = [h("button", { type: "button", say: "draw.clear", onclick: clear })];
  if (channels === 3) {
    buttons.push(h("label", {}, h("span", { say: "draw.open" }), h("input", { type: "file", accept: "image/*", onchange: open })));
  }
  redraw();
  return h("section", { class: "input", label: "draw" }, h("h2", { say: "draw" }), h("p", { class: "faint", say: "draw.about" }),
    paper, h("div", { class: "row" }, ...buttons, h("span", { class: "faint", say: "draw.seen" }), seen));
}

// ---- a row ----------------------------------------------------------------------------------

const FIELDS = {
  number: (c) => h("input", { type: "number", step: "any", value: short(c.fill ?? c.mean) }),
  flag: () => h("select", {}, ...["false", "true"].map((v) => h("option", { value: v, say: `row.${v}` }))),
  category: (c) => {
    const options = c.categories.map((v) => h("option", { value: v }, v));
    if (c.missing || !ABOUT.input.strict) options.push(h("option", { value: "", say: "row.none" }));
    return h("select", {}, ...options);
  },
  date: (c) => {
    const clock = isClock(c);
    const hours = c.parts.some((part) => part.part === "hour");
    const type = clock ? "time" : hours ? "datetime-local" : "date";
    return h("input", { type, value: clock ? "12:00" : hours ? "2026-01-01T12:00" : "2026-01-01" });
  },
};

function rowInput() {
  const fields = ABOUT.input.columns.map((c) => [c, FIELDS[c.holds](c)]);
  const row = () => new Map(fields.map(([c, field]) => [c.name, field.value]));
  const changed = () => ask(() => features(row()));
  const labels = fields.map(([c, field]) => h("label", {}, h("span", {}, c.name), field));
  const form = h("form", { oninput: changed, onsubmit: (event) => event.preventDefault() }, ...labels);
  const section = h("section", { class: "input", label: "row" }, h("h2", { say: "row" }), form);
  if (ABOUT.input.plane) {
    const [a, b] = ABOUT.input.columns;
    const inputs = fields.map(([, field]) => field);
    const map = planeView([a.name, b.name], [a, b].map((c) => [c.mean - 3 * c.scale, c.mean + 3 * c.scale]),
      (p) => predict(features(new Map([[a.name, p[0]], [b.name, p[1]]]))),
      (p) => {
        inputs.forEach((field, i) => (field.value = short(p[i])));
        changed();
      }, () => inputs.map((field) => Number(field.value)));
    form.addEventListener("input", map.draw);
    section.append(map.element);
  }
  changed();
  return section;
}

// ---- plain numbers, and a point ---------------------------------------------------------------

function numbersInput() {
  const { count, names } = ABOUT.input;
  const box = h("textarea", { rows: "6", spellcheck: "false", label: "numbers.box" });
  box.value = Array(count).fill(0).join(" ");
  const read = () => {
    const x = box.value.split(/[\s,;]+/).filter(Boolean).map(Number);
    if (x.some((v) => !Number.isFinite(v))) throw new Error(say("numbers.bad"));
    if (x.length !== count) throw new Error(say("numbers.count", { count, came: x.length }));
    return x;
  };
  box.addEventListener("input", () => ask(read));
  ask(read);
  return h("section", { class: "input", label: "numbers" }, h("h2", { say: "numbers" }), h("p", { class: "faint", say: "numbers.about" }),
    names ? h("p", { class: "names" }, names.join(", ")) : "", box);
}

function pointInput() {
  let point = [0, 0];
  const names = ABOUT.input.names ?? ["x1", "x2"];
  const fields = names.map((name) => h("input", { type: "number", step: "any", value: "0", "aria-label": name }));
  const map = planeView(names, [[-3, 3], [-3, 3]], (p) => predict(p), (p) => {
    point = p;
    fields.forEach((field, i) => (field.value = short(p[i])));
    ask(() => point);
  }, () => point);
  fields.forEach((field, i) =>
    field.addEventListener("input", () => {
      point = point.with(i, Number(field.value));
      ask(() => point);
      map.draw();
    }),
  );
  ask(() => point);
  return h("section", { class: "input", label: "point" }, h("h2", { say: "point" }), h("p", { class: "faint", say: "point.about" }),
    map.element, h("div", { class: "row" }, ...fields.map((field, i) => h("label", {}, h("span", {}, names[i]), field))));
}

// The map of the answers over the plane, and the point; arrow keys move it, + and - zoom.
function planeView(names, ranges, answerAt, onMove, where) {
  const N = 60;
  const canvas = h("canvas", { width: 300, height: 300, class: "map", tabindex: "0", role: "img", label: "point.map" });
  const brush = canvas.getContext("2d");
  const cells = document.createElement("canvas");
  cells.width = cells.height = N;
  const legend = h("p", { class: "faint" });

  function fill() {
    const values = [];
    for (let r = 0; r < N; r++)
      for (let c = 0; c < N; c++)
        values.push(answerAt([0, 1].map((i) => ranges[i][0] + ((i ? N - 0.5 - r : c + 0.5) / N) * (ranges[i][1] - ranges[i][0]))));
    const classes = ABOUT.labels !== null || ABOUT.outputs > 1;
    const first = values.map((y) => y[0]);
    const [low, high] = [Math.min(...first), Math.max(...first)];
    const image = brush.createImageData(N, N);
    values.forEach((y, i) => {
      let color = [0, 114, 178];
      let strength = high > low ? (y[0] - low) / (high - low) : 0;
      if (classes) {
        const k = best(y);
        color = [1, 3, 5].map((at) => Number.parseInt(COLORS[k % COLORS.length].slice(at, at + 2), 16));
        strength = 0.6;
        if (isShare()) strength = y.length === 1 ? Math.abs(y[0] - 0.5) * 1.2 + 0.15 : y[k] * 0.75;
      }
      image.data.set([...color.map((v) => 255 - (255 - v) * Math.min(strength, 1)), 255], 4 * i);
    });
    cells.getContext("2d").putImageData(image, 0, 0);
    draw();
  }
  function draw() {
    brush.imageSmoothingEnabled = false;
    brush.drawImage(cells, 0, 0, 300, 300);
    const [x, y] = where().map((v, i) => (300 * (v - ranges[i][0])) / (ranges[i][1] - ranges[i][0]));
    brush.lineWidth = 4;
    for (const [color, wide] of [["#fff", 5], ["#000", 2]]) {
      brush.strokeStyle = color;
      brush.lineWidth = wide;
      brush.beginPath();
      brush.arc(x, 300 - y, 8, 0, 2 * Math.PI);
      brush.stroke();
    }
    legend.textContent = names.map((name, i) => `${i ? "↑" : "→"} ${name}: ${short(ranges[i][0])} … ${short(ranges[i][1])}`).join("   ");
  }
  const move = (p) => {
    onMove(p.map((v, i) => Math.min(Math.max(v, ranges[i][0]), ranges[i][1])));
    draw();
  };
  const zoom = (factor) => {
    ranges = ranges.map(([a, b]) => [(a + b) / 2 - ((b - a) / 2) * factor, (a + b) / 2 + ((b - a) / 2) * factor]);
    fill();
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const shares = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    move(shares.map((v, i) => ranges[i][0] + v * (ranges[i][1] - ranges[i][0])));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    at(event);
  });
  canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && at(event));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step) move(where().map((v, i) => v + ((ranges[i][1] - ranges[i][0]) / 50) * step[i]));
    else if (event.key === "+" || event.key === "=") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else return;
    event.preventDefault();
  });
  const buttons = h("div", { class: "row" }, h("button", { type: "button", say: "point.closer", onclick: () => zoom(0.5) }),
    h("button", { type: "button", say: "point.farther", onclick: () => zoom(2) }));
  setTimeout(fill);
  return { element: h("div", { class: "plane" }, canvas, legend, buttons), draw };
}

// ---- all of it --------------------------------------------------------------------------------

const INPUTS = { drawing: drawingInput, row: rowInput, point: pointInput, numbers: numbersInput };

function start() {
  const root = document.documentElement;
  root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const languages = Object.keys(TEXTS);
  const other = () => languages[(languages.indexOf(language) + 1) % languages.length];
  const about = h("p", { class: "faint" });
  const tongue = h("button", { type: "button", onclick: () => {
    language = other();
    speak();
  } });
  const theme = h("button", { type: "button", say: "theme", onclick: () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  } });
  function speak() {
    sayAll();
    tongue.textContent = TEXTS[other()].language;
    tongue.lang = other();
    about.textContent = say("about", { sizes: ABOUT.sizes, parameters: ABOUT.parameters.toLocaleString(language) });
    if (last) ask(last);
  }
  const page = document.getElementById("page");
  page.append(h("div", { class: "row" }, about, tongue, theme),
    h("div", { class: "parts" }, INPUTS[ABOUT.input.kind](), answer.element),
    h("p", { class: "faint", say: "private" }));
  speak();
}

start();
