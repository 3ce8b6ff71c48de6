// Convolution: a kernel by hand; a network of kernels that learns; one step back through one.
import { Asker } from "../../asker.js";
import { h } from "../../dom.js";
import { Back } from "./back.js";
import { Hand } from "./hand.js";
import { Network } from "./network.js";
import { PictureBar } from "./picturebar.js";

// Changes of these make no new scene: the views follow them themselves.
const OWN = ["conv_at", "conv_speed", "conv_pen", "conv_unit", "conv_layer", "conv_weight"];

class Room {
  constructor(lab) {
    this.lab = lab;
    const ask = (what, args) => lab.ask(what, args, "convolution");
    this.ask = ask;
    const sketch = new Asker(
      lab,
      "convolution",
      "sketch",
      () => lab.refresh(),
      () => ({ strokes: this.bar.paper.lines }),
    );
    this.bar = new PictureBar(lab, () => sketch.ask());
    this.views = { hand: new Hand(lab, ask), network: new Network(lab, ask), back: new Back(lab, ask) };
    this.views.network.onscene = (scene) => this.take(scene);
    this.choices = Object.keys(this.views).map((name) =>
      h("button", {
        type: "button",
        "aria-pressed": "false",
        t: `choice.conv_view.${name}`,
        onclick: () => lab.set("conv_view", name),
      }),
    );
    this.about = h("p", { class: "faint" });
    this.head = h(
      "div",
      { class: "conv-head", "data-field": "conv_view" },
      h("div", { class: "segments", role: "group", ta: { "aria-label": "field.conv_view" } }, this.choices),
      this.about,
    );
    this.place = h("div", { class: "conv-place" });
    this.element = h("div", { class: "convolution" }, this.head, this.bar.element, this.place);
  }

  get view() {
    return this.views[this.lab.state.values.conv_view] ?? this.views.hand;
  }

  async renew() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const scene = await this.ask("scene", {});
    if (scene && turn === this.turn) this.take(scene);
  }

  take(scene) {
    if (scene.view !== this.lab.state.values.conv_view) return; // on the way to another
    this.scene = scene;
    this.bar.show(scene);
    this.view.show(scene);
    this.lab.refresh();
  }

  update() {
    const { values } = this.lab.state;
    if (this.element.hidden || values.conv_view === undefined) return;
    const names = Object.keys(values).filter((name) => name.startsWith("conv_") && !OWN.includes(name));
    const text = JSON.stringify(names.map((name) => values[name]));
    if (text !== this.seen) {
      this.seen = text;
      this.choose();
      this.renew();
    } else if (!this.element.hidden) this.view.follow?.();
  }

  // The view that the field asks for.
  choose() {
    const { view } = this;
    if (this.place.firstChild === view.element) return;
    this.shown?.hide?.();
    this.shown = view;
    this.place.replaceChildren(view.element);
    const name = Object.keys(this.views).find((one) => this.views[one] === view);
    Object.keys(this.views).forEach((one, i) => {
      this.choices[i].setAttribute("aria-pressed", String(one === name));
    });
    this.lab.want(...view.sections);
  }

  frame(sections) {
    // What was asked for in another view, or of another network, is not drawn.
    if (sections.status.version !== this.scene?.version || this.view.scene !== this.scene) return;
    if (this.view.sections.every((name) => sections[name])) this.view.frame(sections);
  }

  again() {
    this.bar.paper.groundText = undefined; // its ink has another colour
    this.bar.paint();
    this.view.paint();
    this.lab.refresh();
  }
}

function mount(lab) {
  const room = new Room(lab);
  return {
    element: room.element,
    show() {
      if (lab.playing) lab.do("pause");
      room.seen = undefined;
      room.place.replaceChildren();
      room.update();
    },
    hide: () => room.shown?.hide?.(),
    update: (parts) => parts.values && room.update(),
    frame: (sections) => room.frame(sections),
    language: () => room.again(),
    theme: () => room.again(),
  };
}

export const room = { name: "convolution", mount };
