// A question of a lesson: each choice says at once whether it is right, and why.
import { h, unique } from "./dom.js";
import { build } from "./lessontext.js";

export function quiz({ text, choices }) {
  const id = unique("question");
  const said = h("div", { class: "reason", role: "status" });
  const buttons = choices.map((choice) =>
    h(
      "button",
      {
        type: "button",
        class: "choice",
        "aria-pressed": "false",
        onclick: (event) => {
          for (const other of buttons) other.setAttribute("aria-pressed", String(other === event.currentTarget));
          said.classList.toggle("right", choice.right);
          said.replaceChildren(
            h("p", {}, h("b", { t: choice.right ? "lesson.right" : "lesson.wrong" }), " ", build(choice.reason)),
          );
        },
      },
      build(choice.text),
    ),
  );
  return h("div", { class: "quiz", role: "group", "aria-labelledby": id }, h("h3", { id }, build(text)), buttons, said);
}
