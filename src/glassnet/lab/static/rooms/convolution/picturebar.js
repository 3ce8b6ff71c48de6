// The picture: a square to draw in, and what it is drawn on: nothing, a shape, a digit of the data.
import { h } from "../../dom.js";
import { t } from "../../i18n.js";
import { Paper } from "../digits/paper.js";

export class PictureBar {
  // ondraw(): a line grows
  constructor(lab, ondraw) {
    this.lab = lab;
    this.paper = new Paper(lab, {
      ondraw,
      oncommit: () => {},
      onblank: () => lab.set("conv_source", "blank"),
      fields: { lines: "conv_drawing", pen: "conv_pen" },
      id: "conv",
    });
    const arrow = (way, key, sign) =>
      h("button", { type: "button", ta: { "aria-label": key, title: key }, onclick: () => this.another(way) }, sign);
    this.words = h("span", { class: "faint", "aria-live": "polite" });
    this.walk = h(
      "div",
      { class: "row which" },
      arrow(-1, "conv.picture_less", "‹"),
      arrow(1, "conv.picture_more", "›"),
      this.words,
    );
    this.data = lab.control("conv_data", { when: (v) => v.conv_view === "network" || v.conv_source === "digits" });
    this.side = lab.control("conv_side", { when: (v) => v.conv_view !== "network" && v.conv_source !== "digits" });
    this.walk.hidden = true; // until there is a picture
    this.element = this.paper.element;
    const source = h("div", { class: "pair" }, lab.control("conv_source"), this.data);
    this.element.prepend(source, this.walk);
    this.element.append(this.side);
  }

  another(way) {
    const { count } = this.scene.picture;
    const now = this.lab.latest("conv_picture");
    this.lab.set("conv_drawing", []);
    this.lab.set("conv_picture", (((now + way) % count) + count) % count);
  }

  // scene: the answer of that name
  show(scene) {
    this.scene = scene;
    const { count, name, truth } = scene.picture;
    const { values } = this.lab.state;
    if (!this.lab.flying.has("conv_drawing")) this.paper.show(values.conv_drawing);
    this.paper.lay(scene.ground, scene.side);
    this.walk.hidden = count === 0;
    this.words.textContent =
      truth === null ? (name ? t(`conv.shape.${name}`) : "") : t("conv.truth", { digit: truth, count });
    this.data.querySelector("option[value=mnist]").disabled = !scene.mnist;
    this.data.title = scene.mnist ? "" : t("digits.missing");
  }

  paint() {
    this.paper.draw();
    if (this.scene) this.show(this.scene);
  }
}
