// Play, one batch, one epoch, until; where training stands; how it learns; what is wrong.
import { h } from "../../dom.js";
import { fixed, percent, seconds, short } from "../../format.js";
import { language, t } from "../../i18n.js";
import { openPopover } from "../../popover.js";

const LEARNING = ["loss", "optimizer", "learning_rate", "schedule", "batch_size", "l1", "l2", "init"];

export class RunPanel {
  constructor(lab) {
    this.lab = lab;
    const button = (key, action, more = {}) => h("button", { type: "button", t: key, onclick: action, ...more });
    this.play = button("play.play", () => lab.do(lab.playing ? "pause" : "play"), { class: "main play" });
    this.until = button("play.until", () => this.askUntil(), { "aria-haspopup": "dialog" });
    this.numbers = h("output", { class: "numbers" });
    this.status = h("span", { class: "unseen", role: "status" });
    this.schedule = lab.control("schedule_epochs", {
      when: (v) => v.schedule !== "constant" && !v.hide.includes("schedule"),
    });
    const seed = button("play.other_seed", () => this.otherSeed(), { class: "small quiet" });
    this.diagnosis = h("div", { class: "diagnosis", role: "status" });
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
        h("div", { class: "seeds" }, lab.control("seed", { plain: true }), seed),
      ),
      this.diagnosis,
    );
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

  // The most important finding, in words, and what to do about it; without one, what to do next.
  tell() {
    const [first, ...more] = this.lab.state.findings;
    const said = JSON.stringify([this.lab.state.findings, first ? "" : this.hint, language()]);
    if (said === this.said) return; // its button stays the one that is being clicked
    this.said = said;
    this.diagnosis.replaceChildren();
    if (!first) {
      if (this.hint) this.diagnosis.append(h("p", { class: "faint", t: this.hint }));
      return;
    }
    const [message, advice] = first[language()];
    const cure = first.can
      ? h("button", {
          type: "button",
          class: "small",
          t: "play.cure",
          onclick: () => this.lab.do("cure", { index: 0 }),
        })
      : null;
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
      h("p", { title: `${message} ${advice}` }, message, " ", h("b", {}, advice)),
      cure ?? "",
      rest ?? "",
    );
  }

  showAll(button) {
    const box = button.getBoundingClientRect();
    const list = this.lab.state.findings.map((f, index) =>
      h(
        "li",
        {},
        f[language()].join(" "),
        " ",
        f.can
          ? h("button", {
              type: "button",
              class: "small",
              t: "play.cure",
              onclick: () => {
                panel.hidePopover();
                this.lab.do("cure", { index });
              },
            })
          : null,
      ),
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
    const hint = playing ? "" : status.steps > 0 ? "play.hint_next" : "play.hint_begin";
    if (hint !== this.hint) {
      this.hint = hint;
      this.tell();
    }
    this.write(status);
  }

  write(status) {
    const parts = [
      ["play.epoch_number", String(status.epoch) + (status.batch ? ` + ${status.batch}` : "")],
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
      this.numbers.replaceChildren(...this.cells.map((pair) => h("span", { class: "number" }, pair)));
    }
    parts.forEach(([, words], i) => {
      if (this.cells[i][1].textContent !== words) this.cells[i][1].textContent = words;
    });
  }

  language() {
    this.wasPlaying = undefined;
    this.tell();
  }
}
