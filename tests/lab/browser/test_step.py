"""One step, walked as a person would."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

SMALL = "samples=20&layers=3.tanh"


def title(page: Any, *words: str) -> None:
    """Wait until the walk is where the words say."""
    for word in words:
        page.locator(".stop-title", has_text=word).wait_for()


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def address(page: Any, part: str) -> None:
    page.wait_for_function("part => location.hash.includes(part)", arg=part)


def numbers(page: Any) -> dict[str, str]:
    """What the stop shows: name → number and mark."""
    rows = [row.split() for row in page.locator(".row-of").all_inner_texts()]
    return {row[0]: " ".join(row[1:]) for row in rows}


def verdict(page: Any, words: str) -> str:
    page.locator(".check-verdict", has_text=words).wait_for()
    return str(page.locator(".check-verdict").get_attribute("class"))


def test_the_walk_goes_forward_to_the_loss_back_and_to_the_update(page: Callable[..., Any]) -> None:
    lab = page("en", "step", SMALL)
    title(lab, "Forward", "Hidden layer 1", "unit 1")
    assert list(numbers(lab)) == ["z₁", "y₁"]
    assert "z₁ = " in lab.locator(".filled").inner_text()
    assert lab.locator(".formula math").count() > 1
    for name, words in (("Loss", "Loss"), ("Backward", "Backward"), ("Update", "Update")):
        button(lab, name).click()
        title(lab, words)
    assert "✓" in numbers(lab)["w₁₁′"]
    button(lab, "One stop back").click()
    title(lab, "Backward", "Inputs")
    lab.wait_for_function("() => location.hash.includes('step_at=10')")
    again = page("en", "step", lab.evaluate("location.hash.slice(1)"))
    title(again, "Backward", "Inputs")


def test_what_is_clicked_before_the_step_is_there_waits_for_it(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL, late=500)
    lab.get_by_role("tab", name="One step").click()
    button(lab, "The next sample").dblclick()  # both count
    button(lab, "Backward").click()
    title(lab, "Backward")
    address(lab, "step_first=2")


def test_another_network_is_walked_through_from_the_same_stop(page: Callable[..., Any]) -> None:
    lab = page("en", "step", "samples=20&layers=8.tanh,8.tanh&step_at=9", late=150)
    title(lab, "Hidden layer 2")
    lab.evaluate("location.hash = location.hash.replace('8.tanh,8.tanh', '2.tanh')")
    title(lab, "Update", "Hidden layer 1")


def test_the_walk_stays_where_it_is_in_another_theme_and_language(page: Callable[..., Any]) -> None:
    lab = page("en", "step", SMALL + "&step_at=3")
    title(lab, "Forward")
    lab.get_by_label("Light or dark").select_option("dark")
    lab.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    lab.get_by_label("Language").select_option("ko")
    title(lab, "순전파")
    assert lab.locator(".walkbar input").input_value() == "3"


def test_the_keys_walk_and_choose(page: Callable[..., Any]) -> None:
    lab = page("ko", "step", SMALL)
    title(lab, "순전파", "유닛 1")
    lab.keyboard.press("ArrowRight")
    title(lab, "유닛 2")
    lab.keyboard.press("ArrowLeft")
    title(lab, "유닛 1")
    lab.keyboard.press("ArrowDown")
    lab.locator(".row-of[aria-pressed=true]", has_text="y₁").wait_for()
    lab.keyboard.press(" ")  # walks by itself
    button(lab, "멈춤").wait_for()
    lab.wait_for_function("() => document.querySelector('.walkbar input').value > 0")
    lab.keyboard.press(" ")
    button(lab, "자동 재생").wait_for()
    slider = lab.get_by_role("slider", name="스텝의 위치")
    slider.focus()
    lab.keyboard.press("End")
    title(lab, "갱신", "출력층")


def test_a_step_there_and_back_at_once_ends_where_it_began(page: Callable[..., Any]) -> None:
    lab = page("en", "step", SMALL + "&step_at=3")
    title(lab, "Forward")
    for keys in (["ArrowRight", "ArrowLeft"], ["ArrowLeft", "ArrowRight"]):
        # Both before an answer to the first has come.
        lab.evaluate(
            "keys => keys.forEach((key) => document.body.dispatchEvent("
            "new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })))",
            keys,
        )
        lab.wait_for_timeout(400)
        assert lab.locator(".where").inner_text().startswith("4 of")
        address(lab, "step_at=3")
    button(lab, "Make this step").click()  # everything anew: the walk stays where it is
    lab.wait_for_timeout(400)
    assert lab.locator(".where").inner_text().startswith("4 of")


def test_a_gradient_shows_its_chain_its_check_and_what_it_was_made_of(
    page: Callable[..., Any],
) -> None:
    lab = page("en", "step", SMALL + "&step_batch=2&step_at=7")
    title(lab, "Backward", "Hidden layer 1", "unit 1")
    lab.locator(".row-of", has_text="∂L/∂w₁₁").click()
    lab.locator(".check-of.is-ok", has_text="They agree.").wait_for()
    chain = lab.locator(".chain tbody tr")
    chain.last.get_by_text("the sum over all 2 samples").wait_for()
    assert chain.first.inner_text().startswith("Loss")
    both = re.findall(r"−?\d+\.\d+", lab.locator(".check-of .check-words").inner_text())
    assert both[0] == both[1]
    assert "∂L/∂w₁₁ = " in lab.locator(".filled").inner_text()
    lab.locator(".chip", has_text="∂L/∂z₁⁽¹⁾").click()
    lab.locator(".row-of[aria-pressed=true]", has_text="∂L/∂z₁⁽¹⁾").wait_for()


def test_a_weight_and_an_input_change_every_number(page: Callable[..., Any]) -> None:
    lab = page("en", "step", SMALL)
    title(lab, "Forward", "unit 1")
    before = numbers(lab)["z₁"]
    box = lab.get_by_role("textbox", name="New value of w₁₁")
    box.fill("2")
    box.press("Enter")
    lab.locator(".filled", has_text="·2 ").wait_for()
    assert numbers(lab)["z₁"] != before
    lab.get_by_role("textbox", name="Input x₁", exact=True).fill("0")
    lab.keyboard.press("Enter")
    lab.locator(".filled", has_text="0·2 ").wait_for()
    assert "All 13 gradients agree" in lab.locator(".check-verdict").inner_text()
    button(lab, "The sample's own again").click()
    lab.locator(".filled", has_text="0·2 ").wait_for(state="hidden")
    button(lab, "The next sample").click()
    lab.wait_for_function("() => location.hash.includes('step_first=1')")


def test_a_mistake_turns_the_check_red_and_off_again(page: Callable[..., Any]) -> None:
    lab = page("en", "step", SMALL + "&step_batch=2&step_at=7")
    assert "is-ok" in verdict(lab, "All 13 gradients agree")
    box = lab.get_by_label("mean instead of sum for the bias")
    box.check()
    assert "is-off" in verdict(lab, "4 of 13 gradients do not agree")
    title(lab, "Backward", "unit 1")
    lab.locator(".row-of", has_text="∂L/∂b₁").locator(".is-off").wait_for()
    lab.locator(".row-of", has_text="∂L/∂b₁").click()
    lab.locator(".check-of.is-off", has_text="They do not agree.").wait_for()
    assert "biases learn n times too slowly" in lab.locator(".why").inner_text()
    assert button(lab, "Make this step").is_disabled()
    box.uncheck()
    assert "is-ok" in verdict(lab, "All 13 gradients agree")
    assert lab.get_by_label("Nesterov with the old velocity").is_disabled()


def test_an_update_by_the_wrong_formula_is_caught(page: Callable[..., Any]) -> None:
    lab = page("ko", "step", SMALL + "&optimizer=nesterov&mistakes=old_velocity&step_at=11")
    assert "is-off" in verdict(lab, "새 가중치 13개 중")
    title(lab, "갱신")
    lab.locator(".check-of.is-off", has_text="새 가중치가 식과 다릅니다").wait_for()


def test_the_step_is_made_with_the_playgrounds_network(page: Callable[..., Any]) -> None:
    lab = page("en", "step", SMALL)
    says = lab.locator(".sample-says")
    lab.locator(".sample-says", has_text="Loss").wait_for()
    before = says.inner_text()
    button(lab, "Make this step").click()
    lab.wait_for_function(
        "before => document.querySelector('.sample-says').textContent !== before", arg=before
    )
    lab.get_by_role("tab", name="Playground").click()
    lab.locator(".numbers b").first.wait_for()
    lab.get_by_role("tab", name="One step").click()
    title(lab, "Forward")
    assert says.inner_text() != before


def test_the_drawing_leads_to_a_unit_and_to_a_weight(page: Callable[..., Any]) -> None:
    lab = page("en", "step", SMALL)
    title(lab, "Forward", "Hidden layer 1")
    lab.locator(".walknet .circle").nth(4).click()
    title(lab, "Forward", "unit 3")
    button(lab, "Backward").click()
    title(lab, "Backward")
    lab.locator(".walknet .lines:not(.bright) line").nth(1).dispatch_event("click")
    lab.locator(".row-of[aria-pressed=true]", has_text="∂L/∂w₁₂").wait_for()


def test_the_largest_network_of_the_playground_can_be_followed(page: Callable[..., Any]) -> None:
    lab = page("en", "step", "data=digits&step_batch=8&layers=" + ",".join(["16.relu.d10.bn"] * 6))
    title(lab, "Forward")
    button(lab, "Backward").click()
    title(lab, "Backward")
    assert lab.locator(".refused").is_hidden()


@pytest.mark.parametrize(
    ("language", "theme", "size", "address"),
    [
        ("en", "light", (1280, 720), "step_at=20&step_batch=2"),
        ("ko", "dark", (1280, 720), "step_at=20&step_batch=2&mistakes=sum_for_mean"),
        ("en", "dark", (820, 1180), "data=digits&layers=16.relu.d20.bn,8.tanh&step_at=30"),
        ("ko", "light", (820, 1180), "data=sine&layers=4.relu.bn&step_batch=4&step_at=20"),
    ],
)  # fmt: skip
def test_it_is_accessible(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None],
    tidy: Callable[[Any], None],
    language: str, theme: str, size: tuple[int, int], address: str,
) -> None:  # fmt: skip
    lab = page(language, "step", address, theme=theme, size=size)
    lab.locator(".row-of").first.wait_for()
    assert lab.locator("merror").count() == 0, "LaTeX that the page does not know"
    accessible(lab)
    shoot(lab, f"step-{language}-{theme}-{size[0]}")
    tidy(lab)


@pytest.mark.parametrize(
    ("language", "walk", "mistake", "red", "hint"),
    [("en", ("Forward", "Hidden layer 2, x + F(x)"), "dout[mask] = 0 on the caller's array",
      "They do not agree.", "surely wrong"),
     ("ko", ("순전파", "은닉층 2, x + F(x)"), "호출한 쪽의 배열에 dout[mask] = 0", "서로 다릅니다",
      "약 1%")],
)  # fmt: skip
def test_the_way_around_a_layer_is_a_sum_both_ways_and_its_gradient_can_be_overwritten(
    language: str, walk: tuple[str, str], mistake: str, red: str, hint: str,
    page: Callable[..., Any], shoot: Callable[[Any, str], None],
) -> None:  # fmt: skip
    lab = page(language, "step", "samples=20&layers=3.tanh,3.tanh.skip&step_at=6")
    title(lab, *walk)
    assert list(numbers(lab)) == ["y₁", "x₁", "F₁"]
    lab.locator(".filled", has_text="y₁ = ").wait_for()
    lab.locator(".mistake-list label", has_text=mistake).locator("input").check()
    lab.locator(".checks-of .is-off").first.wait_for()
    bad = lab.locator(".checks-of .is-off").all_inner_texts()
    assert len(bad) == 2 and all(" 1 " in line for line in bad)  # W and b of the first layer
    lab.locator(".walkbar [data-phase=backward]").click()
    for _ in range(5):
        lab.keyboard.press("ArrowRight")
    title(lab, "2, x + F(x)")
    lab.locator(".check-of.is-off", has_text=red).wait_for()
    shoot(lab, f"step-skip-{language}")
    lab.locator(".mistake-list label", has_text=mistake).locator("input").uncheck()
    lab.locator(".mistake-list label", has_text="log(p + 1e-7)").locator("input").check()
    lab.locator(".why", has_text=hint).wait_for()
