"""The playground, used as a person would."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from glassnet.lab.server import warm

SMALL = "samples=20&layers=3.tanh&pace=300"
TABLE = "width,height,depth,kind\n" + "".join(
    f"{w},{w * h},{h % 2},{'tall' if h > 2 else 'flat'}\n" for w in range(1, 9) for h in range(1, 6)
)


def status(page: Any) -> str:
    return str(page.locator(".numbers").inner_text())


def epoch(page: Any) -> int:
    return int(page.locator(".numbers b").first.inner_text().split()[0])


def epoch_is_over(page: Any, least: int) -> None:
    page.wait_for_function(
        "least => parseInt(document.querySelector('.numbers b').textContent) >= least", arg=least
    )


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def address(page: Any, part: str) -> None:
    page.wait_for_function("part => location.hash.includes(part)", arg=part)


def test_play_pause_one_batch_one_epoch_and_start_anew(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    assert epoch(lab) == 0
    button(lab, "Play").click()
    epoch_is_over(lab, 3)
    button(lab, "Pause").click()
    button(lab, "Play").wait_for()
    button(lab, "Start anew").click()
    lab.wait_for_function("() => document.querySelector('.numbers b').textContent === '0'")
    button(lab, "One batch").click()
    place = "() => document.querySelector('.numbers b').textContent"
    lab.wait_for_function(f"{place} === '0, batch 1 of 2'")
    button(lab, "One epoch").click()
    lab.wait_for_function("() => document.querySelector('.numbers b').textContent === '1'")


@pytest.mark.parametrize(
    ("language", "begin", "next_"),
    [("en", "Press Play", "One step follows"), ("ko", "시작(스페이스)을 누르면", "한 스텝 탭")],
)
def test_a_line_says_what_to_do_next(
    page: Callable[..., Any], language: str, begin: str, next_: str
) -> None:
    lab = page(language, address=SMALL)
    line = lab.locator(".now")
    line.get_by_text(begin).wait_for()
    lab.keyboard.press(".")
    line.get_by_text(next_).wait_for()


CANVAS = """() => {
  const canvas = document.querySelector(".view.network canvas");
  const copy = document.createElement("canvas");
  Object.assign(copy, { width: canvas.width, height: canvas.height });
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height).data;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tiles_that_are_drawn_when_they_change_are_those_of_a_whole_drawing(
    page: Callable[..., Any], theme: str
) -> None:
    """The maps, biases, crosses and outputs of frames; a unit that is pointed at draws all anew."""
    lab = page("en", address="data=moons&layers=5.relu,4.tanh&learning_rate=0.3", theme=theme)
    button(lab, "Play").click()
    epoch_is_over(lab, 60)
    button(lab, "Pause").click()
    button(lab, "Play").wait_for()
    lab.mouse.move(5, 5)
    lab.wait_for_timeout(300)  # the last frame, and the tooltip of the button
    lab.evaluate(f"() => (window.kept = ({CANVAS})())")
    lab.locator(".view.network button.unit").nth(3).hover()
    lab.mouse.move(5, 5)
    lab.wait_for_timeout(300)
    different = lab.evaluate(f"""() => {{
      const now = ({CANVAS})();
      const w = document.querySelector(".view.network canvas").width;
      const found = [];
      for (let i = 0; i < now.length; i++)
        if (Math.abs(now[i] - window.kept[i]) > 2)
          found.push([(i >> 2) % w, Math.floor((i >> 2) / w)]);
      return found;
    }}""")
    assert not different


def test_the_server_has_prepared_what_a_page_asks_for_first(browser: Any, lab_address: str) -> None:
    asked: list[dict[str, Any]] = []
    opened = browser.new_context().new_page()
    opened.on("websocket", lambda socket: socket.on(
        "framesent", lambda text: asked.append(json.loads(text))))  # fmt: skip
    opened.goto(lab_address)
    opened.locator(".waiting").wait_for(state="hidden")
    opened.context.close()
    first = next(message["want"] for message in asked if message.get("want"))
    assert set(first) - {"scales"} == set(warm.FIRST)


def test_it_runs_until_a_condition_and_stops_there(page: Callable[..., Any]) -> None:
    lab = page("ko", address=SMALL)
    button(lab, "조건까지 실행…").click()
    box = lab.get_by_role("textbox", name="값", exact=True)
    box.fill("7")
    box.press("Enter")
    address(lab, "until_value=7")
    button(lab, "실행").click()
    epoch_is_over(lab, 7)
    button(lab, "시작").wait_for()
    assert epoch(lab) == 7


