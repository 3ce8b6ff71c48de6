// The socket: every message has one reply, in order, so replies find their askers by a queue.
import { decode } from "./frame.js";

export class Socket {
  // on: {hello, update, frame, look(file), lost(reason)}
  constructor(on) {
    this.on = on;
    this.waiting = []; // {message, done, since}
    const here = new URL("ws", location.href);
    here.protocol = here.protocol === "https:" ? "wss:" : "ws:";
    here.hash = "";
    this.socket = new WebSocket(here);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (event) => this.receive(event.data);
    this.socket.onclose = (event) => this.on.lost(event.reason, event.code);
  }

  get open() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  // How long the oldest message has waited for its reply, in milliseconds.
  get waited() {
    return this.waiting.length ? performance.now() - this.waiting[0].since : 0;
  }

  // A promise of the reply; a lost socket leaves it open.
  send(message) {
    return new Promise((done) => {
      if (!this.open) return;
      this.waiting.push({ message, done, since: performance.now() });
      this.socket.send(JSON.stringify(message));
    });
  }

  receive(data) {
    if (data instanceof ArrayBuffer) {
      this.waiting.shift()?.done();
      this.on.frame(decode(data, this.names));
      return;
    }
    const message = JSON.parse(data);
    if (message.t === "hello") {
      this.names = { sections: message.sections, status: message.status };
      this.on.hello(message);
      return;
    }
    if (message.t === "look") {
      this.on.look(message.file); // nobody asked: the teacher of a class shows it
      return;
    }
    if (this.waiting[0]?.message.t === "frame") {
      // changes before a frame answer nothing
      this.on.update(message);
      return;
    }
    const asked = this.waiting.shift(); // first: whatever happens below, the queue stays right
    try {
      if (message.t === "changes") this.on.update(message, asked?.message);
    } finally {
      asked?.done(message);
    }
  }
}
