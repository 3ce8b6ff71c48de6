// The header with the tabs of the rooms, language, theme and share; the place where rooms
// stand; the line that tells things.

import { classTools } from "./class.js";
import { control } from "./controls.js";
import { h } from "./dom.js";
import { explainWords, glossaryDialog } from "./glossary.js";
import { t } from "./i18n.js";
import { Present } from "./present.js";
import { shareDialog } from "./share.js";

const COMING = 2000; // milliseconds: what is told in them is about the room that is opened

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
    this.places = h("div", { class: "rooms" });
    this.present = new Present();
    this.main = h("main", {}, this.places, this.waiting, this.present.bar);
    this.toldAt = -COMING;
    this.message = h("div", { class: "message", role: "status", hidden: true });
    const header = h(
      "header",
      { class: "top" },
      h("h1", {}, "glassnet", h("span", { t: "shell.lab" })),
      this.list,
      this.tools,
    );
    explainWords();
    this.element = h("div", { class: "shell" }, header, this.main, this.message);
  }

  // What needs the table of fields.
  furnish() {
    const { lab } = this;
    this.tools.replaceChildren(
      this.busy,
      ...classTools(lab, lab.place ?? {}),
      h("button", { type: "button", class: "quiet", t: "lesson.list", onclick: () => lab.set("lesson", "all") }),
      control(lab, "language", { compact: true }),
      control(lab, "theme", { compact: true }),
      h("button", { type: "button", class: "quiet", t: "words.open", onclick: () => glossaryDialog(lab) }),
      h("button", { type: "button", class: "quiet", t: "share.open", onclick: () => shareDialog(lab) }),
      this.present.opener,
    );
  }

  place(name, element) {
    element.id = `room-${name}`;
    element.setAttribute("role", "tabpanel");
    element.setAttribute("aria-labelledby", `tab-${name}`);
    this.places.append(element);
  }

  select(name) {
    // what was told belongs to the room that is left, unless it is about coming here
    if (performance.now() - this.toldAt > COMING) this.message.hidden = true;
    for (const tab of this.tabs) {
      const mine = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(mine));
      tab.tabIndex = mine ? 0 : -1;
      if (mine) tab.scrollIntoView({ block: "nearest", inline: "center" });
    }
    for (const room of this.places.children) {
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
    this.toldAt = performance.now();
    this.message.dataset.kind = key === "problem" ? key : "";
    this.timer = setTimeout(() => (this.message.hidden = true), key === "problem" ? 9000 : 14000);
  }

  // What was wrong is not any more.
  hush() {
    if (this.message.dataset.kind === "problem") this.message.hidden = true;
  }

  // A page too many was never connected; else the connection is gone.
  lost(reason, hub) {
    this.waiting.hidden = true;
    const alone = window.parent === window;
    const [, most] = /^at most (\d+) pages/.exec(reason) ?? [];
    const down = h("p", { class: "faint", role: "status" });
    const again = h("button", {
      type: "button",
      t: "shell.reload",
      onclick: async () => {
        // A page that is not there any more would be the browser's own.
        const there = await fetch(location.pathname, { cache: "no-store" }).catch(() => null);
        if (there?.ok) location.reload();
        else down.textContent = t(hub ? "notebook.hub" : alone ? "shell.not_there" : "notebook.gone");
      },
    });
    const known = {
      "your teacher has closed this page": "class.closed",
      "this page was opened in another tab": "class.other_tab",
      "idle for long, and another page needed its place": "shell.idle",
    };
    const why = reason && !most && !known[reason] ? h("p", { class: "faint" }, reason) : null;
    const says = h("p", { t: most ? ["shell.many_pages", { most }] : (known[reason] ?? "shell.lost") });
    document.body.append(h("div", { class: "lost", role: "alert" }, says, why, again, down));
  }
}
