// The header with the tabs of the rooms, language, theme and share; the place where rooms
// stand; the line that tells things.

import { control } from "./controls.js";
import { h } from "./dom.js";
import { shareDialog } from "./share.js";

export class Shell {
  constructor(lab, rooms) {
    this.lab = lab;
    this.rooms = rooms;
    this.tabs = rooms.map((room) =>
      h("button", {
        type: "button",
        role: "tab",
        id: `tab-${room.name}`,
        "aria-controls": `room-${room.name}`,
        "aria-selected": "false",
        tabindex: -1,
        t: `room.${room.name}`,
        onclick: () => lab.set("room", room.name),
      }),
    );
    this.list = h(
      "div",
      { class: "tabs", role: "tablist", ta: { "aria-label": "shell.rooms" }, onkeydown: (event) => this.walk(event) },
      this.tabs,
    );
    this.tools = h("div", { class: "tools" });
    this.waiting = h("p", { class: "waiting", role: "status", t: "shell.warming" });
    this.busy = h("span", { class: "faint busy", role: "status", t: "shell.busy", hidden: true });
    setInterval(() => (this.busy.hidden = !(this.waiting.hidden && lab.socket?.waited > 600)), 300);
    this.main = h("main", {}, this.waiting);
    this.message = h("div", { class: "message", role: "status", hidden: true });
    const header = h(
      "header",
      { class: "top" },
      h("h1", {}, "glassnet", h("span", { t: "shell.lab" })),
      this.list,
      this.tools,
    );
    this.element = h("div", { class: "shell" }, header, this.main, this.message);
  }

  // What needs the table of fields.
  furnish() {
    const { lab } = this;
    this.tools.replaceChildren(
      this.busy,
      control(lab, "language", { compact: true }),
      control(lab, "theme", { compact: true }),
      h("button", { type: "button", class: "quiet", t: "share.open", onclick: () => shareDialog(lab) }),
    );
  }

  place(name, element) {
    element.id = `room-${name}`;
    element.setAttribute("role", "tabpanel");
    element.setAttribute("aria-labelledby", `tab-${name}`);
    this.main.append(element);
  }

  select(name) {
    for (const tab of this.tabs) {
      const mine = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(mine));
      tab.tabIndex = mine ? 0 : -1;
      if (mine) tab.scrollIntoView({ block: "nearest", inline: "center" });
    }
    for (const room of this.main.querySelectorAll("[role=tabpanel]")) {
      room.hidden = room.id !== `room-${name}`;
    }
  }

  walk(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -99, End: 99 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const n = this.tabs.length;
    const here = this.tabs.indexOf(document.activeElement);
    const step = steps[event.key];
    const there = step === -99 ? 0 : step === 99 ? n - 1 : (here + step + n) % n;
    this.tabs[there].focus();
    this.tabs[there].click();
  }

  ready() {
    this.waiting.hidden = true;
  }

  // Says something until it is put away, or for a while.
  tell(words, key) {
    clearTimeout(this.timer);
    const away = h(
      "button",
      {
        type: "button",
        class: "quiet",
        ta: { "aria-label": "shell.close" },
        onclick: () => (this.message.hidden = true),
      },
      "×",
    );
    this.message.replaceChildren(h("p", {}, words), away);
    this.message.hidden = false;
    this.timer = setTimeout(() => (this.message.hidden = true), key === "problem" ? 9000 : 14000);
  }

  lost(reason) {
    this.waiting.hidden = true;
    const again = h("button", { type: "button", t: "shell.reload", onclick: () => location.reload() });
    const why = reason ? h("p", { class: "faint" }, reason) : null;
    document.body.append(h("div", { class: "lost", role: "alert" }, h("p", { t: "shell.lost" }), why, again));
  }
}
