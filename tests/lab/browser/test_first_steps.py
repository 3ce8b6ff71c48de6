"""The first minutes at the page: what to do next, words explained, a nudge, nothing lost, room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SMALL = "data=moons&samples=20&layers=3.tanh&pace=20"
ALL = "data,samples,noise,test_share,data_seed,features,layers,init,seed,loss,optimizer,"
ALL += "learning_rate,schedule,batch_size,l1,l2,pace,until,mistakes"


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize(
    ("language", "play", "epoch", "next_"),
    [("en", "Play", "Epoch", "Look into one step"), ("ko", "시작", "에포크", "한 스텝 살펴보기")],
)
def test_it_says_what_happens_and_what_to_try(
    page: Callable[..., Any], shoot: Callable[..., None], language: str, play: str, epoch: str,
    next_: str,
) -> None:  # fmt: skip
    lab = page(language)
    assert "data=spiral" in lab.url or lab.wait_for_url("**data=spiral**") is None
    button(lab, play).click()
    lab.locator(".now p", has_text=epoch).wait_for()
    shoot(lab, f"first-{language}")
    lab.evaluate("() => { location.hash = 'data=vertical&noise=0&layers=3.tanh&pace=free'; }")
    lab.wait_for_function("() => document.querySelector('.picked').textContent.length > 0")
    lab.wait_for_url("**data=vertical**")
    button(lab, play).click()
    button(lab, next_).click()
    lab.locator("#room-step .nudge-result p").first.wait_for()
    shoot(lab, f"nudge-{language}")


def test_what_is_hidden_is_hidden(page: Callable[..., Any]) -> None:
    lab = page("en", address=f"{SMALL}&hide={ALL}")
    lab.locator(".unit").first.wait_for()
    for name in ALL.split(","):
        found = lab.locator(f'#room-playground [data-field~="{name}"]').all()
        assert found or name in ("features", "mistakes"), f"nothing belongs to {name}"
        assert not any(one.is_visible() for one in found), name
    assert lab.locator(".unit").count() == 2 + 3 + 1  # no inputs to add


def test_every_word_is_explained_and_shown(
    page: Callable[..., Any], accessible: Callable[..., None]
) -> None:
    lab = page("en", address=SMALL)
    lab.get_by_text("Learning rate", exact=True).hover()
    assert "how far each step goes" in lab.locator(".tooltip").inner_text()
    button(lab, "Words").click()
    assert lab.locator(".words dt").count() >= 40
    lab.get_by_label("Search").fill("overfit")
    accessible(lab, "dialog")
    lab.get_by_label("Search").fill("confusion")
    lab.get_by_role("button", name="Show me: confusion matrix").click()
    lab.locator('[data-panel="matrix"][aria-pressed="true"].lit-up').wait_for()


def test_a_nudge_shows_what_a_gradient_is(page: Callable[..., Any]) -> None:
    lab = page("en", "step", SMALL)
    says = lab.locator(".nudge-result")
    says.get_by_text("That ratio is the gradient").wait_for()
    before = says.inner_text()
    lab.get_by_label("by", exact=True).select_option("0.001")
    lab.wait_for_function(
        "(b) => document.querySelector('.nudge-result').innerText !== b", arg=before
    )
    lines = says.locator("p").all_inner_texts()
    ratio, gradient = (float(line.replace("−", "-").split("= ")[-1].rstrip("."))
                       for line in (lines[2], lines[3]))  # fmt: skip
    assert ratio == pytest.approx(gradient, rel=0.02)
    first = lab.locator(".story-says").inner_text()
    button(lab, "Take the sample with the largest loss").click()
    lab.wait_for_function("(b) => document.querySelector('.story-says').innerText !== b", arg=first)


def test_back_and_reload_lose_nothing(page: Callable[..., Any]) -> None:
    lab = page("en", address=SMALL)
    for _ in range(3):
        button(lab, "One epoch").click()
    lab.wait_for_function("() => document.querySelector('.numbers b').textContent === '3'")
    numbers = lab.locator(".numbers").inner_text().split("time per")[0]
    lab.get_by_role("tab", name="One step").click()
    lab.locator(".nudge-result p").first.wait_for()
    lab.wait_for_url("**room=step**")
    lab.go_back()
    lab.locator("#room-playground").wait_for()
    assert lab.locator(".numbers").inner_text().split("time per")[0] == numbers
    lab.wait_for_function(
        "() => { const kept = JSON.parse(sessionStorage.getItem('glassnet-lab') ?? '{}');"
        " return kept.file?.epoch === 3 && kept.address === location.hash.slice(1); }"
    )
    lab.reload()
    lab.wait_for_function("() => document.querySelector('.numbers b')?.textContent === '3'")
    assert lab.locator(".numbers").inner_text().split("time per")[0] == numbers


@pytest.mark.parametrize("size", [(960, 540), (1280, 720), (1920, 1080)])
def test_the_screen_is_used_and_play_is_in_view(
    page: Callable[..., Any], shoot: Callable[..., None], size: tuple[int, int]
) -> None:
    lab = page("ko", address=SMALL, size=size)
    box = button(lab, "시작").bounding_box()
    assert box["y"] + box["height"] <= size[1]
    side = lab.locator(".one-map:not([hidden]) .map").bounding_box()["width"]
    assert side >= (400 if size[0] == 1920 else 220)
    shoot(lab, f"size-{size[0]}")
