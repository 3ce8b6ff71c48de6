"""On paper every room is whole: no drawing is stretched, and nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from glassnet.runs import work
from glassnet.runs.recipes import settings_for

SMALL = "data=spiral&layers=4.tanh,3.tanh&pace=20"
PAPER = (718, 1000)  # A4 within its margins, in CSS pixels

# Canvases of another form than that in which they were drawn, units beside their drawing, text
# below an edge that does not scroll on paper.
WRONG = """() => {
  const wrong = [];
  const room = document.querySelector("[role=tabpanel]:not([hidden])");
  const seen = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== "hidden";
  for (const canvas of [...room.querySelectorAll(".view canvas")].filter(seen)) {
    const box = canvas.getBoundingClientRect();
    const off = (box.width / box.height) / (canvas.width / canvas.height);
    if (Math.abs(off - 1) > 0.03) wrong.push(`a canvas is stretched ${off.toFixed(2)} times`);
  }
  for (const view of [...room.querySelectorAll(".view, .view canvas")].filter(seen)) {
    const { right } = view.getBoundingClientRect();
    const name = view.className || "a canvas";
    if (right > window.innerWidth + 1) wrong.push(`${name} ends at ${right}`);
  }
  const network = room.querySelector(".view.network canvas")?.getBoundingClientRect();
  for (const unit of network ? room.querySelectorAll(".unit") : []) {
    const box = unit.getBoundingClientRect();
    const inside = box.left >= network.left - 1 && box.right <= network.right + 1
      && box.top >= network.top - 1 && box.bottom <= network.bottom + 1;
    if (!inside) wrong.push(`unit ${unit.ariaLabel} lies beside its drawing`);
  }
  const parts = [...room.querySelectorAll("section, .detail, .rows, .panel, .data")];
  for (const part of parts.filter(seen)) {
    const { overflowY } = getComputedStyle(part);
    if (part.scrollHeight > part.clientHeight + 2 && overflowY !== "visible")
      wrong.push(`${part.className} is cut: ${part.clientHeight} of ${part.scrollHeight}`);
  }
  for (const button of document.querySelectorAll(".transport > button, .tools button"))
    if (seen(button)) wrong.push(`a button on paper: ${button.textContent}`);
  return wrong;
}"""


@pytest.fixture(scope="module")
def lab_address(
    start_lab: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """With a run in its folder, so that Own model has something to draw."""
    root = tmp_path_factory.mktemp("runs")
    given = {"layers": (8,), "epochs": 2}
    work.train(settings_for("spiral", given), root / "spiral", verbose=0, plots=False)
    with start_lab("--runs", str(root)) as address:
        yield address


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_room_is_whole_on_paper(page: Callable[..., Any], theme: str) -> None:
    lab = page("en", address=SMALL, theme=theme, size=(1280, 720))
    lab.get_by_role("button", name="One epoch", exact=True).click()
    lab.wait_for_function("() => document.querySelector('.numbers b').textContent === '1'")
    for tab in lab.locator("[role=tab]").all():
        tab.click()
        lab.locator(f"#{tab.get_attribute('aria-controls')}").wait_for()
        if tab.inner_text() == "Own model":
            lab.locator("[role=tabpanel]:not([hidden]) .view canvas").first.wait_for()
        lab.wait_for_timeout(300)  # what is drawn when its numbers have come
        lab.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
        lab.emulate_media(media="print")
        lab.set_viewport_size({"width": PAPER[0], "height": PAPER[1]})
        assert lab.evaluate(WRONG) == [], tab.inner_text()
        lab.emulate_media(media="screen")
        lab.set_viewport_size({"width": 1280, "height": 720})
        lab.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    assert lab.locator(".as-drawn").count() == 0
