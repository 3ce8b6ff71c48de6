"""The pictures of the lab in docs/images, made anew: every room in both languages.

    pip install playwright && python docs/lab_pictures.py

It needs Chromium on the machine, trains two small networks for the room "Own model", and
takes about two minutes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
LOCALES = {"en": "en-US", "ko": "ko-KR"}
TRAIN, TRAIN_ON = re.compile("^(Train|학습)$"), re.compile("^(Train on|이어서 학습)$")
SEVEN = [(0.28, 0.22), (0.5, 0.21), (0.74, 0.22), (0.6, 0.5), (0.46, 0.84)]


EPOCHS_SHOWN = (
    "least => parseInt(document.querySelector('.numbers b').textContent) >= least"  # play.epoch
)


def learn(page: Any) -> None:
    page.keyboard.press("Space")
    page.wait_for_function(EPOCHS_SHOWN, arg=400, timeout=180_000)
    page.keyboard.press("Space")


def draw_a_seven(page: Any) -> None:
    page.locator(".training button:visible").filter(has_text=TRAIN).first.click()
    done = page.locator(".training button:visible").filter(has_text=TRAIN_ON)
    done.first.wait_for(timeout=300_000)
    box = page.locator(".paper").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in SEVEN]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()
    page.locator(".answer .says").filter(has_text="7").wait_for()


def trace_a_unit(page: Any) -> None:
    page.locator(".conv-network .number b").first.wait_for()
    play = page.locator(".train-bar .play")
    play.click()
    page.wait_for_function(
        "() => parseInt(document.querySelector('.conv-network .number b').textContent) > 2",
        timeout=90_000,
    )
    play.click()
    page.locator(".feature-maps").focus()
    for key in ("Enter", "End", "End", "ArrowRight", "ArrowDown", "PageDown", "PageDown"):
        page.keyboard.press(key)


def wait_for_figures(page: Any) -> None:
    page.wait_for_timeout(15_000)  # they are drawn when the room is first opened


def nothing(page: Any) -> None:
    pass


# room → its state in the address, and what a person does there first
ROOMS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "playground": ("data=spiral&layers=8.tanh,8.tanh&learning_rate=0.02", learn),
    "step": ("data=moons&layers=3.tanh&step_at=10", nothing),
    "functions": ("", nothing),
    "descent": ("", nothing),
    "digits": ("digits_epochs=20", draw_a_seven),
    "convolution": ("conv_view=network&conv_source=digits&conv_picture=3", trace_a_unit),
    "model": ("", wait_for_figures),
}


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no browser: install chromium first")
    with tempfile.TemporaryDirectory() as folder:
        for data in ("spiral", "digits"):
            glassnet = [sys.executable, "-m", "glassnet", "train", data, "--quiet"]
            subprocess.run(glassnet, cwd=folder, check=True)
        lab = subprocess.Popen(
            [sys.executable, "-m", "glassnet", "lab", "--no-browser"],
            cwd=folder, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        try:
            assert lab.stdout is not None
            address = lab.stdout.readline().split()[-1]
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
                for room in sys.argv[1:] or ROOMS:
                    for language in LOCALES:
                        take(browser, address, room, language)
        finally:
            lab.terminate()
            lab.wait()


def take(browser: Any, address: str, room: str, language: str) -> None:
    state, act = ROOMS[room]
    context = browser.new_context(
        locale=LOCALES[language], viewport={"width": 1280, "height": 720}, color_scheme="light"
    )
    page = context.new_page()
    page.goto(f"{address}#room={room}&{state}")
    page.locator(".waiting").wait_for(state="hidden", timeout=90_000)
    page.wait_for_timeout(2000)
    act(page)
    page.wait_for_timeout(2000)
    page.screenshot(path=IMAGES / f"lab-{room}-{language}.png")
    print(f"lab-{room}-{language}.png")
    context.close()


if __name__ == "__main__":
    main()
