"""A lesson and a level beside their rooms, used as a person would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from glassnet.course.catalog import lessons
from glassnet.course.reading import read
from glassnet.lab import fields

WORDS = {
    "en": {"next": "Next", "skip": "Skip this step", "back": "Back", "play": "Play",
           "wrong": "It makes it smaller.", "no": "No.", "done": "Done.", "not": "Not there yet.",
           "all": "All lessons", "best": "best so far"},
    "ko": {"next": "다음", "skip": "이 단계 건너뛰기", "back": "이전", "play": "시작",
           "wrong": "작게 합니다.", "no": "아닙니다.", "done": "달성했습니다.",
           "not": "아직 달성하지 못했습니다.", "all": "단원 목록", "best": "최고 기록"},
}  # fmt: skip


@pytest.fixture(scope="module")
def lab_address(
    start_lab: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """What is reached here is kept in a folder of the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        with start_lab() as address:
            yield address


def opened(lab: Any, address: str) -> Any:
    lab.evaluate("address => { location.hash = address }", address)
    strip = lab.locator(".lesson")
    strip.get_by_role("heading", level=2).first.wait_for()
    return strip


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_lesson_leads_through_the_rooms(
    language: str,
    page: Callable[..., Any],
    accessible: Callable[..., None],
    shoot: Callable[..., None],
) -> None:
    words = WORDS[language]
    lab = page(language)
    strip = opened(lab, "lesson=slope")
    strip.locator("math mfrac").first.wait_for()
    strip.get_by_text(words["not"]).wait_for()
    room, beside = lab.locator(".rooms").bounding_box(), strip.bounding_box()
    assert room["x"] + room["width"] <= beside["x"] + 1  # beside it, never over it
    accessible(lab, ".lesson")
    strip.get_by_role("button", name=words["skip"]).click()
    lab.locator("#room-descent").wait_for()
    lab.wait_for_function("() => location.hash.includes('lesson=slope/2')")
    assert strip.get_by_role("heading", level=2).evaluate("e => e === document.activeElement")
    strip.get_by_role("button", name=words["wrong"]).click()
    strip.locator(".reason").get_by_text(words["no"]).wait_for()
    lab.locator(".handle.start:visible").focus()  # it is there with the landscape
    for _ in range(8):
        lab.keyboard.press("Shift+ArrowRight")
    strip.get_by_text(words["done"]).wait_for()
    shoot(lab, f"lesson-{language}")
    strip.get_by_role("button", name=words["next"]).click()
    lab.locator("#room-step").wait_for()
    lab.wait_for_function("() => location.hash.includes('lesson=slope/3')")
    lab.go_back()
    lab.locator("#room-descent").wait_for()
    lab.wait_for_function("() => location.hash.includes('lesson=slope/2')")
    lab.go_forward()
    lab.locator("#room-step").wait_for()
    strip.get_by_role("button", name=words["all"]).click()
    strip.get_by_role("link").first.wait_for()
    assert strip.get_by_role("link").count() > 20
    accessible(lab, ".lesson")


@pytest.mark.parametrize("size", [(1280, 720), (1000, 720), (390, 844)])
def test_rooms_have_the_width_that_a_lesson_leaves(
    size: tuple[int, int], page: Callable[..., Any], tidy: Callable[[Any], None]
) -> None:
    lab = page("en", address="lesson=slope", size=size)
    strip = lab.locator(".lesson")
    strip.get_by_role("heading", level=2).first.wait_for()
    for tab in lab.get_by_role("tab").all():
        tab.click()
        room = lab.locator(f"#{tab.get_attribute('aria-controls')}")
        room.wait_for()
        place, beside = lab.locator(".rooms").bounding_box(), strip.bounding_box()
        assert place["x"] + place["width"] <= beside["x"] + 1 or (
            place["y"] + place["height"] <= beside["y"] + 1
        )
        tidy(lab)
        wide = room.locator("> section").evaluate_all("""parts => parts
            .filter(e => getComputedStyle(e).overflowX === "visible")
            .filter(e => e.scrollWidth > e.clientWidth + 1)
            .map(e => `${e.className}: ${e.scrollWidth} > ${e.clientWidth}`)""")
        assert not wide, (room.get_attribute("id"), wide)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_level_keeps_the_best(
    language: str,
    page: Callable[..., Any],
    accessible: Callable[..., None],
    shoot: Callable[..., None],
) -> None:
    words = WORDS[language]
    lab = page(language, theme="dark", size=(390, 844), touch=True)
    strip = opened(lab, "lesson=noise")
    strip.get_by_text(words["not"]).wait_for()
    lab.evaluate("location.hash = 'lesson=noise/1&data=moons&noise=0.2&samples=200&pace=free'")
    lab.wait_for_function("() => location.hash.includes('pace=free')")
    lab.locator(".transport .play").click()
    strip.get_by_text(words["done"]).wait_for()
    strip.get_by_text(words["best"]).wait_for()
    accessible(lab, ".lesson")
    shoot(lab, f"level-{language}")
    strip.get_by_role("button", name=words["all"]).click()
    strip.locator("li .good").first.wait_for()


def test_a_lesson_of_the_course_and_a_file_of_a_teacher(
    page: Callable[..., Any], start_lab: Callable[..., Any], tmp_path: Path, browser: Any
) -> None:
    strip = opened(page("ko"), "lesson=relu")
    strip.get_by_text("dout[self.mask] = 0").first.wait_for()
    assert strip.locator(".lesson-place").inner_text()
    mine = tmp_path / "mine.md"
    mine.write_text("# Mine <b>\n## One\n% state: data=xor\nText.\n", encoding="utf-8")
    with start_lab("--lesson", str(mine)) as address:
        lab = browser.new_page()
        lab.goto(address)
        lab.get_by_role("heading", name="Mine <b>").wait_for(timeout=60_000)
        lab.wait_for_function("() => location.hash.includes('data=xor')")
        lab.close()


ROOMS_OF_LESSONS: dict[str, list[str]] = {}
for _lesson in lessons().values():
    _room = fields.from_address(_lesson.lab)[0].get("room", "playground")
    ROOMS_OF_LESSONS.setdefault(_room, []).append(_lesson.name)


@pytest.mark.parametrize("room", ROOMS_OF_LESSONS)
def test_a_lesson_of_the_course_opens_its_room(
    room: str, page: Callable[..., Any], shoot: Callable[..., None]
) -> None:
    """Every lesson that links to the room: its text beside the room, in the state of its link."""
    lab = page("ko")
    for name in ROOMS_OF_LESSONS[room]:
        strip = opened(lab, f"lesson={name}")
        strip.get_by_text(read(lessons()[name], "ko").title).first.wait_for()
        lab.locator(f"#room-{room}").wait_for()
        assert not strip.get_by_text(")=").count()  # a label of the text
        given = fields.from_address(lessons()[name].lab)[0]
        changed = [key for key in given if given[key] != fields.FIELDS[key].default]
        lab.wait_for_function(
            "keys => keys.every((key) => location.hash.includes(key + '='))", arg=changed
        )
        shoot(lab, f"lesson-of-the-course-{name}")
