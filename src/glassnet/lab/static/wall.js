// The teacher's wall: how to come in, and the pages of the class in small.
import { h } from "./dom.js";
import { percent } from "./format.js";
import { t } from "./i18n.js";
import { dressed } from "./plainpage.js";
import { paint } from "./views/thumbnail.js";

const EVERY = 1000; // milliseconds between two looks

const code = h("output", { class: "code" });
const places = h("p", { class: "places" });
const count = h("p", { class: "faint", role: "status" });
const problem = h("p", { class: "wrong", role: "alert" });
const page = h("a", { class: "button main", t: "class.my_page", target: "_blank" });
const cards = h("ul", { class: "cards" });
const byNumber = new Map(); // number of a seat → its card
let seats = [];

async function ask(what) {
  try {
    const message = what ? { method: "POST", body: JSON.stringify(what) } : {};
    const answer = await fetch("class", { cache: "no-store", ...message });
    if (!answer.ok) throw new Error(answer.statusText);
    problem.textContent = "";
    show(await answer.json());
  } catch {
    problem.textContent = t("class.no_answer");
  }
}

function show(found) {
  code.textContent = found.code.replace(/(...)/, "$1 ");
  code.setAttribute("aria-label", [...found.code].join(" "));
  places.textContent = found.addresses.map((address) => address.replace(/^http:\/\//, "")).join("  ·  ");
  page.href = `./${found.task ? `#${found.task}` : ""}`;
  seats = found.seats;
  const [here, done] = [seats.filter((seat) => seat.here), seats.filter((seat) => seat.done)];
  count.textContent = t("class.count", { here: here.length, most: found.most, done: done.length });
  for (const [number, card] of byNumber) {
    if (seats.some((seat) => seat.number === number)) continue;
    card.element.remove();
    byNumber.delete(number);
  }
  for (const seat of seats) {
    if (!byNumber.has(seat.number)) byNumber.set(seat.number, new Card(seat.number));
    byNumber.get(seat.number).show(seat);
  }
}

class Card {
  constructor(number) {
    this.canvas = h("canvas", { width: 28, height: 28, "aria-hidden": "true" });
    this.name = h("b", {});
    this.mark = h("span", { class: "good" });
    this.words = h("p", { class: "faint" });
    const away = h(
      "button",
      {
        type: "button",
        class: "small quiet",
        ta: { "aria-label": ["class.remove", { number }] },
        onclick: () => confirm(t("class.remove_sure", { number })) && ask({ remove: number }),
      },
      "×",
    );
    this.element = h("li", {}, this.canvas, h("p", { class: "who" }, this.name, this.mark, away), this.words);
    const next = [...byNumber.keys()].filter((other) => other > number).sort((a, b) => a - b)[0];
    cards.insertBefore(this.element, next ? byNumber.get(next).element : null);
  }

  show(seat) {
    this.element.classList.toggle("gone", !seat.here);
    this.element.classList.toggle("done", seat.done);
    this.name.textContent = seat.name ? `${seat.number} · ${seat.name}` : String(seat.number);
    this.mark.textContent = seat.done ? `✓ ${t("class.is_done")}` : "";
    const parts = [
      seat.here ? "" : t("class.gone"),
      seat.lesson,
      seat.epoch === undefined ? "" : `${t("play.epoch_number")} ${seat.epoch}`,
      seat.test_accuracy == null ? "" : percent(seat.test_accuracy),
    ];
    this.words.textContent = parts.filter(Boolean).join(" · ");
    paint(this.canvas, seat);
  }
}

document.body.append(
  h(
    "main",
    {},
    h("h1", { class: "unseen", t: "class.wall" }),
    h(
      "section",
      { class: "way-in", ta: { "aria-label": "class.way_in" } },
      h("div", {}, h("p", { class: "faint", t: "class.open" }), places),
      h("div", {}, h("p", { class: "faint", t: "class.code" }), code),
      h(
        "div",
        { class: "ways" },
        page,
        h("button", { type: "button", t: "class.renew", onclick: () => ask({ renew: true }) }),
        count,
      ),
    ),
    problem,
    cards,
  ),
);
dressed(() => seats.forEach((seat) => byNumber.get(seat.number)?.show(seat)));
ask();
setInterval(() => document.hidden || ask(), EVERY);
