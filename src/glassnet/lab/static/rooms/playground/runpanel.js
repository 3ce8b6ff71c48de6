// Play, one batch, one epoch, until; where training stands; how it learns; what is wrong.
import { h } from "../../dom.js";
import { fixed, percent, seconds, short } from "../../format.js";
import { language, t } from "../../i18n.js";
import { openPopover } from "../../popover.js";
import { Now } from "./now.js";

const LEARNING = ["loss", "optimizer", "learning_rate", "schedule", "batch_size", "l1", "l2", "init"];

export class RunPanel {
  constructor(lab) {
    this.lab = lab;
    const button = (key, action, more = {}) => h("button", { type: "button", t: key, onclick: action, ...more });
    this.play = button("play.play", () => this.toggle(), { class: "main play" });
    this.until = button("play.until", () => this.askUntil(), {
      "aria-haspopup": "dialog",
      "data-field": "until",
    });
    this.numbers = h("div", { class: "numbers" }); // they change all the time: not spoken
    this.status = h("span", { class: "unseen", role: "status" });
    this.schedule = h(
      "div",
      { "data-field": "schedule" },
      lab.control("schedule_epochs", { when: (v) => v.schedule !== "constant" }),
    );
    const seed = button("play.other_seed", () => this.otherSeed(), { class: "small quiet" });
    this.diagnosis = h("div", { class: "diagnosis", role: "status" });
    this.now = new Now(lab);
    this.element = h(
      "section",
      { class: "run", ta: { "aria-label": "play.running" } },
      h(
        "div",
        { class: "transport" },
        this.play,
        button("play.batch", () => lab.do("batch")),
        button("play.epoch", () => lab.do("epoch")),
        this.until,
        button("play.reset", () => lab.do("reset")),
        this.numbers,
        this.status,
        lab.control("pace", { compact: true }),
      ),
      h(
        "div",
        { class: "learning" },
        LEARNING.map((name) => lab.control(name)),
        this.schedule,
        h("div", { class: "seeds", "data-field": "seed" }, lab.control("seed", { plain: true }), seed),
      ),
      h("div", { class: "line-below" }, this.diagnosis, this.now.element),
    );
  }

  // The press shows at once; on the first start the mathematics may still be compiled.
  toggle() {
    if (!this.lab.playing) this.play.textContent = t("play.starting");
    this.wasPlaying = undefined;
    this.lab.do(this.lab.playing ? "pause" : "play");
  }

  otherSeed() {
    this.lab.set("seed", (this.lab.latest("seed") + 1) % 10000);
  }

  askUntil() {
    const box = this.until.getBoundingClientRect();
    const content = h(
      "div",
      { class: "until" },
      this.lab.control("until"),
      this.lab.control("until_value"),
      h("button", {
        type: "button",
        class: "main",
        t: "play.run",
        onclick: () => {
          this.lab.do("until");
          panel.hidePopover();
        },
      }),
    );
    const panel = openPopover(box.left, box.top - 190, content, { label: "field.until" });
  }

  // The most important finding, in words, and what to do about it.
  tell() {
    const [first, ...more] = this.lab.state.findings;
    const said = JSON.stringify([this.lab.state.findings, language()]);
    this.now.element.hidden = Boolean(first);
    if (said === this.said) return; // its button stays the one that is being clicked
    this.said = said;
    this.diagnosis.replaceChildren();
    if (!first) return;
    const [message, advice] = first[language()];
    const rest = more.length
      ? h("button", {
          type: "button",
          class: "small quiet",
          t: ["play.more_findings", { count: more.length }],
          onclick: (event) => this.showAll(event.target),
        })
      : null;
    this.diagnosis.append(
      h("i", { class: `sign ${first.severity}`, "aria-hidden": "true" }, "!"),
      h("p", {}, message, " ", h("b", {}, advice)),
      first.can ? this.cure(first, 0) : "",
      rest ?? "",
    );
  }

  // The button that does what is advised, and says what it does.
  cure(finding, index, done = () => {}) {
    return h(
      "button",
      {
        type: "button",
        class: "small",
        onclick: () => {
          done();
          this.lab.do("cure", { index });
        },
      },
      Object.entries(finding.does)
        .map(([name, value]) => t(`play.cure.${name}`, { value: this.said_as(name, value) }))
        .join(" · "),
    );
  }

  said_as(name, value) {
    if (name === "dropout") return percent(value);
    if (name === "learning_rate") return short(value);
    return name === "kernel_initializer" ? t(`choice.init.${value}`) : t(`activation.${value}`);
  }

  showAll(button) {
    const box = button.getBoundingClientRect();
    const list = this.lab.state.findings.map((f, index) =>
      h("li", {}, f[language()].join(" "), " ", f.can ? this.cure(f, index, () => panel.hidePopover()) : null),
    );
    const panel = openPopover(box.left - 260, box.top - 40 - 60 * list.length, h("ul", { class: "findings" }, list), {
      label: "play.findings",
    });
  }

  frame({ status }) {
    const playing = status.playing > 0;
    if (playing !== this.wasPlaying) {
      this.wasPlaying = playing;
      this.play.textContent = t(playing ? "play.pause" : "play.play");
      this.status.textContent = t(playing ? "play.is_playing" : "play.is_paused", { epoch: status.epoch });
    }
    const paused = `${status.epoch} ${status.looking}`;
    if (!playing && paused !== this.pausedAt) {
      this.pausedAt = paused;
      this.status.textContent = t(status.looking ? "time.looks" : "play.is_paused", status);
    }
    this.now.frame(status);
    this.write(status);
  }

  place({ epoch, batch, playing }) {
    if (!batch || playing) return String(epoch);
    return t("play.in_epoch", { epoch, batch, of: this.lab.state.structure.steps_per_epoch });
  }

  write(status) {
    const parts = [
      ["play.epoch_number", this.place(status)],
      ["play.loss_both", `${fixed(status.loss)} / ${fixed(status.test_loss)}`],
    ];
    if (Number.isFinite(status.accuracy)) {
      parts.push(["play.accuracy_both", `${percent(status.accuracy)} / ${percent(status.test_accuracy)}`]);
    }
    parts.push(["play.epoch_time", seconds(status.epoch_seconds)]);
    if (this.lab.state.values.schedule !== "constant") {
      parts.push(["play.rate_now", short(Number(status.learning_rate.toPrecision(2)))]);
    }
    if (this.cells?.length !== parts.length) {
      this.cells = parts.map(([key]) => [h("span", { class: "faint", t: key }), h("b", {})]);
      const cell = ([key], i) => h("span", { class: "number", "data-of": key }, this.cells[i]);
      this.numbers.replaceChildren(...parts.map(cell));
    }
    parts.forEach(([, words], i) => {
      if (this.cells[i][1].textContent !== words) this.cells[i][1].textContent = words;
    });
  }

  language() {
    this.wasPlaying = this.pausedAt = undefined;
    this.now.language();
    this.tell();
  }
}
