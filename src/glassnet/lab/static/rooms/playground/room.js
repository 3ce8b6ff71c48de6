// The playground: build a network by hand and watch it learn.
import { h } from "../../dom.js";
import { DataPanel } from "./datapanel.js";
import { NetPanel } from "./netpanel.js";
import { Results } from "./results.js";
import { RunPanel } from "./runpanel.js";

function mount(lab) {
  const data = new DataPanel(lab);
  const results = new Results(lab, data.pen);
  const net = new NetPanel(lab, (tile, words) => results.showUnit(tile, words));
  const run = new RunPanel(lab);
  const element = h("div", { class: "playground" }, data.element, net.element, results.element, run.element);
  data.accepts(element);
  document.addEventListener("keydown", (event) => element.hidden || keys(lab, run, event));

  const want = () => lab.want("units", "scales", "map", "line", "weights", "dead", ...results.wants);
  const update = (parts) => {
    data.update();
    if (parts.structure) net.update();
    results.update(parts);
    element.classList.toggle("comparing", Boolean(lab.state.other));
    if (parts.findings) run.tell();
    if (parts.values && !element.hidden && results.wants.some((w) => !lab.wanted.includes(w))) want();
  };
  const all = () => {
    run.language();
    results.time.language();
    net.update();
    update({ values: true, structure: true, data: true });
  };
  return {
    element,
    show() {
      want();
      all();
    },
    update,
    frame(sections) {
      net.frame(sections);
      results.frame(sections);
      run.frame(sections);
    },
    language: all,
    theme() {
      data.paint();
      data.update();
      net.key.draw();
      net.view.draw();
      results.theme();
    },
  };
}

// Space plays and pauses, "." makes one batch and ">" one epoch, wherever no control has them.
function keys(lab, run, event) {
  if (event.target.closest("input, select, button, [popover]") || event.ctrlKey || event.metaKey) return;
  const actions = { " ": () => run.toggle(), ".": () => lab.do("batch"), ">": () => lab.do("epoch") };
  if (!(event.key in actions)) return;
  event.preventDefault();
  actions[event.key]();
}

export const room = { name: "playground", mount };
