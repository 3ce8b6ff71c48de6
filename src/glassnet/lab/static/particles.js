// Korean particles behind a value, as glassnet/texts/particles.py chooses them: 은 or 는, 을 or 를,
// 으로 or 로, by the sound it ends in.  Where the letters do not tell it, both are left.  And the
// percent sign, which in a Korean sentence stands close to its number.
const BOTH = /(\S+?)(["'”’)\]`,]*)(은\(는\)|이\(가\)|을\(를\)|[와과]\([과와]\)|\(으\)로|\(이\))/g;
const PAIRS = {
  "은(는)": ["은", "는"],
  "이(가)": ["이", "가"],
  "을(를)": ["을", "를"],
  "와(과)": ["과", "와"],
  "과(와)": ["과", "와"],
  "(이)": ["이", ""],
};
const SIGNS = { "": "2459%₂₄₅₉∞", ㄹ: "178₁₇₈", ㄱ: "036₀₃₆²³" };
const NAMES = { ㄹ: "LR", ㄱ: "MN" };
const LETTERS = { "": "aiouwyhszvxfdr", ㄹ: "l", ㄱ: "mn" };
const SPELLED = /(png|jpe?g|svg|mlp|npz|csv)$/;

const among = (sounds, sign) => Object.keys(sounds).find((sound) => sounds[sound].includes(sign));

function ending(word) {
  const last = word.slice(-1);
  if (last >= "가" && last <= "힣") {
    const final = (last.charCodeAt(0) - "가".charCodeAt(0)) % 28;
    return final === 0 ? "" : final === 8 ? "ㄹ" : "ㄱ";
  }
  const run = word.match(/[A-Za-z]*$/)[0];
  if (run === "") return among(SIGNS, last);
  if (SPELLED.test(run)) return "";
  if (run.length === 1 || last !== last.toLowerCase()) return among(NAMES, last.toUpperCase()) ?? "";
  return run.endsWith("ng") ? "ㄱ" : among(LETTERS, last);
}

export const settled = (text) =>
  (/[가-힣]/.test(text) ? text.replace(/(\d) %/g, "$1%") : text).replace(BOTH, (whole, word, closing, both) => {
    const sound = ending(word);
    if (sound === undefined) return whole;
    if (both === "(으)로") return `${word}${closing}${sound === "ㄱ" ? "으로" : "로"}`;
    return word + closing + PAIRS[both][sound ? 0 : 1];
  });
