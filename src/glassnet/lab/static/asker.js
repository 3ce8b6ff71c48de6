// Asks one question again and again, one at a time: while an answer is on its way, a new need
// waits and is asked once when the answer has come.
export class Asker {
  // take(answer) is called with every answer; args() is called when the question is asked
  constructor(lab, room, what, take, args = () => ({})) {
    Object.assign(this, { lab, room, what, take, args, busy: false, again: false });
  }

  async ask() {
    this.again = true;
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.again) {
        this.again = false;
        const found = await this.lab.ask(this.what, this.args(), this.room);
        if (found !== undefined) this.take(found);
      }
    } finally {
      this.busy = false;
    }
  }
}
