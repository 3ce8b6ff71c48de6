"""A class in the lab: thirty pages that train at once, and the frames that each of them gets.

    python benchmarks/lab_class.py                  # thirty pages, 20 seconds
    python benchmarks/lab_class.py --pages 10 --json

The pages are WebSockets that ask as a page does: for the next frame when the last has come, at
most thirty a second, each with the map, the tiles, the weights and the curves of a network of
4-4 units that trains at 20 epochs a second; how many it reaches is told too.  One page more than
the class has seats for is refused.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import websockets

STATE = "data=moons&layers=4.tanh,4.tanh&pace=20"
WANT = ["units", "scales", "map", "weights", "dead", "curves"]
MOST = 30.0  # frames a second that a page asks for
WARM = 20.0  # seconds until all that compiles is compiled


class Class:
    """``glassnet lab --class`` in a process of its own."""

    def __init__(self, pages: int) -> None:
        command = [sys.executable, "-m", "glassnet", "lab", "--no-browser", "--class"]
        command += ["--pages", str(pages), "--link", STATE, "--language", "en"]
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        wall = next(line for line in self.process.stdout if "wall.html" in line).split()[-1]
        self.home, self.token = wall.removesuffix("/wall.html").rsplit("/", 1)

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the server answers; what it says too where it refuses."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.home + path, data, {"Origin": self.home})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return json.loads(refused.read())

    def seconds(self) -> float:
        """Processor time that it has used."""
        parts = Path(f"/proc/{self.process.pid}/stat").read_text().split()
        return (int(parts[13]) + int(parts[14])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)


def epoch(frame: bytes) -> float:
    """The epoch that a frame shows: the first number of its status, which is its first section."""
    return float(struct.unpack_from("<d", frame, 24)[0])


async def student(
    lab: Class, token: str, begin: asyncio.Event, seconds: float
) -> tuple[float, float]:
    """Frames a second of one page, and epochs a second."""
    address = f"{lab.home.replace('http', 'ws')}/{token}/ws"
    async with websockets.connect(
        address, origin=lab.home, max_size=None, ping_interval=None
    ) as page:
        await page.recv()
        for message in ({"t": "open", "address": STATE}, {"t": "do", "action": "play", "args": {}}):
            await page.send(json.dumps(message))
            await page.recv()
        await begin.wait()
        start, epochs = time.perf_counter(), []
        while (now := time.perf_counter()) < start + seconds:
            await page.send(json.dumps({"t": "frame", "want": WANT}))
            while not isinstance(frame := await page.recv(), bytes):
                pass  # news come before a frame
            epochs.append(epoch(frame))
            await asyncio.sleep(max(0.0, now + 1 / MOST - time.perf_counter()))
        took = time.perf_counter() - start
        return len(epochs) / took, (epochs[-1] - epochs[0]) / took


async def measure(pages: int, seconds: float) -> dict[str, Any]:
    lab = Class(pages)
    try:
        code = lab.ask(f"/{lab.token}/class")["code"]
        seats = [lab.ask("/join", {"code": code, "name": ""})["address"] for _ in range(pages)]
        refused = lab.ask("/join", {"code": code, "name": ""})
        begin = asyncio.Event()
        tokens = [address.split("/")[1] for address in seats]
        tasks = [asyncio.create_task(student(lab, token, begin, seconds)) for token in tokens]
        await asyncio.sleep(WARM)
        before, start = lab.seconds(), time.perf_counter()
        begin.set()
        found = await asyncio.gather(*tasks)
        rates, epochs = (sorted(column) for column in zip(*found, strict=True))
        used = lab.seconds() - before
        return {
            "pages": pages,
            "frames a second, slowest page": rates[0],
            "frames a second, median": rates[pages // 2],
            "epochs a second, slowest page": epochs[0],
            "epochs a second, median": epochs[pages // 2],
            "server, cores used": used / (time.perf_counter() - start),
            "server, frames a second of its processor": sum(rates) * seconds / used,
            "server, MB": lab.megabytes(),
            "one page more is told": refused.get("key", refused),
            "load of the machine": os.getloadavg()[0],
        }
    finally:
        lab.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = asyncio.run(measure(chosen.pages, chosen.seconds))
    if chosen.json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name:44} {value:10.2f}" if isinstance(value, float) else f"{name:44} {value}")


if __name__ == "__main__":
    main()
