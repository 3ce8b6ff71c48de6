// What the network says of the drawing: ten bars, the picture that it gets, and which of its
// pixels mattered.
import { h } from "../../dom.js";
import { number, percent } from "../../format.js";
import { t } from "../../i18n.js";
import { hideTip, showTip } from "../../tooltip.js";
import { KeyView } from "../../views/key.js";
import { bytesOf, PixelView } from "../../views/pixels.js";

export class Answer {
  constructor(lab) {
    this.lab = lab;
    this.digit = h("b", { class: "says" });
    this.words = h("p", { class: "faint words" });
    this.status = h("span", { class: "unseen", role: "status" });
    this.bars = Array.from({ length: 10 }, (_, k) => this.bar(k));
    this.small = new PixelView({ label: "digits.picture", onhover: (...where) => this.tellInk(...where) });
    this.effect = new PixelView({
      label: "digits.effect",
      signed: true,
      onhover: (...where) => this.tellEffect(...where),
    });
    this.key = new KeyView();
    this.source = h("p", { class: "faint small-words" });
    this.about = h("p", { class: "faint small-words" });
    this.element = h(
      "section",
      { class: "answer", "aria-labelledby": "answer-title" },
      h("h2", { id: "answer-title", t: "digits.answer" }),
      h("div", { class: "verdict" }, this.digit, this.words, this.status),
      h(
        "div",
        { class: "bars", role: "group", ta: { "aria-label": "digits.bars" } },
        this.bars.map((b) => b.element),
      ),
      h(
        "div",
        { class: "pictures" },
        h("figure", {}, h("figcaption", { t: "digits.picture" }), this.small.element, this.source),
        h(
          "figure",
          {},
          h("figcaption", { t: "digits.effect" }),
          this.effect.element,
          this.key.element,
          this.about,
          lab.control("digits_way", { compact: true }),
        ),
      ),
    );
  }

  bar(k) {
    const fill = h("i", {});
    const words = h("span", { class: "share" });
    const element = h(
      "button",
      {
        type: "button",
        class: "bar",
        "aria-pressed": "false",
        onclick: () => this.lab.set("digits_about", this.lab.latest("digits_about") === k ? -1 : k),
      },
      h("b", {}, String(k)),
      h("span", { class: "track" }, fill),
      words,
    );
    return { element, fill, words };
  }

  // found: the answer of "look"
  show(given) {
    // Without "effect" what mattered stays as it was last shown.
    const { effect, scale, of_score } = this.found ?? {};
    const found =
      given.blank || given.effect !== undefined || effect === undefined ? given : { ...given, effect, scale, of_score };
    const known = found.effect !== undefined;
    this.found = found;
    const { values } = this.lab.state;
    this.small.frame(found.blank ? null : bytesOf(found.picture), found.side);
    this.effect.frame(known ? bytesOf(found.effect) : null, found.side);
    this.bars.forEach(({ element, fill, words }, k) => {
      const share = found.blank ? 0 : found.outputs[k];
      fill.style.setProperty("--share", share.toFixed(4));
      words.textContent = found.blank ? "" : percent(share);
      element.classList.toggle("best", k === found.says);
      element.setAttribute("aria-pressed", String(k === values.digits_about));
      element.setAttribute(
        "aria-label",
        found.blank ? String(k) : t("digits.bar", { digit: k, share: percent(share) }),
      );
    });
    this.digit.textContent = found.blank ? "" : String(found.says);
    this.words.textContent = this.sentence(found);
    this.source.textContent =
      found.truth === null ? t("digits.picture_about") : t("digits.picture_test", { truth: found.truth });
    const ends = known ? found.scale : 0;
    this.key.label(number(-ends, 2), number(ends, 2));
    const way = found.of_score ? "score" : values.digits_way;
    this.about.textContent = found.blank ? "" : t(`digits.effect_${way}`, { digit: found.about });
  }

  sentence({ blank, knows, says, outputs }) {
    if (blank) return t(knows ? "digits.draw_one" : "digits.train_first");
    if (!knows) return t("digits.guesses");
    return t("digits.sure", { share: percent(outputs[says]) });
  }

  // Said aloud once a line is done, not while it grows.
  speak() {
    const { found } = this;
    if (found && !found.blank)
      this.status.textContent = t("digits.says", { digit: found.says, share: percent(found.outputs[found.says]) });
  }

  tellInk(at, x, y) {
    return this.tell(at, x, y, at && number(at.byte / 255, 2), "digits.pixel_ink");
  }

  tellEffect(at, x, y) {
    return this.tell(at, x, y, at && number(((at.byte - 128) / 127) * this.found.scale, 2));
  }

  // The words for a pixel, shown where it is.
  tell(at, x, y, value, key) {
    if (!at) {
      hideTip();
      return [];
    }
    const lines = [key ? t(key, { value }) : value, t("digits.pixel", at)];
    showTip(x, y, lines);
    return lines;
  }

  paint() {
    this.small.draw();
    this.effect.draw();
    this.key.draw();
    if (this.found) this.show(this.found);
  }
}
