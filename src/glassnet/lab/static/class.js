// What a page has of its class: a student's tick, and "look here"; the teacher's wall.
import { h } from "./dom.js";
import { t } from "./i18n.js";

const tell = (what) => fetch("class", { method: "POST", body: JSON.stringify(what) });

export function classTools(lab, place) {
  if (place.role === "teacher") return teacher(lab);
  return place.role === "student" ? student(lab, place) : [];
}

function teacher(lab) {
  const look = async () => {
    const file = await lab.ask("file", {}, "playground");
    if (!file) return;
    const answer = await tell({ look: file }).catch(() => null);
    const found = answer?.ok ? await answer.json() : null;
    lab.onNotice(found ? t("class.shown", { pages: found.pages }) : t("class.no_answer"), "class");
  };
  return [
    h("a", { class: "button", href: "wall.html", target: "_blank", t: "class.wall" }),
    h("button", { type: "button", class: "main", t: "class.look", onclick: look }),
  ];
}

function student(lab, { number, name, done }) {
  let mine = null; // the state before the teacher's
  const tick = h("button", {
    type: "button",
    t: "class.done",
    "aria-pressed": String(done),
    onclick: async () => {
      const now = tick.getAttribute("aria-pressed") !== "true";
      const answer = await tell({ done: now }).catch(() => null);
      if (answer?.ok) tick.setAttribute("aria-pressed", String(now));
      else lab.onProblem(t("class.no_answer"));
    },
  });
  const bar = h(
    "div",
    { class: "looking", role: "status", hidden: true },
    h("p", { t: "class.looking" }),
    h("button", {
      type: "button",
      t: "class.back",
      onclick: async () => {
        bar.hidden = true;
        if (mine) await lab.send({ t: "load", file: mine });
        mine = null;
      },
    }),
  );
  document.body.append(bar);
  lab.onLook = async (file) => {
    mine ??= await lab.ask("file", {}, "playground", () => {});
    await lab.send({ t: "load", file });
    bar.hidden = false;
  };
  return [h("span", { class: "seat" }, name ? `${number} · ${name}` : t("class.page", { number })), tick];
}
