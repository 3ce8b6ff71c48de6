// A row for each racing optimizer: its line, its rate and steps to set, where it is, how it ended.
import { h, write } from "../../dom.js";
import { power, tick } from "../../format.js";
import { t } from "../../i18n.js";
import { markIcon } from "../../views/shapes.js";
import { strokeColor, strokeIcon } from "../../views/strokes.js";

export class RacerTable {
  constructor(lab) {
    this.lab = lab;
    this.field = lab.state.fields.race;
    this.rows = [];
    this.body = h("tbody", {});
    const head = (key) => h("th", { scope: "col", t: key });
    this.more = h("button", { type: "button", class: "small", t: "descent.add", onclick: () => this.add() });
    this.most = h("span", { class: "faint", t: ["descent.most", { most: this.field.most }] });
    this.element = h(
      "div",
      { class: "racers" },
      h(
        "table",
        {},
        h("caption", { class: "unseen", t: "field.race" }),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("td", {}),
            head("descent.optimizer"),
            head("field.learning_rate"),
            head("descent.steps"),
            head("descent.now"),
            head("descent.where"),
            head("descent.happened"),
            h("td", {}),
          ),
        ),
        this.body,
      ),
      h("p", { class: "more" }, this.more, this.most),
    );
  }

  get racers() {
    return this.lab.latest("race");
  }

  set(racers) {
    this.lab.set("race", racers);
  }

  change(k, place, value) {
    this.set(this.racers.map((racer, i) => (i === k ? racer.with(place, value) : racer)));
  }

  add() {
    if (this.racers.length < this.field.most) this.set([...this.racers, this.racers[this.racers.length - 1]]);
  }

  remove(k) {
    if (this.racers.length > 1) this.set(this.racers.filter((_, i) => i !== k));
  }

  draw() {
    const { racers } = this;
    while (this.rows.length < racers.length) this.grow();
    while (this.rows.length > racers.length) this.rows.pop().element.remove();
    racers.forEach(([name, rate, steps], k) => {
      const row = this.rows[k];
      row.name.value = name;
      if (document.activeElement !== row.slider) row.slider.value = toPlace(rate);
      row.slider.setAttribute("aria-valuetext", written(rate));
      write(row.rate, written(rate));
      row.stepRange.value = String(steps);
      write(row.steps, String(steps));
      row.away.disabled = racers.length === 1;
      const named = { number: k + 1, name: t(`choice.optimizer.${name}`) };
      for (const [element, key] of row.labels) element.setAttribute("aria-label", t(key, named));
    });
    this.more.disabled = racers.length >= this.field.most;
    this.most.hidden = racers.length < this.field.most;
  }

  grow() {
    const k = this.rows.length;
    const { rates, most_steps: most, optimizers } = this.field;
    const name = h(
      "select",
      { onchange: () => this.change(k, 0, name.value) },
      optimizers.map((o) => h("option", { value: o, t: `choice.optimizer.${o}` })),
    );
    const slider = h("input", {
      type: "range",
      min: toPlace(rates[0]),
      max: toPlace(rates[1]),
      step: 1,
      oninput: () => this.change(k, 1, fromPlace(Number(slider.value))),
    });
    const box = (place) => {
      const made = h("input", {
        type: "text",
        class: "number",
        inputmode: "decimal",
        autocomplete: "off",
        size: 5,
        onfocus: () => made.select(),
        oninput: () => (made.typing = true), // what comes meanwhile does not write over it
        onblur: () => {
          made.typing = false;
          this.draw();
        },
        onchange: () => {
          made.typing = false;
          const value = Number(made.value.replace(",", ".").replace("−", "-"));
          if (Number.isFinite(value) && made.value.trim()) this.change(k, place, value);
          else this.draw();
        },
      });
      return made;
    };
    const [rate, steps] = [box(1), box(2)];
    const stepRange = h("input", {
      type: "range",
      min: 0,
      max: most,
      step: 1,
      oninput: () => this.change(k, 2, Number(stepRange.value)),
    });
    const away = h("button", { type: "button", class: "quiet", onclick: () => this.remove(k) }, "×");
    const [icon, now, where] = ["icon", "now", "where"].map((kind) => h("td", { class: kind }));
    const words = h("td", { class: "words" });
    const element = h(
      "tr",
      {},
      icon,
      h("td", {}, name),
      h("td", {}, h("span", { class: "slider" }, slider, rate)),
      h("td", {}, h("span", { class: "slider" }, stepRange, steps)),
      now,
      where,
      words,
      h("td", {}, away),
    );
    this.body.append(element);
    this.rows.push({
      element,
      name,
      slider,
      rate,
      steps,
      stepRange,
      away,
      icon,
      now,
      where,
      words,
      labels: [
        [name, "descent.optimizer_of"],
        [slider, "descent.rate_of"],
        [rate, "descent.rate_of"],
        [steps, "descent.steps_of"],
        [stepRange, "descent.steps_of"],
        [away, "descent.remove"],
      ],
    });
    this.paint();
  }

  // places: digits behind the point that a coordinate needs
  take(runs, places = this.places) {
    this.runs = runs;
    this.places = places;
    this.rows.forEach((row, k) => {
      const run = runs[k];
      const kind = run?.reason.replaceAll(" ", "_");
      row.words.replaceChildren(
        ...(run
          ? [
              h("b", { "data-status": run.status }, t(`ending.${kind}`)),
              " ",
              h("span", {}, t(`ending.${kind}_why`, told(run))),
            ]
          : []),
      );
      row.words.title = run ? row.words.textContent : "";
      if (!run) row.now.textContent = row.where.textContent = "–";
    });
  }

  showStep(step) {
    this.runs?.forEach((run, k) => {
      const row = this.rows[k];
      if (!row) return;
      const last = run.path.length - 1;
      const i = Math.min(step, last);
      row.words.dataset.when = i < last ? t("descent.at_end", { step: last }) : ""; // it has not ended yet
      row.now.textContent = power(run.values[i], 3);
      row.where.textContent = `(${run.path[i].map((v) => coordinate(v, this.places)).join(", ")})`;
    });
  }

  paint() {
    this.rows.forEach((row, k) => {
      const mark = markIcon(k, 13);
      mark.firstChild.setAttribute("fill", strokeColor(k));
      row.icon.replaceChildren(strokeIcon(k, 26), mark);
    });
  }
}

// What the sentences speak of.
function told({ path, values, slopes, rate }) {
  const last = path.length - 1;
  return {
    steps: last,
    next: last + 1,
    first: power(values[0], 3),
    last: power(values[last], 3),
    slope: power(slopes[last], 2),
    rate: written(rate),
  };
}

const coordinate = (value, places) =>
  Math.abs(value) < 1e4 ? tick(Number(Number(value.toFixed(places)).toPrecision(4))) : power(value, 2);

// All digits of a rate, in the shorter way.
const written = (rate) => (rate < 1e-3 ? rate.toExponential() : String(rate));

// The slider goes by thirds of a decade: 1, 2, 5, 10 …
const toPlace = (rate) => Math.round(3 * Math.log10(rate));
function fromPlace(place) {
  const decade = Math.floor(place / 3);
  return Number(`${[1, 2, 5][place - 3 * decade]}e${decade}`);
}
