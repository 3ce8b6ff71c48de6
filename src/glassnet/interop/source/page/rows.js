// A row of the table, typed into a form, as the numbers that the network reads.
const $text = (v) => (v === null || v === undefined ? "" : String(v).trim());

const $number = (c, v, strict) => {
  const empty = v === null || v === undefined || $text(v) === "" || Number.isNaN(v);
  if (empty && c.fill === null && strict) throw new Error(say("row.missing", { name: c.name }));
  const value = empty ? (c.fill ?? c.mean) : Number(v);
  if (!Number.isFinite(value)) throw new Error(say("row.no_number", { name: c.name, value: v }));
  const x = [(value - c.mean) / c.scale];
  return c.gap ? [...x, empty ? 1 : 0] : x;
};

// Days since 1970, year, month, day, weekday (Monday is 0) and hour of 2026-11-28T13:45, and the
// hours since midnight of 13:45.
function $dateParts(text, clock) {
  if (text === "") return {};
  if (clock) {
    const hours = text.split(":").reduce((sum, part, i) => sum + Number(part) / 60 ** i, 0);
    return { hour: hours };
  }
  const date = new Date(text.includes("T") ? `${text}Z` : `${text}T00:00Z`);
  if (Number.isNaN(date.getTime())) return {};
  return {
    days: date.getTime() / 86400000,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: (date.getUTCDay() + 6) % 7,
    hour: date.getUTCHours(),
  };
}

const isClock = (c) => c.parts.length === 1 && c.parts[0].part === "hour";

const ENCODE = {
  number: $number,
  flag: (c, v, strict) => {
    const at = ["false", "true", "0", "1"].indexOf($text(v).toLowerCase());
    if (at < 0 && strict) throw new Error(say("row.unknown", { name: c.name, value: v }));
    return [at % 2 === 1 ? 1 : 0];
  },
  category: (c, v, strict) => {
    const known = c.missing ? [...c.categories, ""] : c.categories;
    if (strict && !known.includes($text(v))) {
      throw new Error(say("row.unknown", { name: c.name, value: v }));
    }
    return known.map((category) => (category === $text(v) ? 1 : 0));
  },
  date: (c, v, strict) => {
    const parts = $dateParts($text(v), isClock(c));
    return c.parts.flatMap((part) => $number(part, parts[part.part], strict));
  },
};

// `row`: the value of each column by its name
function features(row) {
  const { columns, strict } = ABOUT.input;
  return columns.flatMap((c) => ENCODE[c.holds](c, row.get(c.name), strict));
}
