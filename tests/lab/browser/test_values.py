"""Whatever is pointed at says what it is, its number, and what is cut off says that it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SMALL = "data=moons&samples=20&layers=3.tanh&pace=20"


def told(page: Any) -> str:
    return str(page.locator(".tooltip").inner_text())


def point(page: Any, where: str, x: float = 0.5, y: float = 0.5) -> str:
    box = page.locator(where).first.bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.locator(".tooltip").wait_for()
    return told(page)


def test_whatever_is_pointed_at_says_its_value(
    page: Callable[..., Any], shoot: Callable[..., None]
) -> None:
    lab = page("en", address=SMALL)
    for _ in range(3):
        lab.get_by_role("button", name="One epoch", exact=True).click()
    lab.wait_for_function("() => document.querySelector('.numbers b').textContent === '3'")
    shown = lab.locator(".numbers b").nth(1).inner_text().split(" / ")
    says = point(lab, ".curves .curve canvas", 0.4).splitlines()
    epoch = int(says[0].removeprefix("epoch "))
    assert 0 < epoch <= 3 and says[1].startswith("training ") and says[2].startswith("test ")
    if epoch == 3:
        assert [float(s.split()[1]) for s in says[1:]] == [float(v) for v in shown]
    shoot(lab, "value-of-a-curve")
    assert "Press to give the network this input as well." in point(
        lab, ".unit[aria-pressed=false]"
    )
    assert point(lab, ".head .small") == "One unit less in hidden layer 1"
    lab.get_by_role("button", name="Confusion", exact=True).click()
    cell = lab.locator(".counts td.right").first
    lab.wait_for_function("() => document.querySelector('.counts td.right').textContent")
    says = point(lab, ".counts td.right")
    assert says.startswith(f"truly 0, predicted 0\n{cell.inner_text().replace('·', '0')} of ")
    lab.get_by_role("button", name="Layers", exact=True).click()
    lab.locator(".histogram canvas").first.wait_for()
    assert "values from " in point(lab, ".histogram canvas", 0.9)
    for name, word in (("Show test points", "hollow"), ("Start anew", "initial weights")):
        lab.get_by_text(name, exact=True).hover()
        assert word in told(lab)
    lab.get_by_text("Start anew", exact=True).click()  # pressed: it does not lie on what changes
    assert lab.locator(".tooltip").is_hidden()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_reason_of_a_mistake_is_read_without_scrolling(
    page: Callable[..., Any], language: str
) -> None:
    mistakes = "softmax_twice,sum_for_mean,gradient_overwritten"
    lab = page(language, "step", f"{SMALL}&mistakes={mistakes}")
    lab.locator(".why p").nth(2).wait_for()
    cut = "(e) => e.scrollHeight - e.clientHeight"
    for part in (".check-part", ".mistake-part"):
        assert lab.locator(part).evaluate(cut) <= 1, part
    shadow = "(e) => getComputedStyle(e).backgroundAttachment"
    assert "local" in lab.locator(".step .detail").evaluate(shadow)


def test_numbers_have_one_style_and_lose_nothing(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    said = lab.evaluate(
        """() => import(new URL("format.js", location.href)).then((f) => [
          f.number(0.0042, 2), f.number(-0.0009), f.number(1.744e-5, 4), f.power(1.744e-5, 4),
          f.raisedIn("1.744e−05·3 and 1e-7"), f.tick(1e-5), f.percent(0.99999), f.percent(1),
        ])"""
    )
    assert said == ["0.0042", "−0.0009", "1.744·10⁻⁵", "1.744·10⁻⁵", "1.744·10⁻⁵·3 and 10⁻⁷",
                    "10⁻⁵", "> 99.9 %", "100.0 %"]  # fmt: skip
