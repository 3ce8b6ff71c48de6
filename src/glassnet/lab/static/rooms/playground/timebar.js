// The past of the training under the map: a slider over the epochs whose weights were kept, and
// what can be done from there.
import { h } from "../../dom.js";
import { t } from "../../i18n.js";

const EVERY = 120; // milliseconds between two looks at it while it trains

export class TimeBar {
  constructor(lab) {
    this.lab = lab;
    this.range = h("input", {
      type: "range",
      min: 0,
      max: 0,
      step: 1,
      ta: { "aria-label": "time.slider" },
      oninput: () => this.look(this.epochAt(Number(this.range.value))),
    });
    this.words = h("span", { class: "time-words faint" });
    const button = (key, action, field) =>
      h("button", {
        type: "button",
        class: "small",
        "data-field": field,
        t: `time.${key}`,
        ta: { title: `time.${key}_about` },
        onclick: action,
      });
    this.branch = button("branch", () => this.branchOff(), "timeline");
    this.compare = button("compare", () => lab.do("compare"), "compared");
    this.element = h(
      "div",
      { class: "time", role: "group", ta: { "aria-label": "time.title" } },
      h("div", { class: "time-row", "data-field": "timeline" }, this.range, this.words),
      h("div", { class: "time-row" }, this.branch, this.compare),
    );
  }

  // ---- the epochs that are kept: the first, those that `every` divides, and the one of now ----

  get last() {
    const { from, every, end } = this.kept;
    if (end <= from) return 0;
    return Math.ceil(end / every) - Math.floor(from / every);
  }

  epochAt(place) {
    const { from, every, end } = this.kept;
    if (place >= this.last) return end;
    return place <= 0 ? from : (Math.floor(from / every) + place) * every;
  }

  placeOf(epoch) {
    const { from, every, end } = this.kept;
    if (epoch >= end) return this.last;
    return epoch <= from ? 0 : Math.round(epoch / every) - Math.floor(from / every);
  }

  // ---- what is done ----

  // One question at a time; of those that wait only the newest.
  async look(epoch) {
    this.wanted = epoch;
    this.say(epoch);
    if (this.busy) return;
    this.busy = true;
    while (this.wanted !== undefined) {
      const next = this.wanted;
      this.wanted = undefined;
      await this.lab.do("look", { epoch: next });
    }
    this.busy = false;
  }

  async branchOff() {
    this.range.focus(); // the button cannot be pressed again
    await this.lab.do("branch");
  }

  // ---- what is seen ----

  frame({ status }) {
    const now = performance.now();
    const key = `${status.looking} ${status.epoch} ${status.end} ${status.kept_from} ${status.kept_every}`;
    if (key === this.key || (status.playing && now - this.seen < EVERY)) return;
    Object.assign(this, { key, seen: now });
    this.kept = { from: status.kept_from, every: status.kept_every, end: status.end };
    this.looking = status.looking > 0;
    this.branch.disabled = !this.looking;
    this.range.disabled = this.last === 0; // one moment alone: it is now, at the right end
    this.range.max = Math.max(1, this.last);
    if (this.busy) return; // the hand is ahead of the server
    this.range.value = this.looking ? this.placeOf(status.epoch) : this.range.max;
    this.say(this.looking ? status.epoch : status.end);
  }

  say(epoch) {
    const { end } = this.kept;
    this.words.textContent = t(epoch >= end ? "time.now" : "time.at", { epoch, end });
    this.range.setAttribute("aria-valuetext", this.words.textContent);
  }

  update() {
    this.compare.hidden = Boolean(this.lab.state.other);
  }

  language() {
    if (this.kept) this.say(this.epochAt(Number(this.range.value)));
  }
}
