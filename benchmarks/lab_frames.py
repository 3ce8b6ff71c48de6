"""The lab in Chromium: time to the first picture, frames a second, memory over many frames.

    python benchmarks/lab_frames.py                      # about a minute
    python benchmarks/lab_frames.py --seconds 600        # memory over ten minutes
    python benchmarks/lab_frames.py --fresh              # as after an installation: compiling too

The playground trains its largest network (six layers of 16 units, seven inputs, 103 maps) while
the page draws; the same with the browser's processor throttled four times.  A frame counts when
the page has got it, and it asks for the next only when it draws the last.  The room Convolution
the same while it trains LeNet, with the time to its first picture and its first step.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

LARGEST = "data=spiral&pace=free&features=x1,x2,x1^2,x2^2,x1x2,sin_x1,sin_x2&layers=" + ",".join(
    ["16.relu"] * 6
)
SMALL = "data=moons&pace=free"
LENET = "room=convolution&conv_view=network&conv_pace=free"
# what the numbers of the training say first, of the room that is open
EPOCH = {
    "playground": "parseInt(document.querySelector('.numbers b').textContent)",
    "convolution": "parseInt(document.querySelector('.conv-network .numbers b').textContent)",
}

# Counts the frames that come in; a frame is binary, news are text.
COUNT = """
  window.framesSeen = 0;
  const Plain = WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...all) {
      super(...all);
      this.addEventListener("message", ({ data }) => {
        if (data instanceof ArrayBuffer) window.framesSeen += 1;
      });
    }
  };
"""


class Lab:
    """``glassnet lab`` in a process of its own."""

    def __init__(self, cache: str | None) -> None:
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        if cache:
            environment |= {"NUMBA_CACHE_DIR": cache}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "glassnet", "lab", "--no-browser"],
            stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().split()[-1]
        self.listening = time.perf_counter() - self.started

    def megabytes(self) -> float:
        """What it holds in memory now; NaN where the system does not say."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return float("nan")
        line = next(s for s in status.read_text().splitlines() if s.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)


def open_page(browser: Any, lab: Lab, state: str) -> Any:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.add_init_script(COUNT)
    page.goto(lab.address + "#" + state)
    page.wait_for_function("() => window.framesSeen > 0", timeout=120_000)
    return page


def busy(devtools: Any) -> float:
    """Seconds of processor time that the page's main thread has used."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


def frames(
    page: Any, seconds: float, throttle: int, room: str = "playground"
) -> tuple[float, float, float]:
    """Frames a second while it trains, epochs a second, and processor time for a frame in ms."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    seen = f"() => [performance.now(), window.framesSeen, {EPOCH[room]}]"
    before, used = page.evaluate(seen), busy(devtools)
    page.wait_for_timeout(1000 * seconds)
    after, used = page.evaluate(seen), busy(devtools) - used
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    took = (after[0] - before[0]) / 1000
    count = after[1] - before[1]
    return count / took, (after[2] - before[2]) / took, 1000 * used / max(count, 1)


def heap(page: Any) -> float:
    """Megabytes of the page's JavaScript, after its garbage was collected."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    return float(devtools.send("Runtime.getHeapUsage")["usedSize"] / 2**20)


def convolution(browser: Any, lab: Lab, seconds: float) -> dict[str, float]:
    """The room Convolution while it trains LeNet."""
    found: dict[str, float] = {}
    start = time.perf_counter()
    page = open_page(browser, lab, LENET)
    drawn = "() => document.querySelector('.feature-maps canvas')?.width > 300"
    page.wait_for_function(drawn, timeout=120_000)
    found["Convolution: first picture, seconds"] = time.perf_counter() - start
    start = time.perf_counter()
    page.get_by_role("button", name="Play", exact=True).click()
    stepped = "() => /[1-9]/.test(document.querySelector('.conv-network .numbers b').textContent)"
    page.wait_for_function(stepped, timeout=120_000)
    found["Convolution: first step after Play, seconds"] = time.perf_counter() - start
    page.wait_for_timeout(2000)
    for throttle in (1, 4):
        rate, _, cost = frames(page, min(seconds, 10), throttle, "convolution")
        slower = f", processor ÷ {throttle}" if throttle > 1 else ""
        found[f"Convolution{slower}: frames a second"] = rate
        if throttle == 1:
            found["Convolution: page's processor time, ms a frame"] = cost
    page.close()
    return found


def measure(seconds: float, fresh: bool) -> dict[str, float]:
    found: dict[str, float] = {}
    path = shutil.which("chromium") or shutil.which("google-chrome")
    cache = tempfile.mkdtemp() if fresh else None
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        lab = Lab(cache)
        try:
            page = open_page(browser, lab, "")
            found["first picture, seconds after the start"] = time.perf_counter() - lab.started
            found["of these until the address is printed"] = lab.listening
            page.close()
            for name, state in (("small", SMALL), ("largest", LARGEST)):
                page = open_page(browser, lab, state)
                page.get_by_role("button", name="Play", exact=True).click()
                page.locator(".numbers b").first.wait_for(timeout=120_000)
                page.wait_for_timeout(3000)
                for throttle in (1, 4):
                    rate, epochs, cost = frames(page, min(seconds, 10), throttle)
                    slower = f", processor ÷ {throttle}" if throttle > 1 else ""
                    words = f"{name} network{slower}"
                    found[f"{words}: frames a second"] = rate
                    found[f"{words}: epochs a second"] = epochs
                    if throttle == 1:
                        found[f"{words}: page's processor time, ms a frame"] = cost
                if name == "largest":
                    found["page, MB"], found["server, MB"] = heap(page), lab.megabytes()
                    start = page.evaluate("() => window.framesSeen")
                    page.wait_for_timeout(1000 * seconds)
                    count = page.evaluate("() => window.framesSeen") - start
                    found[f"page, MB, {count} frames later"] = heap(page)
                    found["server, MB, then"] = lab.megabytes()
                page.close()
            found |= convolution(browser, lab, seconds)
        finally:
            lab.close()
            browser.close()
            if cache:
                shutil.rmtree(cache)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--fresh", action="store_true", help="with an empty cache of compiled code")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = measure(chosen.seconds, chosen.fresh)
    if chosen.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for name, value in found.items():
        print(f"{name:56} {value:10.2f}")


if __name__ == "__main__":
    main()
