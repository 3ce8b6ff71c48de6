"""The room of saved runs, used as a person would."""

from __future__ import annotations

import gzip
import pickle
import struct
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.runs import exchange, work
from glassnet.runs.recipes import settings_for

RUNS = {
    "vertical": {"layers": (16,), "epochs": 20},
    "spiral": {"layers": (64,), "epochs": 20},
    "digits": {"layers": (24,), "epochs": 6},
    "xor": {"layers": (2,) * 7, "epochs": 1},
}


ORDERS = "size,town,late\n" + "".join(
    f"{i % 10},{('Busan', 'Seoul')[i % 2]},{'yes' if i % 10 > 6 else 'no'}\n" for i in range(150)
)


def pickled(folder: Path) -> Path:
    """A network in the form of the book's: 784-50-100-10, sigmoid units."""
    rng = np.random.default_rng(0)
    sizes = (784, 50, 100, 10)
    weights = {f"W{i + 1}": rng.normal(0, 0.1, pair).astype("f4")
               for i, pair in enumerate(pairwise(sizes))}  # fmt: skip
    weights |= {f"b{i + 1}": np.zeros(n, "f4") for i, n in enumerate(sizes[1:])}
    path = folder / "book.pkl"
    path.write_bytes(pickle.dumps(weights))
    return path


def pictures_of_digits(folder: Path) -> Path:
    """Files as MNIST has them, with 30 pictures of noise."""
    rng = np.random.default_rng(1)
    for part in ("train", "t10k"):
        for kind, array in (("images-idx3", rng.integers(0, 256, (30, 28, 28), np.uint8)),
                            ("labels-idx1", np.arange(30, dtype=np.uint8) % 10)):  # fmt: skip
            head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
            name = f"{part}-{kind}-ubyte.gz"
            (folder / name).write_bytes(gzip.compress(head + array.tobytes()))
    return folder


@pytest.fixture(scope="module")
def lab_address(
    start_lab: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    root = tmp_path_factory.mktemp("runs")
    for name, given in RUNS.items():
        work.train(settings_for(name, given), root / name, verbose=0, plots=False)
    table = root / "orders.csv"
    table.write_text(ORDERS, encoding="utf-8")
    given = {"target": "late", "effort": "quick"}
    work.train(settings_for(str(table), given), root / "orders", verbose=0, plots=False)
    files = pictures_of_digits(tmp_path_factory.mktemp("mnist"))
    exchange.take_in(pickled(files), root / "book", data_name="mnist", data_dir=str(files))
    with start_lab("--runs", str(root), "--data-dir", str(files)) as address:
        yield address


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def run(page: Any, name: str) -> None:
    page.locator(".run-name").filter(has_text=name).first.click()
    page.wait_for_function(
        "name => document.querySelector('#inside-title').textContent === name", arg=name
    )


def test_a_run_is_looked_at_and_opened_in_the_playground(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None]
) -> None:
    lab = page("en", "model")
    lab.locator(".run-name").first.wait_for()
    assert lab.locator(".run-name").count() == 6
    run(lab, "vertical")
    assert "99 parameters" in lab.locator(".inside > .faint").first.inner_text()
    lab.locator(".drawn-network").wait_for()
    accessible(lab)
    shoot(lab, "model-en-light")
    button(lab, "Open in the playground").click()
    lab.locator("#room-playground").wait_for()
    lab.locator("#room-playground").get_by_text("99 parameters").wait_for()
    lab.wait_for_function("() => location.hash.includes('data=vertical')")
    lab.wait_for_function("() => document.querySelector('.run .numbers b')?.textContent === '20'")
    lab.locator("#tab-model").click()
    button(lab, "Take one step apart").click()
    lab.locator("#room-step").wait_for()
    lab.wait_for_function("() => location.hash.includes('room=step')")


def test_the_books_network_makes_one_step_on_pictures(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None]
) -> None:
    lab = page("ko", "model", "run=book")
    button(lab, "한 스텝 살펴보기").click()
    lab.get_by_text("book의 한 스텝").wait_for()
    lab.locator(".unit-sum").get_by_text("곱 784개의 합").wait_for()
    assert lab.locator(".step .unit-pictures canvas").count() == 3
    assert lab.locator(".walknet image").count() == 1
    accessible(lab)
    shoot(lab, "step-book-ko")
    button(lab, "역전파").click()
    lab.wait_for_function("() => /step_at=(?!0)/.test(location.hash)")
    button(lab, "플레이그라운드의 신경망으로").click()
    lab.locator("#step-title").get_by_text("플레이그라운드 신경망").wait_for()


def test_in_korean_and_in_the_dark_it_opens_in_digits(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None]
) -> None:
    lab = page("ko", "model", "run=xor", theme="dark")
    lab.get_by_text("은닉층이 7개입니다").wait_for()
    run(lab, "digits")
    button(lab, "숫자 방에서 열기").wait_for()
    accessible(lab)
    shoot(lab, "model-ko-dark")
    button(lab, "숫자 방에서 열기").click()
    lab.locator("#room-digits").wait_for()
    lab.get_by_text("저장된 학습 결과 “digits”입니다.").wait_for()
    lab.locator(".mistake").first.wait_for()
    accessible(lab)
    button(lab, "새 신경망으로 돌아가기").click()
    button(lab, "학습").wait_for()


