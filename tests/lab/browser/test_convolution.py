"""The room of convolution, used as a person would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def address(page: Any, part: str) -> None:
    page.wait_for_function("part => location.hash.includes(part)", arg=part)


def opened(page: Callable[..., Any], language: str = "en", more: str = "", **how: Any) -> Any:
    lab = page(language, "convolution", more, **how)
    lab.locator(".sum .filled p").first.wait_for()
    return lab


def total(page: Any) -> str:
    text: str = page.locator(".sum .filled p").first.inner_text()
    return text


def test_a_kernel_is_set_by_hand_and_the_window_slides(
    page: Callable[..., Any],
    accessible: Callable[..., None],
    tidy: Callable[..., None],
    shoot: Callable[[Any, str], None],
) -> None:
    lab = opened(page)
    assert lab.locator(".sum .filled p").count() == 1
    accessible(lab)
    tidy(lab)
    shoot(lab, "convolution-en-light")
    lab.get_by_label("Well-known kernels").select_option("blur")
    address(lab, "conv_kernel=0.0625,0.125")
    middle = lab.get_by_label("Row 2, column 2 of the kernel")
    middle.fill("4")
    middle.press("Enter")
    address(lab, "0.125,4,0.125")
    lab.wait_for_function(
        "() => document.querySelector('[aria-label=\"Well-known kernels\"]').value === ''"
    )
    lab.get_by_label("Size of the kernel").select_option("5")
    address(lab, "conv_kernel=0,0,0,0,0;0,0.0625")
    lab.wait_for_function("() => document.querySelectorAll('.kernel-cells input').length === 25")
    lab.get_by_label("Speed").select_option("40")
    button(lab, "Slide").click()
    lab.get_by_text("place 36 of 36").wait_for()
    button(lab, "Slide").wait_for()
    address(lab, "conv_at=35")


def test_the_sum_follows_the_pointer_and_the_keys(page: Callable[..., Any]) -> None:
    lab = opened(page, more="conv_picture=7")  # from light to dark
    first = total(lab)
    maps = lab.locator(".grids figure").nth(2).locator(".grid-view")
    box = maps.bounding_box()
    lab.mouse.move(box["x"] + box["width"] * 0.06, box["y"] + box["height"] * 0.06)
    lab.get_by_role("heading", name="Row 1, column 1 of the map").wait_for()
    lab.mouse.move(5, 500)
    lab.get_by_role("heading", name="Row 4, column 3 of the map").wait_for()
    assert total(lab) == first
    maps.focus()
    lab.keyboard.press("ArrowRight")
    lab.get_by_role("heading", name="Row 4, column 4 of the map").wait_for()
    address(lab, "conv_at=27")
    lab.keyboard.press("ArrowUp")
    address(lab, "conv_at=19")
    maps.click(position={"x": box["width"] - 4, "y": box["height"] - 4})
    address(lab, "conv_at=63")


def test_stride_padding_relu_and_pooling_in_korean(
    page: Callable[..., Any],
    accessible: Callable[..., None],
    tidy: Callable[..., None],
    shoot: Callable[[Any, str], None],
) -> None:
    lab = opened(page, "ko", "conv_stride=2&conv_padding=same", theme="dark")
    lab.get_by_label("ReLU").check()
    lab.get_by_label("풀링", exact=True).select_option("max")
    pooled = lab.get_by_label("풀링한 맵")
    pooled.wait_for()
    lab.locator(".sizes math").nth(1).wait_for()
    won = lab.locator(".numbers-of td.won")
    for _ in range(30):  # its numbers come with a frame
        pooled.click()
        lab.wait_for_timeout(1000)
        if won.count():
            break
    lab.get_by_role("heading", name="풀링한 맵의").wait_for()
    won.wait_for()
    accessible(lab)
    tidy(lab)
    shoot(lab, "convolution-ko-dark")


def test_it_is_drawn_on_with_a_finger_on_a_phone(
    page: Callable[..., Any], tidy: Callable[..., None], shoot: Callable[[Any, str], None]
) -> None:
    lab = opened(page, more="conv_source=blank", size=(390, 844), touch=True)
    tidy(lab)
    box = lab.locator(".convolution .paper").bounding_box()
    lab.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    address(lab, "conv_drawing=")
    button(lab, "Undo").tap()
    lab.wait_for_function("() => !location.hash.includes('conv_drawing')")
    shoot(lab, "convolution-phone")


NETWORK = "conv_view=network&conv_source=digits&conv_picture=3&conv_pace=free"


def learned(page: Any, words: tuple[str, str] = ("Play", "Pause")) -> None:
    """Trains until more than one epoch is done."""
    page.locator(".conv-network .number b").first.wait_for()
    button(page, words[0]).click()
    button(page, words[1]).wait_for()
    page.wait_for_function(
        "() => parseInt(document.querySelector('.conv-network .number b').textContent) > 1",
        timeout=90_000,
    )
    button(page, words[1]).click()
    button(page, words[0]).wait_for()


def at_map(page: Any, x: float, y: float) -> tuple[float, float]:
    box = page.locator(".feature-maps").bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_a_network_is_watched_while_it_learns_and_a_unit_traced_back(
    page: Callable[..., Any],
    accessible: Callable[..., None],
    tidy: Callable[..., None],
    shoot: Callable[[Any, str], None],
) -> None:
    lab = opened_network(page)
    learned(lab)
    lab.get_by_text("The network says 4").wait_for()
    box = lab.locator(".feature-maps").bounding_box()
    for share in range(30, 60):  # the first map under the pointer
        lab.mouse.move(box["x"] + box["width"] * share / 100, box["y"] + 60)
        if lab.locator(".tooltip").is_visible():
            break
    assert lab.locator(".tooltip").inner_text().startswith("Pooling")
    lab.mouse.down()
    lab.mouse.up()
    address(lab, "conv_layer=max_pooling2d")
    lab.get_by_role("heading", name="Pooling 4×4×6: map 1").wait_for()
    lab.locator(".numbers-of td.won").wait_for()
    lab.mouse.move(5, 5)
    accessible(lab)
    tidy(lab)
    shoot(lab, "convolution-network-en-light")
    button(lab, "Filter 2: take it by hand").click()
    address(lab, "conv_kernel=")
    lab.wait_for_function("() => document.querySelectorAll('.kernel-cells input').length === 25")
    lab.get_by_label("Well-known kernels").select_option(label="Filter 3 of the network")


def opened_network(page: Callable[..., Any], language: str = "en", **how: Any) -> Any:
    lab = page(language, "convolution", NETWORK, **how)
    lab.locator(".feature-maps").wait_for()
    return lab


def test_a_network_by_keyboard_in_korean_and_in_the_dark(
    page: Callable[..., Any],
    accessible: Callable[..., None],
    shoot: Callable[[Any, str], None],
) -> None:
    lab = opened_network(page, "ko", theme="dark")
    learned(lab, ("시작", "멈춤"))
    lab.locator(".feature-maps").focus()
    for key in ("Enter", "End", "End", "ArrowRight", "ArrowDown", "PageDown"):
        lab.keyboard.press(key)
    address(lab, "conv_layer=conv2d_1&conv_unit=81")  # row 2, column 2, map 2
    lab.get_by_role("heading", name="맵 2의 2행 2열").wait_for()
    assert lab.locator(".sum-line").count() == 3
    accessible(lab)
    shoot(lab, "convolution-network-ko-dark")


def test_what_is_drawn_goes_through_the_network_at_once(
    page: Callable[..., Any], tidy: Callable[..., None], shoot: Callable[[Any, str], None]
) -> None:
    lab = opened_network(page, size=(390, 844), touch=True)
    learned(lab)
    tidy(lab)
    lab.get_by_label("Drawn on").select_option("blank")
    address(lab, "conv_source=blank")
    box = lab.locator(".convolution .paper").bounding_box()
    lab.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.2)
    lab.mouse.down()
    lab.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.8, steps=6)
    lab.get_by_text("The network says 1").wait_for()  # before the line is done
    lab.mouse.up()
    shoot(lab, "convolution-network-phone")


def test_one_step_back_is_checked_and_learned_from(
    page: Callable[..., Any],
    accessible: Callable[..., None],
    tidy: Callable[..., None],
    shoot: Callable[[Any, str], None],
) -> None:
    lab = page("en", "convolution", "conv_view=back&conv_picture=4")
    lab.get_by_text("They agree.").wait_for()
    shown = lab.locator(".weight[aria-pressed=true]")
    assert shown.get_attribute("aria-label").startswith("Row 1, column 3: ")
    shown.focus()
    lab.keyboard.press("ArrowDown")
    lab.get_by_role("heading", name="row 2, column 3").wait_for()
    address(lab, "conv_weight=5")
    accessible(lab)
    tidy(lab)
    shoot(lab, "convolution-back-en-light")
    box = lab.locator(".conv-back .grid-view").nth(1).bounding_box()
    lab.mouse.move(box["x"] + 20, box["y"] + 20)
    assert " = " in lab.locator(".tooltip").inner_text()
    lab.mouse.move(5, 5)
    before = lab.locator(".conv-says").inner_text()
    button(lab, "Make this step").click()
    lab.wait_for_function(
        "before => document.querySelector('.conv-says').textContent !== before", arg=before
    )
    address(lab, "conv_kernel=")
    button(lab, "Learn on").click()
    lab.locator(".learn-chart canvas").wait_for()
    button(lab, "Stop").click()
    lab.locator(".weight").last.click()
    lab.get_by_role("heading", name="The gradient of the bias").wait_for()


def test_one_step_back_through_the_network_in_korean(
    page: Callable[..., Any],
    accessible: Callable[..., None],
    shoot: Callable[[Any, str], None],
) -> None:
    lab = page(
        "ko", "convolution", "conv_view=back&conv_back_of=network&conv_source=digits",
        theme="dark",
    )  # fmt: skip
    lab.get_by_text("서로 같습니다").wait_for()
    lab.get_by_label("층", exact=True).select_option("conv2d_1")
    lab.get_by_label("채널", exact=True).select_option("3")
    lab.get_by_text("채널 4.").wait_for()
    accessible(lab)
    shoot(lab, "convolution-back-ko-dark")
