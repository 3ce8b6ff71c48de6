// Present: the map and one panel large, type for the last row, a pointer that lights what is meant.
import { h } from "./dom.js";
import { type } from "./views/axes.js";

const LARGE = 1.55; // the type, as in class.css
const VIEWS = ["network", "panel"];
const MEANT =
  "[data-field], [data-panel], .numbers .number, .map, .chart, .network, .panel, button, h2, h3, p, section";

export class Present {
  constructor() {
    this.view = "network";
    this.light = h("div", { class: "spot", hidden: true, "aria-hidden": "true" });
    this.choices = VIEWS.map((view) =>
      h("button", { type: "button", t: `present.${view}`, onclick: () => this.show(view) }),
    );
    this.pointer = h("button", {
      type: "button",
      "aria-pressed": "false",
      t: "present.pointer",
      onclick: () => this.point(this.pointer.getAttribute("aria-pressed") !== "true"),
    });
    this.bar = h(
      "div",
      { class: "present-bar", role: "toolbar", hidden: true, ta: { "aria-label": "present.open" } },
      h("div", { class: "segments" }, this.choices),
      this.pointer,
      h("button", { type: "button", t: "present.end", onclick: () => this.end() }),
    );
    this.opener = h("button", {
      type: "button",
      class: "quiet",
      t: "present.open",
      onclick: () => this.show(this.view),
    });
    document.body.append(this.light);
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointermove", (event) => this.follow(event));
  }

  get on() {
    return !this.bar.hidden;
  }

  show(view) {
    this.view = view;
    document.documentElement.dataset.present = view;
    type.scale = LARGE;
    this.choices.forEach((choice, i) => choice.setAttribute("aria-pressed", String(VIEWS[i] === view)));
    if (this.on) return;
    this.bar.hidden = false;
    this.choices[VIEWS.indexOf(view)].focus();
    document.documentElement.requestFullscreen?.().catch(() => {}); // a notebook's frame may not
  }

  end() {
    delete document.documentElement.dataset.present;
    type.scale = 1;
    this.bar.hidden = true;
    this.point(false);
    if (document.fullscreenElement) document.exitFullscreen();
    this.opener.focus();
  }

  point(on) {
    this.pointer.setAttribute("aria-pressed", String(on));
    document.documentElement.classList.toggle("pointing", on);
    this.light.hidden = true;
  }

  key(event) {
    if (!this.on || event.target.closest("input, select, dialog, [popover]")) return;
    if (event.key === "Escape") this.end();
    if (event.key === "l" && !event.ctrlKey && !event.metaKey)
      this.point(!document.documentElement.matches(".pointing"));
  }

  // All but what is pointed at grows dim.
  follow(event) {
    if (!document.documentElement.matches(".pointing")) return;
    const meant = event.target.closest?.(MEANT);
    this.light.hidden = !meant || this.bar.contains(meant);
    if (this.light.hidden) return;
    const { left, top, width, height } = meant.getBoundingClientRect();
    const place = { left: left - 6, top: top - 6, width: width + 12, height: height + 12 };
    for (const [side, value] of Object.entries(place)) this.light.style.setProperty(side, `${value}px`);
  }
}
