"""Back through the epochs, branches, two networks side by side, the path in Descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SMALL = "samples=20&layers=3.tanh&pace=300"
MAP = "() => document.querySelector('.one-map:last-child canvas').toDataURL()"


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def epoch_is(page: Any, epoch: int) -> None:
    page.wait_for_function(
        "epoch => document.querySelector('.numbers b')?.textContent === String(epoch)", arg=epoch
    )


def figures(page: Any) -> str:
    """Epoch, loss and accuracy, without the time that an epoch takes."""
    return "\n".join(page.locator(".numbers b").all_inner_texts()[:3])


def test_a_slider_goes_back_through_the_epochs_and_a_branch_goes_on_there(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None]
) -> None:
    lab = page("en", address=SMALL)
    then = []
    for epoch in range(1, 4):
        button(lab, "One epoch").click()
        epoch_is(lab, epoch)
        lab.wait_for_timeout(300)
        then.append((figures(lab), lab.evaluate(MAP)))
    slider = lab.get_by_role("slider", name="Epoch that is shown")
    assert slider.get_attribute("aria-valuetext") == "epoch 3: now"
    assert button(lab, "Branch from here").is_disabled()
    slider.focus()
    slider.press("Home")
    slider.press("ArrowRight")
    epoch_is(lab, 1)
    lab.wait_for_timeout(300)
    assert (figures(lab), lab.evaluate(MAP)) == then[0]
    assert slider.get_attribute("aria-valuetext") == "epoch 1 of 3"
    assert "at epoch 1 of 3" in lab.locator(".transport [role=status]").text_content()
    accessible(lab, ".results")
    shoot(lab, "timeline-en-light")
    slider.press("End")
    epoch_is(lab, 3)
    slider.press("Home")
    epoch_is(lab, 0)
    lab.locator("[data-field=optimizer] select").select_option("sgd")
    button(lab, "Branch from here").click()
    words = lab.locator(".versus p")
    words.get_by_text("B: optimizer SGD instead of Adam.").wait_for()
    button(lab, "One epoch").click()
    epoch_is(lab, 1)
    lab.locator(".map-head", has_text="A ").wait_for()
    accessible(lab, ".results")
    shoot(lab, "versus-en-light")
    button(lab, "Keep A").click()
    words.wait_for(state="hidden")
    epoch_is(lab, 3)
    assert lab.locator("[data-field=optimizer] select").input_value() == "adam"
    assert figures(lab) == then[2][0]


def test_a_comparison_stays_through_a_reload_and_comes_with_the_link(
    page: Callable[..., Any],
    accessible: Callable[..., None],
    tidy: Callable[..., None],
    shoot: Callable[..., None],
) -> None:
    lab = page("ko", address=f"{SMALL}&learning_rate=0.3&compared=layers:3.tanh", theme="dark")
    words = lab.locator(".versus p")
    words.get_by_text("B: 학습률 0.02 대신 0.3.").wait_for()
    button(lab, "에포크 1회").click()
    epoch_is(lab, 1)
    heads = lab.locator(".map-head")
    seen = heads.all_inner_texts()
    assert len(seen) == 2 and seen[0][1:] != seen[1][1:]
    accessible(lab, ".results")
    lab.wait_for_timeout(3500)  # as keep.js keeps it
    lab.reload()
    epoch_is(lab, 1)
    words.get_by_text("B: 학습률 0.02 대신 0.3.").wait_for()
    lab.wait_for_function(
        "seen => [...document.querySelectorAll('.map-head')].every("
        "(head, i) => head.innerText === seen[i])",
        arg=seen,
    )
    for size in ((1280, 720), (820, 1180), (400, 800)):
        lab.set_viewport_size({"width": size[0], "height": size[1]})
        lab.wait_for_timeout(200)
        tidy(lab)
        shoot(lab, f"versus-ko-dark-{size[0]}")


def test_a_link_can_hide_the_past_and_the_comparison(page: Callable[..., Any]) -> None:
    lab = page("en", address=f"{SMALL}&hide=timeline,compared")
    assert not lab.get_by_role("slider", name="Epoch that is shown").is_visible()
    assert not button(lab, "Branch from here").is_visible()
    assert not button(lab, "Compare A | B").is_visible()


def test_descent_draws_the_loss_around_the_path(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None]
) -> None:
    lab = page("en", "descent", f"{SMALL}&surface=network")
    lab.get_by_text("Nothing to see yet").wait_for()
    button(lab, "To the playground").click()
    for epoch in range(1, 5):
        button(lab, "One epoch").click()
        epoch_is(lab, epoch)
    lab.get_by_role("tab", name="Descent").click()
    lab.get_by_text("on all 28 training samples").wait_for()
    assert "from epoch 0 to epoch 4" in lab.locator(".around-path").inner_text()
    slider = lab.get_by_role("slider", name="Step")
    slider.focus()
    slider.press("Home")
    lab.get_by_text("epoch 0 of 4").wait_for()
    accessible(lab)
    shoot(lab, "path-en-light")
    lab.locator(".surface-bar select").first.select_option("bowl")
    lab.get_by_text("Each optimizer starts at the ring").wait_for()


def test_a_single_moment_stands_at_now_and_names_stay_off_the_curves(
    page: Callable[..., Any],
) -> None:
    """After a reload the slider stood at the left end; "accuracy" lay over a low curve."""
    lab = page("en", address="data=spiral&layers=4.tanh&pace=20")
    slider = lab.locator(".time input[type=range]")
    lab.locator(".time-words", has_text="now").wait_for()
    assert slider.is_disabled() and slider.input_value() == slider.get_attribute("max") == "1"
    button(lab, "One epoch").click()
    lab.wait_for_function("() => !document.querySelector('.time input').disabled")
    assert slider.input_value() == slider.get_attribute("max")
    above = """() => {
      const name = document.querySelector('.curves .last .within').getBoundingClientRect();
      const box = document.querySelector('.curves .last').getBoundingClientRect();
      return name.top + name.height / 2 < box.top + box.height / 2;
    }"""
    assert lab.evaluate(above)  # three classes, one epoch: far below a half