def test_layers_and_units_are_added_and_removed(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    units = lab.locator(".network .unit")
    before = units.count()
    button(lab, "One more unit in hidden layer 1").click()
    address(lab, "layers=4.tanh")
    assert units.count() == before + 1
    button(lab, "One more hidden layer").click()
    address(lab, "layers=4.tanh,4.tanh")
    button(lab, "One unit less in hidden layer 2").click()
    address(lab, "layers=4.tanh,3.tanh")
    lab.get_by_label("Activation of hidden layer 2").select_option("relu")
    address(lab, "layers=4.tanh,3.relu")
    button(lab, "One hidden layer less").click()
    address(lab, "layers=4.tanh&")
    lab.get_by_role("button", name="Input x₁²").click()
    address(lab, "features=x1,x2,x1^2")


def test_a_new_rate_does_not_restart_and_another_seed_does(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    button(lab, "One epoch").click()
    epoch_is_over(lab, 1)
    rate = lab.get_by_role("textbox", name="Learning rate")
    rate.fill("0.3")
    rate.press("Enter")
    address(lab, "learning_rate=0.3")
    button(lab, "One epoch").click()
    epoch_is_over(lab, 2)
    button(lab, "other weights").click()
    lab.wait_for_function("() => document.querySelector('.numbers b').textContent === '0'")


def test_a_number_that_changes_while_its_box_has_the_focus_is_typed_over(
    page: Callable[..., Any],
) -> None:
    lab = page("en", address=SMALL)
    rate = lab.get_by_role("textbox", name="Learning rate")
    rate.focus()
    lab.evaluate("location.hash += '&learning_rate=0.5'")
    lab.wait_for_function("() => document.activeElement.value === '0.5'")
    lab.keyboard.insert_text("0.3")
    lab.keyboard.press("Enter")
    address(lab, "learning_rate=0.3")


def test_a_number_out_of_range_is_answered_in_words(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    rate = lab.get_by_role("textbox", name="Learning rate")
    rate.fill("99")
    rate.press("Enter")
    lab.locator(".message").get_by_text("Learning rate must be a number from 0.00001 to").wait_for()
    assert rate.input_value() == "0.02"


def test_language_and_theme_are_switched_in_place(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    assert lab.locator("html").get_attribute("lang") == "en"
    lab.get_by_label("Language").select_option("ko")
    button(lab, "시작").wait_for()
    assert lab.locator("html").get_attribute("lang") == "ko"
    paper = "getComputedStyle(document.body).backgroundColor"
    light = lab.evaluate(paper)
    lab.get_by_label("밝게 또는 어둡게").select_option("dark")
    lab.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    assert lab.evaluate(paper) != light
    address(lab, "language=ko&theme=dark")


def test_a_weight_is_set_by_hand(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    lab.get_by_role("button", name="Layer 1, unit 2").click()
    box = lab.get_by_role("dialog").get_by_role("textbox", name="x₁")
    old = status(lab)
    box.fill("-1.25")
    box.press("Enter")
    lab.wait_for_function("old => document.querySelector('.numbers').innerText !== old", arg=old)
    lab.get_by_role("button", name="Layer 1, unit 2").click()
    assert box.input_value() == "-1.25"


def test_a_unit_that_is_clicked_before_the_first_frame_opens_with_it(
    page: Callable[..., Any],
) -> None:
    lab = page("en", address=SMALL, late=500)
    button(lab, "Layer 1, unit 2").click()
    lab.get_by_role("dialog").get_by_role("textbox", name="x₂").wait_for()


def test_a_click_into_a_box_closes_the_dialog_and_has_the_focus(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    button(lab, "Layer 1, unit 2").click()
    lab.get_by_role("dialog").wait_for()
    lab.get_by_role("textbox", name="Learning rate").click()
    lab.locator(".popover").wait_for(state="detached")
    lab.keyboard.press("Control+a")
    lab.keyboard.type("0.3")
    lab.keyboard.press("Enter")
    address(lab, "learning_rate=0.3")


def test_two_clicks_at_once_both_count(page: Callable[..., Any]) -> None:
    lab = page("en", address="samples=20&layers=3.tanh,2.tanh,2.relu", late=300)
    for name in ("Input x₁²", "Input x₂²"):
        lab.get_by_role("button", name=name).click()
    for _ in range(2):
        button(lab, "One hidden layer less").click()
    button(lab, "other weights").dblclick()
    address(lab, "features=x1,x2,x1^2,x2^2")
    address(lab, "layers=3.tanh&")
    address(lab, "seed=2")  # it was 0


def test_a_table_is_learned_from_and_a_broken_one_changes_nothing(
    page: Callable[..., Any], tmp_path: Path
) -> None:
    lab = page("en", address=SMALL)
    good, broken = tmp_path / "mine.csv", tmp_path / "broken.csv"
    good.write_text(TABLE)
    broken.write_bytes(b"\x00\xff,,,\n\n\n<script>alert(1)</script>")
    chooser = lab.locator(".own input[type=file]")
    chooser.set_input_files(good)
    lab.get_by_role("heading", name="mine.csv").wait_for()
    address(lab, "data=own")
    lab.get_by_role("button", name="Input width").wait_for()
    chooser.set_input_files(broken)
    lab.locator(".message").wait_for()
    assert lab.get_by_role("heading", name="mine.csv").is_visible()


def test_a_table_as_a_korean_spreadsheet_saves_it(page: Callable[..., Any], tmp_path: Path) -> None:
    lab = page("ko", address=SMALL)
    file = tmp_path / "꽃.csv"
    chooser = lab.locator(".own input[type=file]")
    for name, encoding in (("너비", "cp949"), ("넓이", "utf-8-sig")):
        file.write_text(TABLE.replace("width", name).replace("tall", "큼"), encoding=encoding)
        chooser.set_input_files(file)
        lab.get_by_role("button", name=f"입력 {name}").wait_for()
    assert "큼" in lab.locator(".legend").inner_text()
    lab.locator(".own-more summary").click()
    done = lab.locator(".own-notes li").all_inner_texts()
    assert done and all(any("가" <= c <= "힣" for c in line) for line in done)
    button(lab, "공유").click()
    lab.locator(".share .note").get_by_text("표는 링크에 들어가지 않습니다").wait_for()
    button(lab, "완료").click()
    file.write_bytes("너비".encode("utf-16"))
    chooser.set_input_files(file)
    lab.locator(".message").get_by_text("CP949").wait_for()
    file.write_text("a,a,b\n" + "1,2,3\n4,5,6\n" * 9)
    chooser.set_input_files(file)
    lab.locator(".message").get_by_text("'a' 열이 둘 이상입니다").wait_for()


def test_the_address_reproduces_the_state(page: Callable[..., Any]) -> None:
    lab = page("en", address="data=xor&noise=0.2&layers=5.relu,2.tanh&seed=7&optimizer=sgd&l2=0.01")
    button(lab, "One epoch").click()
    epoch_is_over(lab, 1)
    numbers = status(lab).split("time per epoch")[0]
    other = page("en", address=lab.evaluate("location.hash.slice(1)"))
    button(other, "One epoch").click()
    epoch_is_over(other, 1)
    assert status(other).split("time per epoch")[0] == numbers
    assert other.get_by_label("Optimizer").input_value() == "sgd"


def test_a_teacher_hides_controls_and_the_state_is_saved(
    page: Callable[..., Any], tmp_path: Path
) -> None:
    lab = page("en", address=SMALL)
    button(lab, "Share").click()
    lab.get_by_text("Hide controls in the link").click()
    lab.get_by_role("dialog").get_by_label("Optimizer").check()
    lab.get_by_role("dialog").get_by_label("Classic mistakes").check()
    link = lab.get_by_role("textbox", name="Link")
    lab.wait_for_function(
        "() => document.querySelector('dialog input').value.includes('hide=mistakes,optimizer')"
    )
    with lab.expect_download() as saved:
        button(lab, "Save file").click()
    saved.value.save_as(tmp_path / "state.json")
    assert json.loads((tmp_path / "state.json").read_text())["format"] == "glassnet lab"
    pupil = page("en", address=link.input_value().partition("#")[2])
    assert pupil.get_by_label("Loss", exact=True).is_visible()
    assert not pupil.get_by_label("Optimizer").is_visible()
    pupil.get_by_role("tab", name="One step").click()
    pupil.locator(".check-verdict", has_text="agree").wait_for()
    assert not pupil.get_by_text("Classic mistakes").is_visible()


def test_the_keyboard_is_enough(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    seen = []
    for _ in range(40):  # Tab goes around the page and comes to what matters
        lab.keyboard.press("Tab")
        seen.append(lab.evaluate(
            "(document.activeElement.ariaLabel ?? '') + ' ' + document.activeElement.textContent"
        ).strip())  # fmt: skip
    for wanted in ("Playground", "Share", "Moons", "One more hidden layer", "Input x₁", "Play"):
        assert any(wanted in one for one in seen), f"Tab never comes to {wanted}: {seen}"
    lab.get_by_role("radio", name="Moons").focus()
    lab.keyboard.press("ArrowRight")
    address(lab, "data=circles")
    lab.get_by_role("button", name="Input x₁", exact=True).focus()
    lab.keyboard.press("ArrowRight")
    lab.keyboard.press("Enter")  # opens the unit
    lab.get_by_role("dialog").wait_for()
    lab.keyboard.press("Escape")
    lab.locator(".popover").wait_for(state="detached")
    lab.wait_for_function("() => document.activeElement.matches('.unit')")  # back where it was
    lab.evaluate("document.activeElement.blur()")
    lab.keyboard.press(" ")  # plays, wherever no control has the focus
    epoch_is_over(lab, 1)
    lab.keyboard.press(" ")
    button(lab, "Play").wait_for()


def test_what_changes_the_network_keeps_the_focus(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    for name, key, part in (
        ("One more unit in hidden layer 1", "Enter", "layers=4.tanh"),
        ("One more unit in hidden layer 1", "Enter", "layers=5.tanh"),
        ("Input x₁²", "Enter", "features=x1,x2,x1^2"),
        ("Activation of hidden layer 1", "ArrowDown", "layers=5.sigmoid"),
    ):
        lab.get_by_label(name, exact=True).focus()
        lab.keyboard.press(key)
        address(lab, part)
        assert lab.evaluate("document.activeElement.ariaLabel") == name


def test_it_tells_what_broke_and_cures_it(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL + "&optimizer=sgd&learning_rate=10&loss=mean_squared_error"
               "&data=plane&layers=8.relu,8.relu")  # fmt: skip
    lab.evaluate("""() => {
      const line = document.querySelector(".diagnosis");
      window.said = [];
      const watch = new MutationObserver(() => window.said.push(line.innerText));
      watch.observe(line, { childList: true });
    }""")
    button(lab, "Play").click()
    lab.locator(".diagnosis p", has_text="The loss became NaN").wait_for()
    button(lab, "Play").wait_for()
    lab.locator(".diagnosis").get_by_role("button", name="Learning rate").click()
    lab.wait_for_function("() => !location.hash.includes('learning_rate=10')")
    said = lab.evaluate("window.said")
    # What is said already is not made anew: its button may be under the mouse just now.
    assert all(one != next_ for one, next_ in pairwise(said)), said


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [("en", "light", (1280, 720)), ("ko", "dark", (1280, 720)), ("ko", "light", (820, 1180)),
     ("en", "dark", (820, 1180))],
)  # fmt: skip
def test_it_is_accessible(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None],
    tidy: Callable[[Any], None],
    language: str, theme: str, size: tuple[int, int],
) -> None:  # fmt: skip
    lab = page(language, address="data=spiral&panel=matrix", theme=theme, size=size)
    accessible(lab)
    shoot(lab, f"playground-{language}-{theme}-{size[0]}")
    tidy(lab)


@pytest.mark.parametrize(
    ("language", "more", "skip", "reason", "add"),
    [("en", "Dropout, batch norm and skip connection of hidden layer {}", "Skip connection",
      "that has 3, this one 2", "One more unit in hidden layer 1"),
     ("ko", "은닉층 {}의 드롭아웃, 배치 정규화, 스킵 연결", "스킵 연결", "앞 층은 3개, 이 층은 2개",
      "은닉층 1에 유닛 하나 더하기")],
)  # fmt: skip
def test_a_skip_connection_is_switched_on_where_it_fits_and_dropped_where_not(
    language: str, more: str, skip: str, reason: str, add: str,
    page: Callable[..., Any], accessible: Callable[..., None], tidy: Callable[[Any], None],
    shoot: Callable[[Any, str], None],
) -> None:  # fmt: skip
    theme = "dark" if language == "ko" else "light"
    lab = page(language, address="samples=20&layers=3.tanh,3.relu,2.tanh", theme=theme)
    button(lab, more.format(3)).click()
    assert lab.get_by_role("checkbox", name=skip).is_disabled()
    lab.get_by_text(reason).wait_for()
    lab.keyboard.press("Escape")
    button(lab, more.format(2)).click()
    lab.get_by_role("checkbox", name=skip).check()
    address(lab, "layers=3.tanh,3.relu.skip,2.tanh")
    accessible(lab)
    lab.keyboard.press("Escape")
    lab.locator(".head", has_text="+x").wait_for()
    tidy(lab)
    shoot(lab, f"skip-{language}-{theme}")
    button(lab, add).click()
    lab.locator(".notice, [role=status]", has_text="x + F(x)").wait_for()
    address(lab, "layers=4.tanh,3.relu,2.tanh")
