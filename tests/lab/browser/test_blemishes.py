"""Small things that were wrong once, each held by what a person would have seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

SMALL = "data=moons&samples=20&layers=3.tanh&pace=20"
FLOWERS = "꽃받침 길이(cm),무게(kg),색,품종\n" + "".join(
    f"{5 + k},{k + i / 40},{i % 7},{('setosa', 'versicolor', 'virginica')[k]}\n"
    for i in range(40)
    for k in range(3)
)
# What is written on a canvas: each text with the pixels that it takes of its canvas.
WRITTEN = """() => {
  const plain = CanvasRenderingContext2D.prototype.fillText;
  window.written = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...more) {
    const wide = this.measureText(text).width;
    const left = x - { center: wide / 2, right: wide, end: wide }[this.textAlign] || x;
    const ratio = this.getTransform().a || 1;
    if (this.canvas.clientWidth && text)
      window.written.push([text, left * ratio, (left + wide) * ratio, this.canvas.width]);
    return plain.call(this, text, x, y, ...more);
  };
}"""


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def epoch(page: Any, number: int) -> None:
    page.wait_for_function(
        "(n) => document.querySelector('.numbers b').textContent === n", arg=str(number)
    )


def drop(page: Any, where: str, name: str, text: str) -> None:
    data = page.evaluate_handle(
        """([name, text]) => {
          const data = new DataTransfer();
          data.items.add(new File([text], name, { type: "text/csv" }));
          return data;
        }""",
        [name, text],
    )
    for kind in ("dragover", "drop"):
        page.dispatch_event(where, kind, {"dataTransfer": data})


@pytest.mark.parametrize("where", ["header.top", "#room-step"])
def test_a_table_is_taken_wherever_it_is_dropped(page: Callable[..., Any], where: str) -> None:
    lab = page("ko", "step", SMALL)
    lab.locator(".nudge-result p").first.wait_for()
    drop(lab, where, "꽃.csv", FLOWERS)
    lab.locator("#room-playground").wait_for()
    lab.get_by_role("heading", name="꽃.csv").wait_for()


def test_names_are_whole_at_inputs_and_in_the_confusion_matrix(
    page: Callable[..., Any], tmp_path: Path, shoot: Callable[..., None]
) -> None:
    file = tmp_path / "꽃.csv"
    file.write_text(FLOWERS, encoding="utf-8")
    lab = page("ko")
    lab.locator("input[type=file][accept*=csv]").first.set_input_files(file)
    lab.get_by_role("heading", name="꽃.csv").wait_for()
    lab.locator("[data-panel=matrix]").click()
    lab.locator(".counts th").first.wait_for()
    cut = "(all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1"
    cut += " || e.scrollHeight > e.clientHeight + 1).map((e) => e.textContent)"
    assert lab.locator(".unit .name").all_inner_texts() == ["꽃받침 길이(cm)", "무게(kg)", "색"]
    assert lab.locator(".unit .name").evaluate_all(cut) == []
    names = lab.locator(".counts th span").all_inner_texts()
    assert names == ["setosa", "versicolor", "virginica"] * 2
    assert lab.locator(".counts th").evaluate_all(cut) == []
    shoot(lab, "names-ko")


def test_what_is_written_in_a_chart_is_not_cut(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    lab.evaluate(WRITTEN)
    for _ in range(2):
        button(lab, "One epoch").click()
    epoch(lab, 2)
    for room in ("descent", "functions", "digits", "playground"):
        lab.locator(f"#tab-{room}").click()
        lab.locator(f"#room-{room}").wait_for()
        lab.wait_for_timeout(500)
    lab.set_viewport_size({"width": 1100, "height": 700})
    lab.wait_for_timeout(300)
    found = lab.evaluate("() => window.written")
    assert len(found) > 40
    assert [one for one in found if one[1] < -1 or one[2] > one[3] + 1] == []
    lab.locator("[data-panel=layers]").click()
    lab.locator(".histogram .ends").first.wait_for()
    lab.wait_for_function("() => document.querySelector('.ends span').textContent")
    boxes = lab.locator(".histogram .ends").evaluate_all(
        "(all) => all.map((e) => [...e.children].map((s) => s.getBoundingClientRect().toJSON()))"
    )
    for row in boxes:
        for one, other in pairwise(row):
            assert one["right"] + 2 <= other["left"]
    for one, other in zip(boxes[::2], boxes[1::2], strict=True):  # activations | gradients
        assert one[-1]["right"] + 4 <= other[0]["left"]


def test_a_weight_says_what_it_is_while_it_learns(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    lab.locator(".unit").first.wait_for()
    lines = "() => document.querySelector('.tooltip')?.textContent ?? ''"
    box = lab.locator(".view.network").bounding_box()
    for share in range(15, 85):  # until the pointer is on a line
        y = box["y"] + box["height"] * share / 100
        lab.mouse.move(box["x"] + box["width"] * 0.3, y)
        if lab.evaluate(lines).startswith("w = "):
            break
    before = lab.evaluate(lines)
    assert before.startswith("w = ")
    lab.keyboard.press("Space")
    lab.wait_for_function("(b) => document.querySelector('.tooltip').textContent !== b", arg=before)
    assert lab.evaluate(lines).startswith("w = ")


def test_all_findings_lie_within_the_window(page: Callable[..., Any]) -> None:
    address = "data=spiral&layers=6.relu,6.relu,6.relu&learning_rate=10&optimizer=sgd&pace=60"
    lab = page("en", address=address)
    button(lab, "Play").click()
    more = lab.locator(".diagnosis button", has_text="more")
    more.wait_for()
    button(lab, "Pause").click()
    more.click()
    listed = lab.locator(".popover .findings")
    listed.wait_for()
    box = lab.locator(".popover").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 720
    last = listed.locator("li").last
    last.scroll_into_view_if_needed()
    end = last.bounding_box()
    assert end["y"] + end["height"] <= box["y"] + box["height"] + 1


def test_a_message_goes_with_its_reason(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    message = lab.locator(".message")
    drop(lab, "#room-playground", "broken.csv", "a,b\n1,2\n1\n")
    message.wait_for()
    drop(lab, "#room-playground", "good.csv", FLOWERS)  # the next file works
    lab.get_by_role("heading", name="good.csv").wait_for()
    message.wait_for(state="hidden")
    drop(lab, "#room-playground", "broken.csv", "a,b\n1,2\n1\n")
    message.wait_for()
    lab.wait_for_timeout(2100)  # what is told just before belongs to the room that opens
    lab.get_by_role("tab", name="Functions").click()
    message.wait_for(state="hidden")
    lab.evaluate("() => { location.hash = 'dat=moons&batch=5'; location.reload(); }")
    lab.locator(".message p").wait_for()
    said = lab.locator(".message p").inner_text()
    assert "there is no setting 'dat' (data?)" in said and len(said) < 300


def test_a_mistake_that_does_not_show_says_when_it_does(page: Callable[..., Any]) -> None:
    lab = page("en", "step", f"{SMALL}&mistakes=prediction_overwritten")
    lab.get_by_text("The mistake does not show in this step.").wait_for()
    lab.get_by_text("choose “mean squared error” as the loss").wait_for()
    shown = page("en", "step", f"{SMALL}&mistakes=prediction_overwritten&loss=mean_squared_error")
    shown.locator(".check-verdict.is-off").wait_for()


def test_how_it_will_end_is_said_with_its_step_even_before_the_race_is_there(
    page: Callable[..., Any],
) -> None:
    lab = page("en", address="race=sgd_0.0001_300&race_speed=20&race_step=0", late=400)
    lab.get_by_role("tab", name="Descent").click()
    lab.locator("#room-descent .player .play").click()  # the paths have not come
    words = lab.locator(".racers .words")
    lab.wait_for_function(
        "() => document.querySelector('.racers .words').dataset.when === 'At step 300:'"
    )
    lab.wait_for_function(
        "() => { const at = parseInt(document.querySelector('.step-words').textContent.slice(5));"
        " return at > 1 && at < 300; }"
    )
    lab.locator("#room-descent .player .play").click()
    lab.get_by_label("Language").select_option("ko")
    lab.wait_for_function(
        "() => document.querySelector('.racers .words').dataset.when.startsWith('300')"
    )
    lab.locator(".player input[type=range]").press("End")
    assert words.get_attribute("data-when") == ""


def test_a_point_of_the_losses_is_none_of_the_activations(page: Callable[..., Any]) -> None:
    lab = page("en", "functions", "curves=losses&predicts=count&tangent_at=5")
    lab.locator("[data-kind=activations].segments, button[data-kind=activations]").first.click()
    lab.wait_for_url(re.compile("^(?!.*tangent_at=5)(?!.*curves=losses)"))


def test_points_are_drawn_taken_away_and_drawn_by_keyboard(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None]
) -> None:
    lab = page("en", address="data=drawn")
    field = lab.locator(".map.drawing")
    box = field.bounding_box()
    points = "(n) => (/points=([^&]*)/.exec(location.hash)?.[1].length ?? 0) === 4 * n"

    def there(count: int) -> None:
        lab.wait_for_function(points, arg=count)

    at = (box["x"] + 0.5 * box["width"], box["y"] + 0.3 * box["height"])
    lab.mouse.click(*at)
    there(1)
    lab.mouse.move(at[0] + 3, at[1] + 30)
    assert lab.locator(".tooltip").is_hidden()  # it would lie where one draws
    lab.mouse.move(at[0], at[1] + 40)
    lab.mouse.down()
    lab.mouse.move(at[0], at[1] + 80, steps=8)
    lab.mouse.up()
    lab.wait_for_function(points.replace("=== 4", "> 4"), arg=3)
    lab.mouse.move(10, 500)
    button(lab, "Take back").click()  # the line, not ten points
    there(1)
    lab.mouse.click(*at)  # on the point: it goes
    there(0)
    field.focus()
    for key in ("ArrowUp", "ArrowUp", "Space", "ArrowLeft", "Space"):
        field.press(key)
    there(2)
    shoot(lab, "drawn-by-keys")
    field.press("Delete")
    there(1)
    accessible(lab)


def test_a_word_that_was_pressed_is_not_explained_over_what_it_does(
    page: Callable[..., Any],
) -> None:
    lab = page("en", address=SMALL)
    button(lab, "Play").click()
    button(lab, "Pause").wait_for()  # its text changed under the pointer
    lab.wait_for_timeout(300)
    assert lab.locator(".tooltip").is_hidden()


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [("en", "dark", (390, 844)), ("ko", "light", (390, 844)), ("en", "light", (640, 360))],
    ids=["phone-en", "phone-ko", "text-at-200"],  # 1280 × 720 with everything twice as large
)
def test_nothing_is_drawn_beside_a_small_screen(
    page: Callable[..., Any], shoot: Callable[..., None], language: str, theme: str,
    size: tuple[int, int],
) -> None:  # fmt: skip
    lab = page(language, address=SMALL, theme=theme, size=size, touch=size[0] < 500)
    lab.locator(".unit").first.wait_for()
    out = """() => [...document.querySelectorAll("[role=tabpanel]:not([hidden]) .view")]
      .map((view) => [view.className, view.getBoundingClientRect()])
      .filter(([, box]) => box.width && (box.right > window.innerWidth + 1 || box.width < 60))
      .map(([name, box]) => `${name}: ${box.left} to ${box.right}`)"""
    for tab in lab.locator("[role=tab]").all():
        tab.click()
        lab.locator(f"#{tab.get_attribute('aria-controls')}").wait_for()
        lab.wait_for_timeout(300)
        assert lab.evaluate(out) == [], tab.inner_text()
        assert lab.evaluate("() => document.documentElement.scrollWidth") <= size[0]
    lab.get_by_role("tab").first.click()
    lab.locator("[data-panel=curves]").scroll_into_view_if_needed()
    assert lab.locator(".results .curve").first.bounding_box()["width"] > 240
    shoot(lab, f"small-{language}-{size[0]}")


def test_a_page_too_many_lost_nothing_and_says_so(browser: Any, lab_address: str) -> None:
    opened = browser.new_context(locale="ko-KR").new_page()
    reason = "at most 8 pages at once: close another"  # as the server says it
    opened.route_web_socket(re.compile("/ws$"), lambda ws: ws.close(code=1008, reason=reason))
    opened.goto(lab_address)
    told = opened.locator(".lost")
    told.get_by_text("이미 최대 8개 열려 있습니다").wait_for()
    assert "잃은 것은 없습니다" in told.inner_text() and "at most" not in told.inner_text()
    opened.context.close()
