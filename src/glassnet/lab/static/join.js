// How a page comes into a class: by the code that the teacher shows.
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { dressed } from "./plainpage.js";

dressed();

const code = h("input", {
  id: "code",
  type: "text",
  class: "code",
  required: true,
  maxlength: 12,
  autocomplete: "off",
  autocapitalize: "characters",
  spellcheck: "false",
});
const name = h("input", { id: "name", type: "text", maxlength: 20, autocomplete: "off" });
const wrong = h("p", { class: "wrong", role: "alert" });
const enter = h("button", { class: "main", t: "class.enter" });

async function come(event) {
  event.preventDefault();
  enter.disabled = true;
  try {
    const body = JSON.stringify({ code: code.value, name: name.value });
    const answer = await fetch("../join", { method: "POST", body });
    const found = await answer.json();
    if (answer.ok) location.href = found.address;
    else wrong.textContent = t(found.key, found.values);
  } catch {
    wrong.textContent = t("class.no_answer");
  }
  enter.disabled = false;
  code.select();
}

document.body.append(
  h(
    "main",
    {},
    h("h1", {}, "glassnet ", h("span", { class: "faint", t: "shell.lab" })),
    h(
      "form",
      { onsubmit: come },
      h("label", { for: "code", t: "class.code" }),
      code,
      h("label", { for: "name", t: "class.name" }),
      name,
      h("p", { class: "faint", t: "class.nothing_kept" }),
      enter,
      wrong,
    ),
  ),
);
code.focus();