def test_by_keyboard_and_what_does_not_fit_is_said(page: Callable[..., Any]) -> None:
    lab = page("en", "model", "run=digits")
    button(lab, "Open in Digits").wait_for()
    lab.locator(".run-name").filter(has_text="xor").first.focus()
    lab.keyboard.press("Enter")
    lab.get_by_text("It has 7 hidden layers; the playground draws 6.").wait_for()
    lab.get_by_text("It learned from xor").wait_for()
    assert lab.evaluate("() => document.activeElement.className") == "run-name"
    assert lab.locator(".doors button").all_inner_texts() == ["Take one step apart"]
    lab.locator("#tab-model").focus()
    lab.keyboard.press("ArrowLeft")
    lab.locator("#room-convolution").wait_for()


def test_of_a_wide_layer_the_first_units_are_drawn(
    page: Callable[..., Any], accessible: Callable[..., None], shoot: Callable[..., None]
) -> None:
    lab = page("en", "model", "run=spiral")
    button(lab, "Open in the playground").click()
    lab.locator("#room-playground").get_by_text("387 parameters").wait_for()
    assert lab.locator(".unit").count() == 7 + 16 + 3
    assert "48 more units, which are not drawn" in lab.locator(".more-units").inner_text()
    lab.get_by_text("Here it learns on at a constant rate of 0.01").wait_for()
    lab.locator(".numbers b").first.wait_for()  # the first frame has come, with the weights
    accessible(lab)
    shoot(lab, "wide-en-light")
    button(lab, "Layer 1, unit 16").click()
    weight = lab.locator(".unit-more input").nth(1)
    loss = lab.locator(".numbers").inner_text()
    weight.fill("2.5")
    weight.press("Enter")
    lab.wait_for_function(  # until the next frame brings it
        "loss => document.querySelector('.numbers').innerText !== loss", arg=loss
    )
    button(lab, "Layer 1, unit 16").click()
    assert lab.locator(".unit-more input").nth(1).input_value() == "2.5"
    lab.keyboard.press("Escape")
    button(lab, "Output for 2").click()
    lab.get_by_text("and 48 more weights").wait_for()
    lab.keyboard.press("Escape")
    button(lab, "One more unit in hidden layer 1").click()
    lab.get_by_text("Here a layer can grow to 16 units").wait_for()


@pytest.mark.parametrize("name", ["../../etc/passwd", "%2e%2e/x", "nothing"])
def test_a_link_to_an_unknown_run_is_answered_in_words(name: str, page: Callable[..., Any]) -> None:
    lab = page("en", "model", f"run={name}")
    lab.locator(".why-not").get_by_text("no saved run called").wait_for()
    assert lab.locator(".doors").is_hidden() and lab.locator(".parts").last.is_hidden()
    run(lab, "spiral")


def test_on_a_tablet_nothing_is_cut_off(
    page: Callable[..., Any], shoot: Callable[..., None]
) -> None:
    lab = page("ko", "model", "run=spiral", size=(820, 1180), touch=True)
    lab.locator(".drawn-network").wait_for()
    assert lab.locator("#room-model").evaluate("e => e.scrollWidth <= e.clientWidth")
    shelf, inside = (lab.locator(name).bounding_box() for name in (".shelf", ".inside"))
    assert shelf["y"] + shelf["height"] <= inside["y"] + 1
    shoot(lab, "model-ko-tablet")


def test_without_runs_it_says_how_to_make_one(
    start_lab: Callable[..., Any], browser: Any, tmp_path: Any
) -> None:
    with start_lab("--runs", str(tmp_path)) as address:
        lab = browser.new_page(locale="en-US")
        lab.goto(address + "#room=model")
        lab.get_by_text("There is no saved run here yet").wait_for()
        lab.close()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_of_a_table_a_row_is_tried_and_a_dropped_table_looked_at(
    language: str, page: Callable[..., Any], accessible: Callable[..., None],
    shoot: Callable[..., None],
) -> None:  # fmt: skip
    rows = {"en": "30 rows that it has not", "ko": "학습에 쓰지 않은 30행"}[language]
    dropped = {"en": "150 rows of new.csv", "ko": "new.csv의 150행"}[language]
    lab = page(language, "model", "run=orders")
    lab.get_by_text(rows).wait_for()
    assert lab.locator(".curves-of-columns figure").count() == 2
    assert lab.locator(".learned-groups tbody tr").count() >= 4
    answer = lab.locator(".row-answer")
    lab.get_by_label("size", exact=True).fill("9")
    lab.wait_for_function(
        "() => document.querySelector('.row-answer li').textContent.includes('yes')"
    )
    lab.get_by_label("size", exact=True).fill("1")
    lab.wait_for_function(
        "() => document.querySelector('.row-answer li').textContent.includes('no')"
    )
    lab.get_by_label("size", exact=True).fill("many")
    answer.locator(".note").wait_for()
    assert "size" in answer.inner_text() and "many" in answer.inner_text()
    lab.get_by_label("size", exact=True).fill("9")
    answer.locator("li").first.wait_for()
    accessible(lab)
    shoot(lab, f"model-table-{language}")
    lab.locator("#room-model").evaluate(
        """(room, text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], "new.csv", { type: "text/csv" }));
          const init = { dataTransfer: data, bubbles: true, cancelable: true };
          room.dispatchEvent(new DragEvent("drop", init));
        }""",
        ORDERS,
    )
    lab.get_by_text(dropped).wait_for()
