"""The lab in a real browser: one server and one Chromium for all tests of a process.

    def test_the_room(page, accessible, shoot):
        room = page("ko", "step", "data=moons&layers=3.tanh", theme="dark")
        room.get_by_role("button", name="시작").click()
        accessible(room)
        shoot(room, "step-ko-dark")

A test fails on any error in the console, on what the Content-Security-Policy refused, and on
any request that leaves this machine.  ``pytest --shots DIR`` keeps the pictures; ``pytest
--late 300`` plays a busy machine, in which a test that reads before it waits shows itself.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
WIDE, TABLET = (1280, 720), (820, 1180)
TIMEOUT = 30_000  # milliseconds, for whatever a test waits for
FIRST = 90_000  # for the first picture: on a busy machine, with all kernels to compile
LOCALES = {"en": "en-US", "ko": "ko-KR"}

# every message of the server comes late, in its order
LATE = """window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (event) => {
      if (event.late) return;
      event.stopImmediatePropagation();
      const again = new MessageEvent("message", { data: event.data });
      again.late = true;
      setTimeout(() => this.dispatchEvent(again), MS);
    });
  }
};"""

# root has no sandbox; a container's /dev/shm is small
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


def chromium() -> str | None:
    """Where the system's Chromium is."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """They need a browser, and may be run once more: a busy machine can starve it.

    What fails twice fails; the first failure is shown as a rerun.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    path = chromium()
    if path is None:
        pytest.skip("no browser: install Debian's chromium (or Chrome) to run these tests")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def lab_address() -> Iterator[str]:
    """The lab's address; a module that needs other options has a fixture of this name."""
    with started() as address:
        yield address


@pytest.fixture(scope="session")
def start_lab() -> Callable[..., Any]:
    """``with start_lab("--runs", folder) as address``."""
    return started


@contextmanager
def started(*options: str) -> Iterator[str]:
    """``glassnet lab``, as a person starts it, in an empty folder; ends with Ctrl-C."""
    folder = tempfile.TemporaryDirectory()  # where the checks began, runs of others may lie
    command = [sys.executable, "-m", "glassnet", "lab", "--no-browser", *options]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    # a group of its own: the terminal's Ctrl-C is for the tests
    lab = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True,
        cwd=folder.name,
    )  # fmt: skip
    try:
        assert lab.stdout is not None
        line = lab.stdout.readline()
        assert " http://127.0.0.1:" in line, f"glassnet lab said {line!r}"
        yield line.split()[-1]
    finally:
        lab.send_signal(signal.SIGINT)
        try:
            lab.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            lab.kill()
            lab.communicate()
        folder.cleanup()


class Faults:
    """What went wrong in a page: errors in its console, refusals, requests to elsewhere."""

    def __init__(self, page: Any, home: str) -> None:
        self.found: list[str] = []
        self.home = home
        page.on("pageerror", lambda error: self.found.append(f"exception: {error.stack}"))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):  # a refusal by the policy is an error
            self.found.append(f"console {message.type}: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.found.append(f"a request to elsewhere: {request.url}")

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.found.append(f"{response.status} for {response.url}")


@pytest.fixture
def page(
    browser: Any, lab_address: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Any]]:
    """``page(language, room, address)`` opens the lab and waits for its first picture.

    The language comes from the browser, as a person's would.  More: ``theme`` ("light",
    "dark"; as the system has it), ``size`` in pixels, ``touch``, ``late`` (milliseconds that
    the server's messages are held back).  ``page.faults.found`` of what is returned is the
    list of what went wrong; a test that expects something clears it.
    """
    all_late = request.config.getoption("--late")
    contexts: list[Any] = []
    watched: list[Faults] = []

    def open_page(
        language: str = "en",
        room: str = "playground",
        address: str = "",
        *,
        theme: str = "light",
        size: tuple[int, int] = WIDE,
        touch: bool = False,
        late: int = all_late,
    ) -> Any:
        context = browser.new_context(
            locale=LOCALES[language], color_scheme=theme, has_touch=touch, reduced_motion="reduce",
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True,
        )  # fmt: skip
        context.set_default_timeout(TIMEOUT)
        if late:
            context.add_init_script(LATE.replace("MS", str(late)))
        contexts.append(context)
        opened = context.new_page()
        opened.faults = Faults(opened, lab_address)
        watched.append(opened.faults)
        parts = [address] if address else []
        if room != "playground":
            parts.insert(0, f"room={room}")
        opened.goto(lab_address + ("#" + "&".join(parts) if parts else ""))
        opened.locator(".waiting").wait_for(state="hidden", timeout=FIRST)
        opened.locator(f"#room-{room}").wait_for()
        return opened

    yield open_page
    for context in contexts:
        context.close()
    faults = [fault for one in watched for fault in one.found]
    assert not faults, "\n".join(faults)


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> Callable[[Any, str], None]:
    """``shoot(page, name)`` keeps a picture as ``name.png`` in the folder of ``--shots``."""
    folder = request.config.getoption("--shots")

    def take(page: Any, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png")

    return take


@pytest.fixture
def tidy() -> Callable[[Any], None]:
    """``tidy(page)`` fails if sections of the room lie on each other or the page is too wide."""

    def check(page: Any) -> None:
        wrong = page.evaluate("""() => {
          const wrong = [];
          const wide = document.documentElement.scrollWidth;
          if (wide > window.innerWidth) wrong.push(`the page is ${wide} pixels wide`);
          const parts = [...document.querySelectorAll("[role=tabpanel]:not([hidden]) > section")]
            .map((part) => [part.className, part.getBoundingClientRect()]);
          parts.forEach(([a, one], i) => parts.slice(i + 1).forEach(([b, other]) => {
            const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
            const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
            if (across > 1 && down > 1) wrong.push(`${a} lies on ${b}`);
          }));
          return wrong;
        }""")
        assert not wrong, "\n".join(wrong)

    return check


@pytest.fixture
def accessible() -> Callable[..., None]:
    """``accessible(page)`` fails on what axe-core (WCAG 2.2 AA and good practice) finds wrong.

    Beside it our own check, ``focus.js``, which presses no key: no two elements have the same
    id, whatever can be clicked can be reached with the keyboard, and every control shows that
    it has the focus.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-core")
    focus = (HERE / "focus.js").read_text(encoding="utf-8")

    def check(page: Any, within: str | None = None) -> None:
        found = axe.Axe().run(page, context=within, options={"resultTypes": ["violations"]})
        wrong = [
            f"{v['id']} ({v['impact']}): {v['help']}\n    {node['html'][:160]}\n"
            f"    {' '.join(node['failureSummary'].split())}"
            for v in found.response["violations"] for node in v["nodes"]
        ]  # fmt: skip
        wrong += page.evaluate(focus, within)
        assert not wrong, "\n".join(wrong)

    return check
