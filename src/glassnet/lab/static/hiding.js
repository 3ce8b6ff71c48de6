// What a link hides: whatever belongs to a field, [data-field], whenever it is made.
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets.push(sheet);

export function hide(names) {
  const known = names.filter((name) => /^\w+$/.test(name));
  sheet.replaceSync(known.map((name) => `[data-field~="${name}"] { display: none !important; }`).join("\n"));
}
