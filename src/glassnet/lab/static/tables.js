// Tables that are dropped on the page, or picked.
import { t } from "./i18n.js";

const MOST_BYTES = 3_000_000;

// The text of a file: UTF-8, or CP949, as spreadsheets in Korean save it (browsers call it
// euc-kr); null if it is neither.
function decoded(bytes) {
  for (const encoding of ["utf-8", "euc-kr"]) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
      return { text, encoding: encoding === "utf-8" ? encoding : "cp949" };
    } catch {
      // not this one
    }
  }
  return null;
}

// Sends a file as the table to learn from; whether it was taken.
export async function sendTable(lab, file) {
  if (file.size > MOST_BYTES) {
    lab.onProblem(t("limit.file", { most: MOST_BYTES / 1e6 }));
    return false;
  }
  const bytes = await file.arrayBuffer();
  const found = decoded(bytes);
  const [a, b] = new Uint8Array(bytes);
  const workbook = a === 0x50 && b === 0x4b; // PK: a workbook is a zip
  if (workbook || found === null) {
    lab.onProblem(t(workbook ? "problem.excel" : "problem.text"));
    return false;
  }
  const reply = await lab.send({ t: "upload", name: file.name.slice(0, 200) || "table", ...found });
  return !reply?.problem;
}

// Calls back with a file that is dropped anywhere on a room.
export function takesFiles(room, take) {
  room.addEventListener("dragover", (event) => {
    if (event.defaultPrevented) return; // a part of it takes files itself
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    room.classList.add("dropping");
  });
  room.addEventListener("dragleave", (event) => {
    if (!room.contains(event.relatedTarget)) room.classList.remove("dropping");
  });
  room.addEventListener("drop", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    room.classList.remove("dropping");
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  });
}
