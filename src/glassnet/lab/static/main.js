// Starts the page: theme and language, the shell, the socket, the rooms.

import { control } from "./controls.js";
import { hide } from "./hiding.js";
import { choose, language } from "./i18n.js";
import { keepState } from "./keep.js";
import { LessonStrip } from "./lesson.js";
import { readyForPaper } from "./printing.js";
import { ROOMS } from "./rooms.js";
import { Shell } from "./shell.js";
import { Lab } from "./state.js";
import { sendTable, takesFiles } from "./tables.js";

const framed = window.parent !== window;
if (framed) window.parent.postMessage("glassnet lab is here", "*"); // to the notebook around it

const lab = new Lab();
lab.control = (name, options) => control(lab, name, options);

const dark = window.matchMedia("(prefers-color-scheme: dark)");
let wanted = ""; // the room that was asked for last
let shown = null; // the room that is shown
const mounted = new Map(); // room name → what mount() returned

function dress(values) {
  const theme = values.theme === "auto" || !values.theme ? (dark.matches ? "dark" : "light") : values.theme;
  if (document.documentElement.dataset.theme !== theme) {
    document.documentElement.dataset.theme = theme;
    for (const room of mounted.values()) room.theme?.();
    lab.refresh();
  }
  const before = language();
  if (choose(values.language || "auto") !== before) {
    for (const room of mounted.values()) room.language?.();
    lab.refresh();
  }
}

const fromAddress = new URLSearchParams(location.hash.slice(1));
dress({ theme: fromAddress.get("theme"), language: fromAddress.get("language") });
dark.addEventListener("change", () => dress(lab.state.values));

const shell = new Shell(lab, ROOMS);
document.body.append(shell.element);
new LessonStrip(lab, shell.main);

const find = (name) => ROOMS.find((r) => r.name === name) ?? ROOMS[0];
find(fromAddress.get("room")).fetch(); // while the socket opens

async function show(name) {
  if (wanted === name) return;
  wanted = name;
  const { room } = await find(name).fetch();
  if (wanted !== name) return; // another one was chosen in the meantime
  shown?.view.hide?.();
  if (!mounted.has(room.name)) {
    const view = room.mount(lab);
    mounted.set(room.name, view);
    shell.place(room.name, view.element);
  }
  shown = { name, view: mounted.get(room.name) };
  shell.select(room.name);
  shown.view.show?.();
}

// Another room, or step of a lesson, is another place to come back to; all else is the same place.
let writing = 0;
function writeAddress() {
  const { room, lesson } = lab.state.values;
  const there = lab.state.address ? `#${lab.state.address}` : location.pathname;
  const before = history.state;
  const another = before?.room && (before.room !== room || before.lesson !== lesson);
  history[another ? "pushState" : "replaceState"]({ room, lesson }, "", there);
}

// Back leads to the room before, with all that has been learned since; in a lesson to the step before.
window.addEventListener("popstate", ({ state }) => {
  const { room, lesson } = lab.state.values;
  if (!state?.room || state.lesson !== lesson) lab.open(location.hash.slice(1));
  else if (state.room !== room) lab.set("room", state.room);
});

lab.onHello = () => shell.furnish();
lab.onLost = (reason) => shell.lost(reason, lab.hub);
lab.onNotice = (words, key) => shell.tell(words, key);
lab.onProblem = (words) => shell.tell(words, "problem");
lab.listeners.push((parts) => {
  if (parts.values) {
    dress(lab.state.values);
    hide(lab.state.values.hide);
    clearTimeout(writing); // browsers do not like a new address for every move of a slider
    writing = setTimeout(writeAddress, 150);
    show(lab.state.values.room);
  }
  for (const view of mounted.values()) view.update?.(parts);
});
lab.drawers.push((sections) => {
  if (!shown) return; // its modules are on their way
  shell.ready();
  shown.view.frame?.(sections);
});
// A file beside the rooms that take files: without this the browser would leave the page for it.
takesFiles(document.documentElement, async (file) => {
  if (await sendTable(lab, file)) lab.set("room", "playground");
});
lab.onDone = () => shell.hush();
readyForPaper();
keepState(lab);
lab.connect();
