"""The room of digits, used as a person would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

QUICK = "digits_units=32&digits_epochs=6&digits_copies=0"
SEVEN = [[(0.28, 0.22), (0.5, 0.21), (0.74, 0.22), (0.6, 0.5), (0.46, 0.84)]]


def draw(page: Any, lines: list[list[tuple[float, float]]]) -> None:
    page.locator(".paper").scroll_into_view_if_needed()
    box = page.locator(".paper").bounding_box()
    for line in lines:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in line]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def trained(page: Any, words: tuple[str, str] = ("Train", "Train on")) -> None:
    button(page, words[0]).click()
    button(page, words[1]).wait_for(timeout=60_000)  # kernels are compiled when they are first used


def says(page: Any, digit: str) -> None:
    page.wait_for_function(
        "digit => document.querySelector('.says').textContent === digit", arg=digit
    )


def address(page: Any, part: str) -> None:
    page.wait_for_function("part => location.hash.includes(part)", arg=part)


def no_address(page: Any, part: str) -> None:
    page.wait_for_function("part => !location.hash.includes(part)", arg=part)


def test_it_trains_and_reads_what_is_drawn(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None]
) -> None:
    lab = page("en", "digits", "digits_epochs=12")
    lab.locator(".verdict").get_by_text("learned nothing yet").wait_for()
    trained(lab)
    draw(lab, SEVEN)
    says(lab, "7")
    address(lab, "drawing=")
    top = lab.locator(".bar.best")
    assert top.get_attribute("aria-label").startswith("7:")
    lab.wait_for_function("() => document.querySelectorAll('.mistake').length > 0")
    accessible(lab)
    shoot(lab, "digits-en-light")
    lab.reload()
    lab.locator(".waiting").wait_for(state="hidden")
    lab.wait_for_function("() => document.querySelector('.says').textContent !== ''")


def test_in_korean_and_in_the_dark(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None]
) -> None:
    lab = page("ko", "digits", "digits_epochs=12", theme="dark")
    trained(lab, ("학습", "이어서 학습"))
    draw(lab, SEVEN)
    says(lab, "7")
    assert "확률" in lab.locator(".verdict .words").inner_text()
    lab.wait_for_function("() => document.querySelectorAll('.mistake').length > 0")
    accessible(lab)
    shoot(lab, "digits-ko-dark")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_convolutions_filters_and_maps_follow_the_drawing_and_the_training(
    language: str, page: Callable[..., Any], accessible: Callable[..., None],
    shoot: Callable[..., None],
) -> None:  # fmt: skip
    words = {"en": ("Train", "Train on", "Network", "Filter 2"),
             "ko": ("학습", "이어서 학습", "신경망 종류", "필터 2")}[language]  # fmt: skip
    lab = page(language, "digits", "digits_epochs=4&digits_copies=0")
    lab.get_by_label(words[2], exact=True).select_option("convolution")
    address(lab, "digits_network=convolution")
    grid = lab.locator(".unit-pictures")
    picture = "() => document.querySelector('.unit-pictures canvas').toDataURL()"
    lab.wait_for_function("() => document.querySelector('.seen p').textContent.includes('3×3')")
    plain = lab.evaluate(picture)
    draw(lab, SEVEN)
    lab.wait_for_function(f"plain => ({picture})() !== plain", arg=plain)  # the maps of the drawing
    drawn = lab.evaluate(picture)
    button(lab, words[0]).click()
    lab.wait_for_function(f"drawn => ({picture})() !== drawn", arg=drawn)  # live, while it trains
    button(lab, words[1]).wait_for(timeout=60_000)
    says(lab, "7")
    lab.wait_for_function("() => document.querySelectorAll('.mistake').length > 0")
    assert lab.locator("[data-field=digits_units]").is_hidden()
    accessible(lab)
    shoot(lab, f"digits-convolution-{language}")
    grid.focus()
    lab.keyboard.press("ArrowRight")
    assert lab.locator(".tooltip").inner_text().startswith(words[3])


def test_lines_are_undone_cleared_and_rubbed_out(page: Callable[..., Any]) -> None:
    lab = page("en", "digits", QUICK)
    undo, clear = button(lab, "Undo"), button(lab, "Clear")
    assert undo.is_disabled() and clear.is_disabled()
    draw(lab, [[(0.3, 0.3), (0.7, 0.3)]])
    address(lab, "drawing=")
    one = lab.evaluate("location.hash")
    draw(lab, [[(0.3, 0.7), (0.7, 0.7)]])
    lab.wait_for_function("one => location.hash !== one", arg=one)
    undo.click()
    lab.wait_for_function("one => location.hash === one", arg=one)
    clear.click()
    no_address(lab, "drawing=")
    draw(lab, [[(0.3, 0.5), (0.7, 0.5)]])
    lab.wait_for_function("() => document.querySelector('.says').textContent !== ''")
    button(lab, "Rubber").click()
    assert button(lab, "Rubber").get_attribute("aria-pressed") == "true"
    draw(lab, [[(0.2, 0.48), (0.8, 0.48), (0.8, 0.52), (0.2, 0.52)]])
    lab.wait_for_function("() => document.querySelector('.says').textContent === ''")


def test_everything_goes_by_keyboard(page: Callable[..., Any]) -> None:
    lab = page("en", "digits", QUICK)
    button(lab, "Train").focus()
    lab.keyboard.press("Enter")
    button(lab, "Train on").wait_for(timeout=60_000)
    lab.locator(".paper").focus()
    for _ in range(8):
        lab.keyboard.press("ArrowUp")
    lab.keyboard.press(" ")
    lab.get_by_text("The pen is down.").wait_for(state="attached")
    for _ in range(16):
        lab.keyboard.press("ArrowDown")
    lab.keyboard.press("Escape")
    lab.get_by_text("The pen is lifted.").wait_for(state="attached")
    says(lab, "1")
    address(lab, "drawing=")
    lab.keyboard.press("Backspace")
    no_address(lab, "drawing=")
    lab.keyboard.press("e")
    assert button(lab, "Rubber").get_attribute("aria-pressed") == "true"
    lab.keyboard.press("Tab")
    while lab.evaluate("!document.activeElement.classList.contains('unit-pictures')"):
        lab.keyboard.press("Tab")
    lab.keyboard.press("ArrowRight")
    assert lab.locator(".tooltip").inner_text().startswith("Unit 2")
    lab.keyboard.press("Tab")
    assert lab.locator(".tooltip").is_hidden()
    cell = lab.locator(".confusions [tabindex='0']")
    cell.focus()
    assert cell.get_attribute("aria-label") == "Mistakes with the answer 0"
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        lab.keyboard.press(key)
    focused = lab.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.endswith("times the true 1 was read as 1")
    lab.keyboard.press("ArrowRight")
    lab.keyboard.press("Enter")
    address(lab, "mistake_true=1&mistake_said=2")


def test_a_digit_is_explained_in_two_ways(page: Callable[..., Any]) -> None:
    lab = page("en", "digits", QUICK)
    trained(lab)
    draw(lab, SEVEN)
    says(lab, "7")
    words = lab.locator(".pictures figure").last
    assert "probability of 7" in words.inner_text()
    lab.locator(".bar").nth(3).click()
    address(lab, "digits_about=3")
    words.get_by_text("probability of 3").wait_for()
    assert lab.locator(".bar").nth(3).get_attribute("aria-pressed") == "true"
    lab.get_by_label("How it is measured").select_option("gradient")
    words.get_by_text("Gradient of the score of 3").wait_for()


def test_the_pixels_are_read_by_keyboard(page: Callable[..., Any]) -> None:
    lab = page("en", "digits", QUICK)
    trained(lab)
    draw(lab, SEVEN)
    says(lab, "7")
    lab.get_by_label("How it is measured").focus()
    lab.keyboard.press("Shift+Tab")
    for _ in range(2):
        lab.keyboard.press("ArrowRight")
    lab.keyboard.press("ArrowDown")
    tip = lab.locator(".tooltip")
    assert "row 1, column 2" in tip.inner_text()
    said = lab.locator(".pictures figure").last.get_by_role("status")
    assert ", ".join(tip.inner_text().split("\n")) == said.inner_text()
    for _ in range(9):
        lab.keyboard.press("ArrowUp")
    assert "row 0, column 2" in tip.inner_text()
    lab.keyboard.press("Tab")
    assert tip.is_hidden()


def test_mistakes_are_filtered_and_drawn_on(page: Callable[..., Any]) -> None:
    lab = page("en", "digits", "digits_units=4&digits_epochs=3&digits_copies=0")
    trained(lab)
    lab.locator(".mistake").first.wait_for()
    everything = lab.locator(".mistake").count()
    lab.locator(".confusions .wrong").filter(has_not_text="·").first.click()
    address(lab, "mistake_said=")
    button(lab, "All mistakes").wait_for()
    lab.wait_for_function(
        "most => document.querySelectorAll('.mistake').length < most", arg=everything
    )
    words = lab.locator(".mistake").first.get_attribute("aria-label")
    truth, said = words.split("A ")[1][0], words.split("read as ")[1][0]
    assert f"mistake_true={truth}&mistake_said={said}" in lab.evaluate("location.hash")
    lab.locator(".mistake").first.click()
    address(lab, "digits_base=")
    says(lab, said)
    lab.get_by_text(f"A test picture of a {truth}").wait_for()
    before = lab.locator(".bar.best .share").inner_text()
    draw(lab, [[(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]])
    address(lab, "drawing=")
    lab.wait_for_function(
        "before => document.querySelector('.bar.best .share').innerText !== before", arg=before
    )
    button(lab, "Clear").click()
    no_address(lab, "digits_base=")


def test_training_stops_goes_on_and_starts_anew(page: Callable[..., Any]) -> None:
    lab = page("en", "digits", "digits_epochs=200&digits_units=8")
    button(lab, "Train").click()
    button(lab, "Stop").wait_for(timeout=60_000)
    lab.wait_for_function(
        "() => parseInt(document.querySelector('.training .numbers b').textContent) > 1"
    )
    button(lab, "Stop").click()
    button(lab, "Train on").wait_for()
    button(lab, "Start anew").click()
    button(lab, "Train").wait_for()
    epoch = lab.locator(".training .numbers b").first
    assert epoch.inner_text() == "0"


@pytest.mark.parametrize("size", [(820, 1180), (1180, 820)])
def test_on_a_tablet_nothing_is_cut_off(
    size: tuple[int, int], page: Callable[..., Any], shoot: Callable[..., None]
) -> None:
    lab = page("ko", "digits", QUICK, size=size, touch=True)
    trained(lab, ("학습", "이어서 학습"))
    lab.locator(".paper").scroll_into_view_if_needed()
    box = lab.locator(".paper").bounding_box()
    lab.touchscreen.tap(box["x"] + 100, box["y"] + 100)
    address(lab, "drawing=")
    room = lab.locator("#room-digits")
    assert room.evaluate("e => e.scrollWidth <= e.clientWidth")
    shoot(lab, f"digits-ko-tablet-{size[0]}")


def test_the_playground_is_taken_away(page: Callable[..., Any], tmp_path: Path) -> None:
    lab = page("en", address="samples=20&layers=3.tanh")
    button(lab, "Share").click()
    found = {}
    for what, kind in (("the Python code", ".py"), ("the weights", ".npz"),
                       ("the decision map", ".svg"), ("the network", ".png")):  # fmt: skip
        with lab.expect_download() as waiting:
            button(lab, f"Download {what} as {kind}").click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        found[path.name] = path.read_bytes()
    assert b"from glassnet import Sequential" in found["glassnet-script.py"]
    assert found["glassnet-weights.npz"].startswith(b"PK")
    assert found["glassnet-map.svg"].startswith(b"<?xml")
    assert found["glassnet-network.png"].startswith(b"\x89PNG")
