"""A class as it goes: pages come in by the code, the teacher's wall, "look here", the projector."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

TASK = "data=moons&samples=20&layers=3.tanh&pace=20"


@pytest.fixture(scope="module")
def lab_address(start_lab: Callable[..., Any]) -> Iterator[str]:
    with start_lab("--class", "--pages", "2", "--link", TASK, "--language", "en") as address:
        yield address.removesuffix("wall.html")


@pytest.fixture
def watch(browser: Any) -> Iterator[Callable[..., Any]]:
    """``watch(address, language)``: a page that is no lab; errors in it fail the test."""
    contexts, found = [], []

    def show(address: str, language: str = "en-US") -> Any:
        contexts.append(browser.new_context(locale=language))
        contexts[-1].set_default_timeout(90_000)  # the first page compiles
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: found.append(str(error)))
        page.goto(address)
        return page

    yield show
    for context in contexts:
        context.close()
    assert not found


def code_of(wall: Any) -> str:
    wall.wait_for_function("() => document.querySelector('.code').textContent.length > 6")
    return str(wall.locator(".code").text_content()).replace(" ", "")


def come_in(page: Any, code: str, name: str = "") -> None:
    page.locator("#code").fill(code)
    page.locator("#name").fill(name)
    page.keyboard.press("Enter")


@pytest.mark.timeout(300)  # five pages: on a busy machine each takes its time
def test_a_lesson_with_a_class(
    watch: Callable[..., Any], lab_address: str, accessible: Callable[..., None],
    shoot: Callable[..., None],
) -> None:  # fmt: skip
    door = re.sub(r"/[^/]+/$", "/", lab_address)
    wall = watch(lab_address + "wall.html")
    code = code_of(wall)
    student = watch(door, "ko-KR")
    come_in(student, "AAAAAA")
    student.get_by_text("수업 코드가 아닙니다.").wait_for()
    accessible(student)
    come_in(student, code.lower(), "지우")
    student.locator(".seat", has_text="1 · 지우").wait_for()
    student.locator("#room-playground").wait_for()
    student.locator(".waiting").wait_for(state="hidden")
    student.get_by_role("button", name="다 했어요").click()
    other = watch(door)
    come_in(other, code)
    other.locator(".seat", has_text="Page 2").wait_for()
    late = watch(door, "ko-KR")
    come_in(late, code)
    late.get_by_text("자리 2개가 모두 찼습니다.").wait_for()
    wall.locator(".cards li").nth(1).wait_for()
    wall.locator(".cards .done", has_text="1 · 지우").wait_for()
    wall.wait_for_function("""() => document.querySelector('.cards canvas')
        .getContext('2d').getImageData(3, 3, 1, 1).data[3] === 255""")
    shoot(wall, "class-wall")
    accessible(wall)

    teacher = watch(lab_address + "#data=circles&samples=20&layers=2.relu")
    teacher.locator(".waiting").wait_for(state="hidden")
    teacher.get_by_role("button", name="Look here").click()
    student.get_by_text("선생님이 보여 주는 화면입니다.").wait_for()
    student.wait_for_url("**data=circles**")
    shoot(student, "class-look")
    student.get_by_role("button", name="내 작업으로 돌아가기").click()
    student.wait_for_url(lambda url: "circles" not in url)  # moons, which need no word
    wall.once("dialog", lambda dialog: dialog.accept())
    wall.get_by_role("button", name="Close page 1").click()
    student.get_by_text("선생님이 이 페이지를 닫았습니다.").wait_for()


def test_the_projector_has_the_map_and_one_panel_large(
    page: Callable[..., Any], lab_address: str, shoot: Callable[..., None],
    accessible: Callable[..., None],
) -> None:  # fmt: skip
    lab = page("en", address=TASK)
    width = (
        "() => document.querySelector('.one-map:not([hidden]) .map').getBoundingClientRect().width"
    )
    before = lab.evaluate(width)
    lab.get_by_role("button", name="Present", exact=True).click()
    lab.wait_for_function(f"() => ({width})() > 1.5 * {before}")
    assert lab.locator(".data").is_hidden() and lab.locator(".net").is_visible()
    type_ = "() => parseFloat(getComputedStyle(document.querySelector('.numbers b')).fontSize)"
    assert lab.evaluate(type_) > 19
    lab.get_by_role("button", name="Panel", exact=True).click()
    lab.locator(".net").wait_for(state="hidden")
    assert lab.locator(".results .panel.curves").is_visible()
    lab.keyboard.press("l")
    lab.locator(".one-map:not([hidden]) .map").hover()
    lit = "() => document.querySelector('.spot').getBoundingClientRect().width"
    lab.wait_for_function(f"() => ({lit})() > 300")
    shoot(lab, "present")
    lab.keyboard.press("l")
    lab.mouse.move(1, 1)
    accessible(lab)
    lab.keyboard.press("Escape")
    lab.wait_for_function(f"() => ({width})() === {before}")
    assert lab.locator(".spot").is_hidden()
    assert lab.evaluate("() => document.activeElement.textContent") == "Present"
