// Starts the page: theme and language, the shell, the socket, the rooms.

import { control } from "./controls.js";
import { choose, language } from "./i18n.js";
import { ROOMS } from "./rooms.js";
import { Shell } from "./shell.js";
import { Lab } from "./state.js";

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

let writing = 0;
const writeAddress = () =>
  history.replaceState(null, "", lab.state.address ? `#${lab.state.address}` : location.pathname);

lab.onHello = () => shell.furnish();
lab.onLost = (reason) => shell.lost(reason);
lab.onNotice = (words, key) => shell.tell(words, key);
lab.onProblem = (words) => shell.tell(words, "problem");
lab.listeners.push((parts) => {
  if (parts.values) {
    dress(lab.state.values);
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
window.addEventListener("hashchange", () => lab.open(location.hash.slice(1)));
lab.connect();
