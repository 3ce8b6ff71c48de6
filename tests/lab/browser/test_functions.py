"""The room of functions, used as a person would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def address(page: Any, part: str) -> None:
    page.wait_for_function("part => location.hash.includes(part)", arg=part)


def handle(page: Any) -> Any:
    return page.locator("#room-functions").get_by_role("slider").and_(page.locator(".handle"))


def at(page: Any) -> float:
    return float(handle(page).get_attribute("aria-valuenow"))


def moved(page: Any, old: float) -> float:
    page.wait_for_function(
        "old => Number(document.querySelector('.plot .handle').ariaValueNow) !== old", arg=old
    )
    return at(page)


def centre(page: Any, selector: str) -> tuple[float, float, dict[str, float]]:
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box


def test_functions_are_drawn_and_taken_away_and_the_tangent_moves(
    page: Callable[..., Any],
) -> None:
    lab = page("en", "functions")
    lab.get_by_role("checkbox", name="GELU", exact=True).check()
    address(lab, "activations=relu,tanh,sigmoid,gelu")
    lab.get_by_role("radio", name="Tangent on leaky ReLU").check()
    address(lab, "tangent_on=leaky_relu")
    lab.get_by_role("heading", name="leaky ReLU at z = 0.5").wait_for()
    lab.get_by_role("checkbox", name="leaky ReLU").wait_for()
    slope = lab.get_by_role("textbox", name="Slope a of leaky ReLU below 0")
    slope.fill("0.3")
    slope.press("Enter")
    address(lab, "leaky_slope=0.3")
    lab.get_by_role("checkbox", name="softplus").check()
    lab.get_by_text("6 at once are the most.").wait_for()
    assert lab.get_by_role("checkbox", name="linear").is_disabled()
    lab.get_by_role("checkbox", name="sigmoid").uncheck()
    lab.get_by_role("checkbox", name="linear").check()
    address(lab, "activations=relu,tanh,leaky_relu,gelu,softplus,linear")


def test_the_point_is_dragged_with_the_mouse(page: Callable[..., Any]) -> None:
    lab = page("en", "functions")
    handle(lab).wait_for()
    old = at(lab)
    x, y, box = centre(lab, ".fn-plot:first-child .plot")
    lab.mouse.move(x, y)
    lab.mouse.down()
    lab.mouse.move(x + 0.25 * box["width"], y, steps=8)
    lab.mouse.up()
    new = moved(lab, old)
    lab.wait_for_function("() => Number(document.querySelector('.plot .handle').ariaValueNow) > 2")
    assert at(lab) < 3.5 and new != old
    address(lab, "tangent_at=")
    assert "Tangent" in lab.get_by_role("radio", checked=True).first.get_attribute("aria-label")


def test_the_point_is_moved_with_the_keyboard_and_by_touch(page: Callable[..., Any]) -> None:
    lab = page("ko", "functions", touch=True)
    handle(lab).focus()
    old = at(lab)
    lab.keyboard.press("ArrowRight")
    new = moved(lab, old)
    assert new > old
    lab.keyboard.press("PageDown")
    lab.keyboard.press("Home")
    lab.wait_for_function("() => document.querySelector('.plot .handle').ariaValueNow === '-5'")
    words = handle(lab).get_attribute("aria-valuetext")
    assert words.startswith("z = −5") and "기울기" in words
    x, y, box = centre(lab, ".fn-plot:nth-child(2) .plot")
    lab.touchscreen.tap(x + 0.2 * box["width"], y)
    moved(lab, -5)
    assert at(lab) > 1


def test_steps_from_too_large_to_lost(page: Callable[..., Any]) -> None:
    lab = page("en", "functions", "tangent_at=2")
    verdict = lab.locator(".fn-verdict")
    verdict.get_by_text("h is too large").wait_for()
    box = lab.get_by_role("textbox", name="Step h")
    for h, words in (("1e-5", "about right"), ("1e-14", "too small"), ("1e-16", "h is lost")):
        box.fill(h)
        box.press("Enter")
        verdict.get_by_text(words).wait_for()
    lab.get_by_label("Computed in").select_option("float32")
    box.fill("1e-3")
    box.press("Enter")
    verdict.get_by_text("about right").wait_for()
    address(lab, "float_type=float32")
    x, y, plot = centre(lab, ".fn-errors .plot")  # the step is also chosen in the chart
    lab.mouse.click(x - 0.2 * plot["width"], y)
    verdict.get_by_text("h is lost").wait_for()


def test_a_corner_is_told_and_a_point_beside_the_axis_comes_back(page: Callable[..., Any]) -> None:
    lab = page("en", "functions", "tangent_on=relu&tangent_at=0")
    lab.locator(".fn-verdict").get_by_text("no h makes this error small").wait_for()
    lab.get_by_text("Here y = f(z)").wait_for()
    box = lab.get_by_role("textbox", name="Point", exact=True)
    box.fill("-7")
    box.press("Enter")
    lab.get_by_role("heading", name="ReLU at z = −5").wait_for()
    address(lab, "tangent_at=-5")
    assert box.input_value() == "-5"


def test_a_number_that_is_none_changes_nothing(page: Callable[..., Any]) -> None:
    lab = page("en", "functions")
    point = lab.get_by_role("textbox", name="Point", exact=True)
    for wrong in ("<b>", "", "1e999"):
        point.fill(wrong)
        point.press("Enter")
        assert point.input_value() == "0.5"
    point.fill("77")
    point.press("Enter")
    lab.locator(".message").get_by_text("Point must be a number from -50 to 50").wait_for()
    lab.wait_for_function(
        "() => document.querySelector('.fn-settings input.number').value === '0.5'"
    )


def test_losses_of_a_value_and_of_a_probability(page: Callable[..., Any]) -> None:
    lab = page("ko", "functions")
    lab.get_by_role("button", name="손실 함수").click()
    lab.get_by_role("heading", name="y = 0.5에서 제곱 오차").wait_for()
    target = lab.get_by_role("textbox", name="정답 t")
    target.fill("-1")
    target.press("Enter")
    lab.get_by_text("t = −1일 때").wait_for()
    lab.get_by_label("신경망의 출력").select_option("probability")
    lab.get_by_role("heading", name="p = 0.3에서 교차 엔트로피").wait_for()
    address(lab, "loss_on=binary_crossentropy")
    lab.get_by_label("정답 레이블 t").select_option("0")
    lab.get_by_text("t = 0일 때").wait_for()
    assert lab.locator(".fn-list:visible li:visible input[type=checkbox]").count() == 3


def test_a_link_opens_the_same_room_and_the_language_changes_in_place(
    page: Callable[..., Any],
) -> None:
    link = "activations=elu&tangent_on=elu&elu_alpha=2&tangent_at=-1.5&tangent_h=0.001"
    lab = page("en", "functions", link)
    lab.get_by_role("heading", name="ELU at z = −1.5").wait_for()
    assert lab.get_by_role("math").first.get_attribute("aria-label").startswith("f(z) = z if z > 0")
    lab.get_by_label("Language").select_option("ko")
    lab.get_by_role("heading", name="z = −1.5에서 ELU").wait_for()
    address(lab, f"{link}")


@pytest.mark.parametrize(
    ("language", "theme", "more"),
    [
        ("en", "light", ""),
        (
            "ko",
            "dark",
            "activations=relu,gelu,elu&tangent_on=gelu&tangent_h=1e-9&float_type=float32",
        ),
        ("ko", "light", "curves=losses&predicts=probability&loss_on=binary_crossentropy"),
        ("en", "dark", "curves=losses&predicts=logit&loss_on=hinge"),
    ],
)
def test_it_is_accessible(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None],
    language: str, theme: str, more: str,
) -> None:  # fmt: skip
    lab = page(language, "functions", more, theme=theme)
    handle(lab).wait_for()
    lab.locator(".fn-verdict").get_by_text("h").first.wait_for()
    shoot(lab, f"functions-{language}-{theme}")
    accessible(lab)


def test_nothing_is_cut_off_on_a_tablet(
    page: Callable[..., Any], shoot: Callable[..., None]
) -> None:
    for size in ((820, 1180), (1180, 820)):
        lab = page("ko", "functions", size=size)
        handle(lab).wait_for()
        shoot(lab, f"functions-{size[0]}")
        wide = "() => document.querySelector('#room-functions').scrollWidth <= innerWidth"
        assert lab.evaluate(wide), size
