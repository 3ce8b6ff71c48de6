// What can be taken away from the playground: weights, figures, the Python code. The server
// makes each file; the page only hands it to the browser's downloads.
import { h } from "./dom.js";
import { language, t } from "./i18n.js";
import { bytesOf } from "./views/pixels.js";

const FILES = [
  ["script", ["py"]],
  ["page", ["html"]],
  ["weights", ["safetensors", "npz"]],
  ["map", ["svg", "png"]],
  ["curves", ["svg", "png"]],
  ["network", ["svg", "png"]],
  ["confusion", ["svg", "png"]],
];

export function offer(content, type, name) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export function exportPart(lab) {
  const told = h("p", { class: "faint", role: "status" });
  const get = async (what, kind, button) => {
    button.disabled = true;
    told.textContent = t("export.making");
    const file = await lab.ask("export", { what, kind, language: language() }, "playground");
    button.disabled = false;
    button.focus();
    told.textContent = file ? t("export.done", { name: file.name }) : "";
    if (file) offer(bytesOf(file.data), file.type, file.name);
  };
  const buttons = (what, kinds) =>
    kinds.map((kind) =>
      h(
        "button",
        {
          type: "button",
          class: "small",
          ta: { "aria-label": [`export.${what}_as`, { kind: `.${kind}` }] },
          onclick: (event) => get(what, kind, event.target),
        },
        `.${kind}`,
      ),
    );
  const rows = FILES.map(([what, kinds]) =>
    h("li", {}, h("span", { t: `export.${what}` }), h("span", {}, buttons(what, kinds))),
  );
  return h("div", { class: "exports" }, h("h3", { t: "export.title" }), h("ul", {}, rows), told);
}
