// What the page knows, and how it speaks to the server. It computes nothing: it asks.

import { has, language, t } from "./i18n.js";
import { keptFor } from "./keep.js";
import { Socket } from "./socket.js";

const PACE = 25; // milliseconds between two values of a field

export class Lab {
  constructor() {
    this.state = { fields: {}, values: {}, structure: null, data: null, findings: [] };
    this.listeners = []; // called with the parts that changed
    this.drawers = []; // called with each frame's sections
    this.onNotice = () => {};
    this.onProblem = () => {};
    this.onDone = () => {}; // something was done well
    this.onLost = () => {};
    this.onLook = () => {};
    this.wanted = [];
    this.playing = false;
    this.stale = true;
    this.asking = false;
    this.pending = new Map(); // field → the value it was set to last, until that is answered
    this.unsent = new Map(); // field → value, while an earlier one is on its way
    this.flying = new Set();
    this.questions = 0;
    this.frames = 0;
    this.t = t;
  }

  connect() {
    this.socket = new Socket({
      hello: (message) => this.hello(message),
      update: (message, asked) => this.update(message, asked),
      frame: (sections) => this.arrived(sections),
      look: (file) => this.onLook(file),
      lost: (reason, code) => this.onLost(reason, code),
    });
  }

  hello({ fields, class: place, hub }) {
    this.place = place; // in a class
    this.hub = hub; // a tile of Jupyter's
    this.state.fields = Object.fromEntries(fields.map((f) => [f.name, f]));
    this.onHello?.();
    const address = location.hash.slice(1) || document.documentElement.dataset.first;
    const kept = keptFor(address);
    if (kept) this.send({ t: "load", file: kept });
    else this.open(address);
  }

  // ---- saying ----

  open(address) {
    return this.send({ t: "open", address });
  }

  set(field, value) {
    this.pending.set(field, value);
    if (this.flying.has(field)) {
      this.unsent.set(field, value); // only the newest matters
      return;
    }
    this.flying.add(field);
    // A slider on a fast screen moves 120 times a second; the server hears 40 of them.
    const pause = new Promise((done) => setTimeout(done, PACE));
    Promise.all([this.send({ t: "set", field, value }), pause]).then(() => {
      this.flying.delete(field);
      if (this.unsent.has(field)) {
        const next = this.unsent.get(field);
        this.unsent.delete(field);
        this.set(field, next);
      }
    });
  }

  // What a field was set to last, though the server's answer may not have come yet: controls
  // show this, and what is made from the old value (one more in a list) is made from this.
  latest(field) {
    return this.pending.has(field) ? this.pending.get(field) : this.state.values[field];
  }

  do(action, args = {}) {
    return this.send({ t: "do", action, args });
  }

  // A promise of the answer; a refusal is told to the person and comes as undefined.
  async ask(what, args = {}, room = this.state.values.room, refused = this.onProblem) {
    const reply = await this.socket.send({ t: "ask", room, what, args, id: ++this.questions });
    if (reply?.problem) refused(this.words(reply.problem));
    return reply?.value;
  }

  send(message) {
    return this.socket.send(message);
  }

  // The sections of a frame that are needed; a new list fetches a frame at once.
  want(...sections) {
    this.wanted = sections;
    this.refresh();
  }

  refresh() {
    this.stale = true;
    this.next();
  }

  // ---- hearing ----

  // asked: the message that this answers, if any
  update(message, asked) {
    const parts = {};
    if (asked?.t === "set" && this.pending.get(asked.field) === asked.value) this.pending.delete(asked.field);
    if (message.values) {
      this.state.values = message.values.values;
      this.state.address = message.values.address;
      parts.values = true;
    }
    for (const part of ["structure", "data"]) {
      if (message[part]) {
        this.state[part] = message[part];
        parts[part] = true;
      }
    }
    if ("other" in message) {
      this.state.other = message.other; // the network that this one is compared with
      parts.values = true;
    }
    if (message.findings) {
      this.state.findings = message.findings;
      parts.findings = true;
    }
    if (asked && asked.t !== "frame" && !message.problem) this.onDone();
    if (message.notice) this.onNotice(this.words(message.notice), message.notice.key);
    if (message.problem) this.onProblem(this.words(message.problem));
    for (const listener of this.listeners) listener(parts);
    this.refresh();
  }

  words({ key, text: english, values: sent, told }) {
    const own = told?.[language()]; // what the library said, in the language of the page
    const text = own?.text ?? english;
    const values = { ...sent, ...own?.values };
    if (!has(key)) return text;
    const label = values.label && t(values.label);
    return t(key, { ...values, label }) + (text && key.startsWith("notice.") ? `\n${text}` : "");
  }

  // The next frame is asked for when the last one is being drawn: one is on its way at most.
  next() {
    if (this.asking || !this.socket?.open || !this.state.structure) return;
    if (!this.stale && !this.playing) return;
    this.asking = true;
    this.stale = false;
    this.socket.send({ t: "frame", want: this.wanted });
  }

  arrived(sections) {
    this.asking = false;
    requestAnimationFrame(() => {
      this.playing = sections.status.playing > 0;
      this.next();
      this.frames += 1;
      for (const draw of this.drawers) draw(sections);
    });
  }
}
