"""The descent room, used as a person would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def address(page: Any, part: str) -> None:
    page.wait_for_function("part => location.hash.includes(part)", arg=part)


def words(page: Any, row: int = 1) -> Any:
    return page.locator(f".racers tbody tr:nth-child({row}) .words")


def step(page: Any) -> str:
    return str(page.locator(".step-words").inner_text())


def start(page: Any) -> str:
    return str(page.locator(".handle.start").get_attribute("aria-label"))


def picture(page: Any, which: str) -> str:
    return str(page.evaluate(f"document.querySelector('{which} canvas').toDataURL()"))


def redrawn(page: Any, which: str, old: str) -> str:
    """The next picture that is another one."""
    look = f"document.querySelector('{which} canvas').toDataURL()"
    page.wait_for_function(f"old => {look} !== old", arg=old)
    return picture(page, which)


def test_the_lessons_say_what_happens(page: Callable[..., Any]) -> None:
    lab = page("en", "descent")
    words(lab).get_by_text("It swings from side to side").wait_for()
    told = lab.locator(".room-about")
    assert told.inner_text().startswith("Each optimizer starts at the ring")
    lab.get_by_role("button", name="a rate that is too large", pressed=False).click()
    for row, said in enumerate(("Converged", "swings", "Oscillates", "Diverged"), 1):
        words(lab, row).get_by_text(said).first.wait_for()
    address(lab, "surface=bowl")
    told.get_by_text("1 jumps to and fro for ever").wait_for()
    lab.get_by_role("button", name="a rate that is too large", pressed=True).wait_for()
    lab.get_by_label("Optimizer 1").select_option("adam")
    told.get_by_text("Each optimizer starts at the ring").wait_for()  # it is no lesson any more
    lab.get_by_role("button", name="a rate that is too small").click()
    words(lab, 3).get_by_text("Too slow").wait_for()
    lab.get_by_role("button", name="stuck on a saddle").click()
    words(lab, 4).get_by_text("a saddle or a top").wait_for()
    lab.get_by_role("button", name="too few steps").click()
    words(lab, 3).get_by_text("Converged").wait_for()


def test_the_start_is_dragged_and_moved_with_keys(page: Callable[..., Any]) -> None:
    lab = page("ko", "descent", "surface=bowl&start_x=-3&start_y=2")
    words(lab).get_by_text("도착").wait_for()
    assert start(lab).startswith("시작점 (−3, 2)")
    box = lab.locator(".contour").bounding_box()
    grip = lab.locator(".handle.start").bounding_box()
    lab.mouse.move(grip["x"] + 11, grip["y"] + 11)
    lab.mouse.down()
    lab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)
    lab.mouse.up()
    lab.wait_for_function(
        "() => Math.abs(Number(document.querySelector('.handle.start').ariaLabel"
        ".match(/\\((.*?),/)[1].replace('−', '-'))) < 0.5"
    )
    lab.locator(".handle.start").focus()
    before = start(lab)
    lab.keyboard.press("Shift+ArrowRight")
    lab.keyboard.press("ArrowUp")
    lab.wait_for_function(
        "old => document.querySelector('.handle.start').ariaLabel !== old", arg=before
    )
    box_x = lab.get_by_role("textbox", name="시작점 x₀")
    box_x.fill("1.25")
    box_x.press("Enter")
    address(lab, "start_x=1.25")


def test_an_own_formula_and_what_is_wrong_with_it(page: Callable[..., Any]) -> None:
    lab = page("en", "descent")
    lab.get_by_role("combobox", name="Surface").select_option("own")
    box = lab.get_by_role("textbox", name="f(x0, x1) =")
    box.wait_for()
    problem = lab.locator(".problem")
    box.fill("x0^2 + x1 2")
    problem.get_by_text("Character 11: between “x1” and “2” a sign is missing").wait_for()
    assert box.get_attribute("aria-invalid") == "true"
    box.fill("__import__('os')")
    problem.get_by_text("Character 1: '_' is not allowed").wait_for()
    box.fill("sqrt(-1 - x0^2)")
    problem.get_by_text("f is a finite number nowhere").wait_for()
    box.fill("log(x0)")
    problem.get_by_text("At the start, f or its slope is no finite number").wait_for()
    box.fill("x0^2 + 3x1^2")
    lab.get_by_role("math", name="x0^2 + 3x1^2").wait_for()
    lab.wait_for_function("() => !document.querySelector('.problem').textContent")
    assert box.get_attribute("aria-invalid") == "false"
    address(lab, "surface_formula=")


@pytest.mark.parametrize(
    ("language", "said", "meanwhile"),
    [
        ("en", "Character 4: between “+” and “the end”", "Until then, this is drawn: "),
        ("ko", "4번째 글자: “+”와(과) “끝” 사이에", "그때까지 그리는 수식: "),
    ],
)
def test_a_link_with_a_formula_that_is_none_shows_a_surface(
    page: Callable[..., Any], language: str, said: str, meanwhile: str
) -> None:
    lab = page(language, "descent", "surface=own&surface_formula=x0%2B&start_x=3&start_y=2")
    lab.locator(".problem").get_by_text(said).wait_for()
    lab.locator(".problem").get_by_text(f"{meanwhile}x0^2/20 + x1^2").wait_for()
    lab.get_by_role("math", name="x0^2/20 + x1^2").wait_for()  # the default
    words(lab).locator("b").wait_for()
    assert start(lab).count("(3, 2)") == 1
    box = lab.locator(".formula-text")
    assert box.input_value() == "x0+" and box.get_attribute("aria-invalid") == "true"
    box.fill("x0^2+x1^2")
    lab.get_by_role("math", name="x0^2+x1^2").wait_for()
    box.fill("x0^2+x1^2+")
    lab.locator(".problem").get_by_text(f"{meanwhile}x0^2+x1^2").wait_for()
    assert lab.get_by_role("math", name="x0^2+x1^2").count() == 1  # the last that was one
    assert words(lab).locator("b").count() == 1


def test_dragging_the_start_asks_for_paths_only(page: Callable[..., Any]) -> None:
    lab = page("en", "descent", "surface=bowl&start_x=-3&start_y=2")
    words(lab).locator("b").wait_for()
    lab.wait_for_timeout(300)  # what the room asks when it is shown has been asked
    lab.evaluate("""() => {
      window.asked = [];
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (text) {
        const { t, what, field } = JSON.parse(text);
        if (what !== "here") asked.push(what ?? field ?? t);
        return send.call(this, text);
      };
    }""")
    grip = lab.locator(".handle.start").bounding_box()
    lab.mouse.move(grip["x"] + 11, grip["y"] + 11)
    lab.locator(".tooltip").get_by_text("f = 13").wait_for()
    lab.mouse.down()
    assert lab.locator(".tooltip").is_hidden()
    before = start(lab)
    moved = lab.evaluate("""before => new Promise((done) => {
      const handle = document.querySelector(".handle.start");
      const box = handle.getBoundingClientRect();
      const at = { clientX: box.x + 40, clientY: box.y + 11, pointerId: 1, bubbles: true };
      handle.dispatchEvent(new PointerEvent("pointermove", at));
      done(handle.ariaLabel !== before);
    })""", before)  # fmt: skip
    assert moved  # at once, before any answer
    lab.mouse.move(grip["x"] + 80, grip["y"] + 31, steps=20)
    lab.mouse.up()
    lab.wait_for_function("() => asked.includes('start_y')")
    lab.wait_for_timeout(300)
    asked = lab.evaluate("asked")
    assert "race" in asked and "surface" not in asked
    assert asked.count("start_x") < 10  # when the hand rests, not with every move
    told = lab.evaluate("document.querySelector('.handle.start').ariaLabel.match(/\\((.*?),/)[1]")
    box = lab.get_by_role("textbox", name="Start x₀")
    assert float(box.input_value().replace("−", "-")) == pytest.approx(
        float(told.replace("−", "-")), rel=0.01
    )
    address(lab, f"start_x={told.replace('−', '-')}")


def test_optimizers_are_added_changed_and_removed(page: Callable[..., Any]) -> None:
    lab = page("en", "descent", "race=sgd_0.1_20")
    rows = lab.locator(".racers tbody tr")
    assert rows.count() == 1 and lab.get_by_role("button", name="Remove 1").is_disabled()
    for count in range(2, 7):
        lab.get_by_role("button", name="One more optimizer").click()
        rows.nth(count - 1).wait_for()
    lab.get_by_text("6 are the most.").wait_for()
    assert lab.get_by_role("button", name="One more optimizer").is_disabled()
    lab.get_by_label("Optimizer 2").select_option("adam")
    address(lab, "race=sgd_0.1_20,adam_0.1_20")
    rate = lab.get_by_role("textbox", name="Learning rate of 2, Adam")
    rate.fill("0.3")
    rate.press("Enter")
    steps = lab.get_by_role("textbox", name="Steps of 2, Adam")
    steps.fill("45")
    steps.press("Enter")
    address(lab, "adam_0.3_45")
    lab.wait_for_function("() => document.querySelector('.step-words').textContent.includes('45')")
    steps.fill("9999")
    steps.press("Enter")
    lab.locator(".message").get_by_text("Steps must be a whole number from 0 to 500").wait_for()
    lab.wait_for_function("() => document.querySelectorAll('.racers tbody tr')[1]"
                          ".querySelectorAll('input.number')[1].value === '45'")  # fmt: skip
    for _ in range(5):
        lab.get_by_role("button", name="Remove 1,").click()
    lab.wait_for_function("() => location.hash.endsWith('race=sgd_0.1_20')")
    assert rows.count() == 1


def test_a_number_out_of_range_is_said_in_the_page_s_language(page: Callable[..., Any]) -> None:
    lab = page("ko", "descent")
    for name, wrong, said in (
        ("시작점 x₀", "1e5", "시작점 x₀: -100부터 100까지의 수"),
        ("1번 SGD의 학습률", "0", "학습률: 0.000001부터 100까지의 수"),
        ("1번 SGD의 스텝 수", "3.5", "스텝 수: 0부터 500까지의 정수"),
    ):
        box = lab.get_by_role("textbox", name=name)
        box.fill(wrong)
        box.press("Enter")
        lab.locator(".message").get_by_text(said).wait_for()


def test_steps_are_played_scrubbed_and_taken_singly(page: Callable[..., Any]) -> None:
    lab = page("en", "descent", "race=sgd_0.9_12&race_speed=60")
    lab.get_by_text("step 12 of 12").wait_for()
    lab.get_by_role("button", name="One step back").click()
    address(lab, "race_step=11")
    assert step(lab) == "step 11 of 12"
    slider = lab.get_by_role("slider", name="Step", exact=True)
    slider.focus()
    lab.keyboard.press("Home")
    assert step(lab) == "step 0 of 12"
    address(lab, "race_step=0")
    assert lab.locator(".racers .where").inner_text() == "(−7, 2)"
    lab.get_by_role("button", name="Play").click()
    lab.get_by_text("step 12 of 12").wait_for()
    lab.get_by_role("button", name="Play").wait_for()
    lab.locator(".racers .where").click()  # beside all controls
    lab.locator("body").press(",")
    lab.get_by_text("step 11 of 12").wait_for()


def test_the_surface_is_turned_with_mouse_and_keys(page: Callable[..., Any]) -> None:
    lab = page("en", "descent", "surface=waves&start_x=3.9&start_y=3.4")
    words(lab).locator("b").wait_for()
    first = picture(lab, ".surface")
    lab.locator(".surface canvas[tabindex]").focus()
    lab.keyboard.press("ArrowLeft")
    second = redrawn(lab, ".surface", first)
    box = lab.locator(".surface").bounding_box()
    lab.mouse.move(box["x"] + 100, box["y"] + 100)
    lab.mouse.down()
    lab.mouse.move(box["x"] + 180, box["y"] + 130, steps=4)
    lab.mouse.up()
    redrawn(lab, ".surface", second)
    address(lab, "view_turn=")
    address(lab, "view_tilt=")
    contour = picture(lab, ".contour")
    lab.get_by_role("checkbox", name="Arrows").uncheck()
    redrawn(lab, ".contour", contour)


def test_a_path_behind_a_hill_is_faint(page: Callable[..., Any]) -> None:
    strongest = """() => {
      const canvas = document.querySelector(".surface .over");
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((most, value, i) => (i % 4 === 3 && value > most ? value : most), 0);
    }"""
    hill = "surface=own&surface_formula=exp(-x0%5E2-x1%5E2)&surface_reach=3&race=sgd_1_40"
    hill += "&start_x=0.1&start_y=0.8&view_tilt=0.2"
    lab = page("en", "descent", f"{hill}&view_turn=0")
    words(lab).locator("b").wait_for()
    lab.wait_for_function(f"() => ({strongest})() > 0")
    assert lab.evaluate(strongest) < 220  # faint things may lie on each other
    lab.evaluate("to => location.hash = to", f"#room=descent&{hill}&view_turn=3.14")
    lab.wait_for_function(f"() => ({strongest})() === 255")  # now it lies before the hill


def test_a_link_shows_the_surface_from_where_it_was_seen(page: Callable[..., Any]) -> None:
    lab = page("en", "descent", "view_turn=0.5&view_tilt=1.1")
    words(lab).locator("b").wait_for()
    seen = picture(lab, ".surface")
    lab.evaluate("location.hash = '#room=descent'")
    redrawn(lab, ".surface", seen)


@pytest.mark.parametrize(
    ("language", "theme", "more"),
    [
        ("en", "light", ""),
        ("ko", "dark", "surface=four&log_height=1&start_x=0&race=sgd_0.01_60,adam_1_60"),
        ("ko", "light", "surface=own&surface_formula=x0%5E2%2Bx1%5E2%2Bsin(3*x0&start_x=-3"),
        ("en", "dark", "surface=banana&start_x=-1.5&start_y=2.5&log_height=1&race=adam_0.1_200"),
    ],
)
def test_it_is_accessible(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None],
    language: str, theme: str, more: str,
) -> None:  # fmt: skip
    lab = page(language, "descent", more, theme=theme)
    lab.wait_for_timeout(400)
    shoot(lab, f"descent-{language}-{theme}")
    accessible(lab)


def test_nothing_is_cut_off_on_a_tablet(
    page: Callable[..., Any], shoot: Callable[..., None]
) -> None:
    for size in ((820, 1180), (1180, 820)):
        lab = page("en", "descent", size=size)
        words(lab).get_by_text("It swings").wait_for()
        shoot(lab, f"descent-{size[0]}")
        wide = "() => document.querySelector('#room-descent').scrollWidth <= innerWidth"
        assert lab.evaluate(wide), size
