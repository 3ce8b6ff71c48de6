// What axe-core does not look at. Returns a list of sentences, empty if all is well.
(within) => {
  const wrong = [];
  const say = (what, element) => wrong.push(`${what}\n    ${element.outerHTML.slice(0, 160)}`);
  const root = within ? document.querySelector(within) : document;
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });

  const ids = new Set();
  for (const element of document.querySelectorAll("[id]")) {
    if (ids.has(element.id)) say("two elements have this id", element);
    ids.add(element.id);
  }

  // Of a group that arrow keys walk through (tabs, units, radios), one member is reached by Tab.
  const CONTROLS = "a[href], button, input, select, textarea, summary, [role=button], [role=tab]";
  const ROVING = "[role=tablist], [role=radiogroup], [role=group], [role=toolbar], [role=grid]";
  for (const element of root.querySelectorAll(CONTROLS)) {
    if (!seen(element) || element.disabled || element.closest("[aria-hidden=true]")) continue;
    if (element.tabIndex >= 0) continue;
    const group = element.closest(ROVING);
    const reached = group && [...group.querySelectorAll(CONTROLS)].some((one) => one.tabIndex >= 0);
    if (!reached) say("the keyboard does not reach this", element);
  }

  // :focus-visible must change the look: an outline, a shadow or a border.
  const before = document.activeElement;
  const look = (element) => {
    const style = getComputedStyle(element);
    return [style.outlineStyle === "none" ? "" : style.outline, style.boxShadow, style.borderColor].join();
  };
  for (const element of root.querySelectorAll(CONTROLS)) {
    if (!seen(element) || element.disabled || element.tabIndex < 0) continue;
    if (element.matches(".unseen, [type=file]")) continue;
    element.blur();
    const plain = look(element);
    element.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement === element && look(element) === plain) say("focus cannot be seen", element);
  }
  document.activeElement?.blur();
  if (before !== document.body) before?.focus({ preventScroll: true });
  return wrong;
};
