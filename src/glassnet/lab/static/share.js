// The dialog that shares: a link, a file, and which controls the link hides.
import { h } from "./dom.js";
import { exportPart, offer } from "./export.js";
import { t } from "./i18n.js";

export function shareDialog(lab) {
  const link = h("input", {
    type: "text",
    readonly: true,
    class: "wide",
    ta: { "aria-label": "share.link" },
    onfocus: () => link.select(),
  });
  const kept = h("p", { class: "note", t: "share.kept", hidden: true });
  const copied = h("span", { class: "faint", role: "status" });
  const boxes = HIDEABLE.map((name) =>
    h(
      "label",
      { class: "check" },
      h("input", {
        type: "checkbox",
        value: name,
        checked: lab.state.values.hide.includes(name),
        onchange: refresh,
      }),
      h("span", { t: `field.${name}` }),
    ),
  );

  async function refresh() {
    const hide = boxes
      .map((b) => b.firstChild)
      .filter((i) => i.checked)
      .map((i) => i.value);
    const found = await lab.ask("link", { hide }, "playground");
    if (found) kept.hidden = !found.kept;
    if (found) link.value = `${location.href.split("#")[0]}#${found.address}`;
  }

  async function copy() {
    link.select();
    try {
      await navigator.clipboard.writeText(link.value);
    } catch {
      document.execCommand("copy");
    }
    copied.textContent = t("share.copied");
  }

  async function save() {
    const file = await lab.ask("file", {}, "playground");
    offer(JSON.stringify(file), "application/json", "glassnet-lab.json");
  }

  async function load(event) {
    const [file] = event.target.files;
    if (!file) return;
    try {
      await lab.send({ t: "load", file: JSON.parse(await file.text()) });
    } catch {
      lab.onProblem(t("problem.file"));
    }
    dialog.close();
  }

  const dialog = h(
    "dialog",
    {
      class: "share",
      "aria-labelledby": "share-title",
      onclose: () => dialog.remove(),
      onclick: (event) => event.target === dialog && dialog.close(),
    },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "share-title", t: "share.title" }),
      h("p", { class: "faint", t: "share.about" }),
      h("p", { class: "note", t: "share.own_table", hidden: lab.state.values.data !== "own" }),
      kept,
      h("div", { class: "row" }, link, h("button", { type: "button", t: "share.copy", onclick: copy })),
      copied,
      h("details", {}, h("summary", { t: "share.hide" }), h("div", { class: "checks" }, boxes)),
      h("h3", { t: "share.file" }),
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", t: "share.save", onclick: save }),
        h(
          "label",
          { class: "button" },
          h("span", { t: "share.load" }),
          h("input", { type: "file", accept: ".json,application/json", class: "unseen", onchange: load }),
        ),
      ),
      exportPart(lab),
      h("div", { class: "end" }, h("button", { class: "main", t: "shell.done" })),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  refresh();
}

// Controls that make sense to hide: those of the data, the network, the learning; the mistakes.
const HIDEABLE = [
  "data",
  "samples",
  "noise",
  "test_share",
  "data_seed",
  "features",
  "layers",
  "init",
  "seed",
  "loss",
  "optimizer",
  "learning_rate",
  "schedule",
  "batch_size",
  "l1",
  "l2",
  "pace",
  "until",
  "timeline",
  "compared",
  "mistakes",
];
