"""The lab under play: pages that come and go, read slowly, flood, or never speak.

    python benchmarks/reliability/soak.py --minutes 20

Starts ``glassnet lab`` as a process of its own, and prints its memory once a minute. It must end
where it began, once what is compiled at a first use is compiled: the exit code is 1 if the memory
of the second half grew by more than ``GROWTH`` MB, if a session broke, or if the lab does not
answer at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

GROWTH = 40  # MB
WANT = ["map", "curves", "units", "status"]
ADDRESSES = (
    "data=moons&layers=8.relu,8.relu", "data=spiral&layers=16.tanh", "data=sine&layers=4.tanh",
    "room=step&samples=10&layers=3.sigmoid", "room=convolution", "data=xor&batch_size=1",
)  # fmt: skip
COUNT: Counter[str] = Counter()
CHANCE = random.Random(1)


def megabytes(number: int) -> int:
    """The memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{number}/status").read_text())
    return int(found[1]) // 1024 if found else 0


def threads(number: int) -> int:
    return len(list(Path(f"/proc/{number}/task").iterdir()))


class Lab:
    """The process, and where it listens."""

    def __init__(self) -> None:
        self.log = Path("soak.log").open("w+b")  # noqa: SIM115  as long as the process
        self.process = subprocess.Popen(
            [sys.executable, "-m", "glassnet", "lab", "--no-browser"],
            stdout=subprocess.PIPE, stderr=self.log, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/([\w-]+)/", line)
            if found:
                break
        else:
            raise SystemExit("the lab ended before it said where it listens; see soak.log")
        self.port, token = int(found[1]), found[2]
        self.home = f"http://127.0.0.1:{self.port}"
        self.socket = f"ws://127.0.0.1:{self.port}/{token}/ws"

    def page(self) -> Any:
        """A page's connection."""
        return connect(self.socket, origin=self.home, max_size=None, open_timeout=120,
                       ping_interval=None, close_timeout=5, compression=None)  # type: ignore[arg-type]  # of a plain str  # fmt: skip


async def say(page: Any, what: dict[str, Any]) -> Any:
    await page.send(json.dumps(what))
    return await asyncio.wait_for(page.recv(), 120)


async def plays(lab: Lab, until: float) -> None:
    """Opens, changes something, plays, looks at frames, and goes, politely or not."""
    async with lab.page() as page:
        await asyncio.wait_for(page.recv(), 120)
        await say(page, {"t": "open", "address": CHANCE.choice(ADDRESSES)})
        await say(page, {"t": "do", "action": "play", "args": {}})
        for _ in range(CHANCE.randint(5, 60)):
            if time.monotonic() > until:
                break
            await page.send(json.dumps({"t": "frame", "want": []}))
            while isinstance(await asyncio.wait_for(page.recv(), 120), str):
                pass  # changes come before a frame
            await asyncio.sleep(CHANCE.uniform(0, 0.2))
        COUNT["sessions that played"] += 1
        if CHANCE.random() < 0.5:
            page.transport.abort()
            COUNT["of them gone without a word"] += 1


async def reads_slowly(lab: Lab, until: float) -> None:
    """Asks for many frames and reads none."""
    async with lab.page() as page:
        page.transport.pause_reading()
        for _ in range(100):
            await page.send(json.dumps({"t": "frame", "want": []}))
        await asyncio.sleep(min(5.0, max(0.0, until - time.monotonic())))
        page.transport.abort()
        COUNT["slow readers"] += 1


async def pour(page: Any) -> None:
    """Send as much as it takes until it is put out."""
    with contextlib.suppress(ConnectionClosed):
        for number in range(5000):
            await page.send(json.dumps({"t": "set", "field": "noise", "value": number % 5 / 10}))


async def floods(lab: Lab, until: float) -> None:
    """Sends as much as it can, and reads what is said to it: ended with 1008."""
    async with lab.page() as page:
        pouring = asyncio.create_task(pour(page))
        with contextlib.suppress(ConnectionClosed):
            async for _ in page:
                pass
        await pouring
        COUNT[f"floods ended with {page.close_code} ({page.close_reason})"] += 1


async def floods_deaf(lab: Lab, until: float) -> None:
    """Sends as much as it can and reads nothing, so that the lab can neither answer nor read on:
    after 150 seconds it is taken for gone, with 1011."""
    async with lab.page() as page:
        await pour(page)
        with contextlib.suppress(ConnectionClosed):
            async for _ in page:
                pass
        COUNT[f"deaf floods ended with {page.close_code} ({page.close_reason})"] += 1


async def half_open(lab: Lab, until: float) -> None:
    """Connects and never says a whole sentence."""
    sockets = []
    for _ in range(10):
        one = socket.create_connection(("127.0.0.1", lab.port))
        one.sendall(b"GET / HTTP/1.1\r\nHost:")
        sockets.append(one)
    await asyncio.sleep(min(30.0, max(0.0, until - time.monotonic())))
    for one in sockets:
        one.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            COUNT["half-open sockets closed by the lab"] += one.recv(1) == b""
        one.close()
        COUNT["half-open sockets"] += 1


async def player(lab: Lab, kind: Any, until: float) -> None:
    while time.monotonic() < until:
        try:
            await kind(lab, until)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else None
            COUNT[f"closed with {code}"] += 1
            await asyncio.sleep(0.5)
        except (OSError, TimeoutError) as error:
            COUNT[f"not served: {type(error).__name__}"] += 1
            await asyncio.sleep(0.5)


async def play(lab: Lab, minutes: float) -> list[tuple[int, int]]:
    until = time.monotonic() + 60 * minutes
    kinds = (plays, plays, plays, reads_slowly, floods, floods_deaf, half_open)
    playing = [asyncio.create_task(player(lab, kind, until)) for kind in kinds]
    memory = []
    while time.monotonic() < until:
        memory.append((megabytes(lab.process.pid), threads(lab.process.pid)))
        print(f"{memory[-1][0]} MB, {memory[-1][1]} threads, {dict(COUNT)}", flush=True)
        await asyncio.sleep(min(60.0, max(0.1, until - time.monotonic())))
    await asyncio.wait(playing, timeout=180)
    await asyncio.sleep(10)
    memory.append((megabytes(lab.process.pid), threads(lab.process.pid)))
    async with lab.page() as page:
        await asyncio.wait_for(page.recv(), 120)
    return memory


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    minutes = parser.parse_args().minutes
    lab = Lab()
    try:
        memory = asyncio.run(play(lab, minutes))
        lab.log.seek(0)
        broke = lab.log.read().decode(errors="replace").count("a session of the lab broke")
    finally:
        lab.process.terminate()
        lab.process.wait(30)
    start, middle, end = memory[0][0], memory[len(memory) // 2][0], memory[-1][0]
    print(
        f"memory: {start} MB at the start, {middle} in the middle, {end} when all had left "
        f"(threads {memory[0][1]} → {memory[-1][1]}); {broke} sessions broke; {COUNT}"
    )
    return 1 if broke or end - middle > GROWTH else 0


if __name__ == "__main__":
    raise SystemExit(main())
