"""Two walks through the lab, as a person would go: a transcript and a picture of each step.

    python docs/lab_walks.py student walks/       # in Korean, from the first page to a gradient
    python docs/lab_walks.py teacher walks/       # from a task to thirty pages

It starts ``glassnet lab`` itself and needs Playwright and a Chromium.  The transcript says what
was pressed, what the page then said, and after how many seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

TASK = "data=circles&noise=0.2&layers=2.tanh&pace=20"
SEATS = 30
PATIENCE = 120_000  # milliseconds for what is waited for: the first start compiles


class Walk:
    """What was done and seen, written down."""

    def __init__(self, name: str, title: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.lines = [f"# {title}\n"]
        self.began = time.perf_counter()
        self.count = 0

    def step(self, did: str, page: Any, *seen: str) -> None:
        """One step: what the person did, what the page says, and a picture."""
        self.count += 1
        picture = f"{self.name}-{self.count:02}.png"
        page.screenshot(path=self.folder / picture)
        spent = time.perf_counter() - self.began
        self.lines.append(f"{self.count}. **{did}** ({spent:.0f} s)\n")
        self.lines += [f"   > {line}" for text in seen for line in text.splitlines() if line]
        self.lines.append(f"\n   ![{did}]({picture})\n")

    def write(self) -> None:
        (self.folder / f"{self.name}.md").write_text("\n".join(self.lines), encoding="utf-8")


class Lab:
    """``glassnet lab`` in a process of its own; ``lines``: the addresses that it prints."""

    def __init__(self, *options: str, lines: int = 1) -> None:
        command = [sys.executable, "-u", "-m", "glassnet", "lab", "--no-browser", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        printed = (line.split()[-1] for line in self.process.stdout if "http://" in line)
        self.addresses = [next(printed) for _ in range(lines)]

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)


def opened(browser: Any, address: str) -> Any:
    """A page of its own, as of another machine, in Korean."""
    context = browser.new_context(locale="ko-KR", viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    return page


def student(browser: Any, folder: Path) -> None:
    """From the first page to what a gradient is, in Korean."""
    walk = Walk("student", "첫 화면에서 기울기까지", folder)
    lab = Lab()
    try:
        page = browser.new_context(
            locale="ko-KR", viewport={"width": 1280, "height": 720}
        ).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(lab.addresses[0])
        page.locator(".waiting").wait_for(state="hidden")
        page.locator(".now p").first.wait_for()
        says = ".now p"
        walk.step("주소를 엽니다", page, page.locator(says).first.inner_text())

        press = lambda name: page.get_by_role("button", name=name, exact=True)  # noqa: E731
        press("시작").click()
        page.wait_for_function(
            "() => parseInt(document.querySelector('.numbers b').textContent) > 40"
        )
        walk.step("시작을 누르고 지켜봅니다", page, page.locator(says).first.inner_text(),
                  page.locator(".run .numbers").inner_text())  # fmt: skip
        press("멈춤").click()
        page.get_by_text("학습률", exact=True).first.hover()
        walk.step("‘학습률’이 무엇인지 가리켜 봅니다", page, page.locator(".tooltip").inner_text())
        page.get_by_role("tab", name="한 스텝").click()
        result = page.locator(".nudge-result")
        result.locator("b").wait_for()
        page.mouse.move(640, 400)
        walk.step("‘한 스텝’을 엽니다", page, page.locator(".story-says").inner_text(),
                  result.inner_text())  # fmt: skip
        press("손실이 가장 큰 샘플 보기").click()
        before = result.inner_text()
        page.wait_for_function(
            "(b) => document.querySelector('.nudge-result').innerText !== b", arg=before
        )
        page.locator("#nudge-by").select_option("0.001")
        page.wait_for_timeout(1500)
        walk.step("손실이 가장 큰 샘플의 가중치를 0.001만큼 바꿉니다", page,
                  page.locator(".story-says").inner_text(), result.inner_text())  # fmt: skip
        press("역전파").click()
        page.locator(".stop-title", has_text="손실").wait_for()
        page.wait_for_timeout(800)
        page.mouse.move(640, 300)
        walk.step("역전파의 시작점으로 갑니다", page, page.locator(".stop-title").inner_text(),
                  page.locator(".stop .formula").inner_text(),
                  page.locator(".stop .filled").inner_text())  # fmt: skip
        page.goto(f"{lab.addresses[0]}#lesson=slope")
        page.locator(".lesson h2", has_text="기울기란 무엇인가").wait_for()
        page.wait_for_timeout(1000)
        walk.step(
            "단원 ‘기울기란 무엇인가’를 엽니다", page, page.locator(".lesson-body").inner_text()
        )
    finally:
        lab.close()
        walk.write()


def post(home: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(home + path, json.dumps(body).encode(), {"Origin": home})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        found = json.loads(refused.read())
    return found


def crowd(home: str, code: str, count: int, over: threading.Event) -> None:
    """So many pages that come in, open the task, train, and look at what comes."""
    import websockets

    async def one(number: int) -> None:
        address = post(home, "/join", {"code": code, "name": f"학생 {number}"})["address"]
        token = address.split("/")[1]
        async with websockets.connect(
            f"{home.replace('http', 'ws')}/{token}/ws", origin=home, max_size=None
        ) as page:
            await page.recv()
            for message in ({"t": "open", "address": f"{TASK}&seed={number}"},
                            {"t": "do", "action": "play", "args": {}}):  # fmt: skip
                await page.send(json.dumps(message))
                await page.recv()
            while not over.is_set():
                await asyncio.sleep(0.5)

    async def everyone() -> None:
        await asyncio.gather(*(one(i + 2) for i in range(count)))

    asyncio.run(everyone())


def teacher(browser: Any, folder: Path) -> None:
    """From a task to thirty pages, in Korean."""
    walk = Walk("teacher", "과제에서 서른 명까지", folder)
    lab = Lab("--class", "--pages", str(SEATS), "--link", TASK, lines=2)
    over = threading.Event()
    everyone = None
    try:
        wall_address = next(a for a in lab.addresses if a.endswith("wall.html"))
        home, token = wall_address.removesuffix("/wall.html").rsplit("/", 1)

        wall = opened(browser, wall_address)
        wall.wait_for_function("() => document.querySelector('.code').textContent.length > 6")
        code = wall.locator(".code").text_content().replace(" ", "")
        walk.step(
            "수업을 열고 코드를 칠판에 띄웁니다",
            wall,
            wall.locator("main, body").first.inner_text(),
        )
        first = opened(browser, home + "/")
        first.locator("#code").fill(code)
        first.locator("#name").fill("지우")
        walk.step("한 학생이 코드를 입력합니다", first)
        first.keyboard.press("Enter")
        first.locator(".waiting").wait_for(state="hidden")
        walk.step("학생의 화면에 과제가 열립니다", first, first.locator(".picked").inner_text())
        everyone = threading.Thread(target=crowd, args=(home, code, SEATS - 1, over))
        everyone.start()
        wall.wait_for_function(f"() => document.querySelectorAll('.cards li').length === {SEATS}")
        wall.wait_for_timeout(15_000)
        walk.step("스물아홉 명이 더 들어와 학습을 시작합니다", wall)
        refused = opened(browser, home + "/")
        refused.locator("#code").fill(code)
        refused.keyboard.press("Enter")
        refused.get_by_text("모두 찼습니다").wait_for()
        walk.step("서른한 번째 학생에게는 자리가 없다고 알려 줍니다", refused,
                  refused.locator("main, body").first.inner_text())  # fmt: skip
        desk = opened(browser, f"{home}/{token}/#data=circles&layers=4.tanh&pace=20")
        desk.locator(".waiting").wait_for(state="hidden")
        desk.get_by_role("button", name="모두 여기 보기").click()
        first.locator(".looking").wait_for()
        first.wait_for_timeout(2000)
        walk.step("교사가 자기 화면을 모두에게 보여 줍니다", first,
                  first.locator(".looking").inner_text())  # fmt: skip
        first.reload()
        first.locator(".waiting").wait_for(state="hidden")
        walk.step(
            "학생이 새로 고쳐도 자리와 작업이 그대로입니다",
            first,
            first.locator(".seat").inner_text(),
        )
    finally:
        over.set()
        if everyone is not None:
            everyone.join(30)
        lab.close()
        walk.write()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("who", choices=("student", "teacher"))
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        {"student": student, "teacher": teacher}[chosen.who](browser, chosen.folder)
        browser.close()


if __name__ == "__main__":
    main()
