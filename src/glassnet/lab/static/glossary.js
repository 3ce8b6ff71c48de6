// Every word of the page in one sentence: where it stands, and all of them in a list.
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { TERMS } from "./terms.js";
import { hideTip, showTip } from "./tooltip.js";

const LIT = 4000; // milliseconds

// The sentence of a word that is pointed at.
export function explainWords() {
  let shown = null;
  let pressed = null; // it is known, and what it does is to be seen
  document.addEventListener("click", () => {
    pressed = shown;
    if (shown) hideTip();
  });
  document.addEventListener("pointerover", (event) => {
    const found = event.target.closest?.("[data-term], button[aria-label]:not([title])");
    if (found && found === pressed) return;
    pressed = null;
    if (shown && shown !== found) hideTip();
    shown = found ?? null;
    if (!found) return;
    const word = found.dataset.term;
    if (word) showTip(event.clientX, event.clientY, [t(`term.${word}`), t(`term.${word}.says`)]);
    else if (isSign(found)) showTip(event.clientX, event.clientY, [found.ariaLabel]);
    else shown = null; // it speaks for itself
  });
}

// A button that shows a sign only: −, +, ‹, ….
const isSign = (button) => button.ariaLabel && /^\W{1,2}$/u.test(button.textContent.trim());

// All words, in the order of their names; "show me" goes there.
export function glossaryDialog(lab) {
  const words = Object.keys(TERMS).sort((a, b) => t(`term.${a}`).localeCompare(t(`term.${b}`)));
  const search = h("input", {
    type: "text",
    class: "wide",
    ta: { "aria-label": "words.search", placeholder: "words.search" },
    oninput: () => {
      const wanted = search.value.trim().toLowerCase();
      for (const row of list.children) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    },
  });
  const list = h(
    "dl",
    { class: "words" },
    words.map((word) =>
      h(
        "div",
        {},
        h("dt", {}, t(`term.${word}`)),
        h(
          "dd",
          {},
          t(`term.${word}.says`),
          " ",
          h("button", {
            type: "button",
            class: "small",
            t: "words.show",
            ta: { "aria-label": ["words.show_one", { word: t(`term.${word}`) }] },
            onclick: () => {
              dialog.close();
              showWord(lab, word);
            },
          }),
        ),
      ),
    ),
  );
  const dialog = h(
    "dialog",
    {
      class: "glossary",
      "aria-labelledby": "words-title",
      onclose: () => dialog.remove(),
      onclick: (event) => event.target === dialog && dialog.close(),
    },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "words-title", t: "words.title" }),
      search,
      list,
      h("div", { class: "end" }, h("button", { class: "main", t: "shell.done" })),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

// Goes where a word is seen and lights it for a while.
export function showWord(lab, word) {
  const { room = "playground", panel, lit } = TERMS[word];
  if (panel) lab.set("panel", panel);
  if (lab.latest("room") !== room) lab.set("room", room);
  const started = performance.now();
  const look = () => {
    const home = lit.startsWith("#tab") ? document : document.getElementById(`room-${room}`);
    const found = [...(home?.querySelectorAll(lit) ?? [])].find((one) => one.checkVisibility());
    if (!found) {
      if (performance.now() - started < LIT) setTimeout(look, 150); // the room is on its way
      return;
    }
    found.scrollIntoView({ block: "nearest" });
    found.classList.add("lit-up");
    setTimeout(() => found.classList.remove("lit-up"), LIT);
  };
  setTimeout(look, 150);
}
