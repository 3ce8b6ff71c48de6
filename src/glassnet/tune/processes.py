"""Several workers on this machine: processes that join the search, watched until it is done."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import IO, Any

from glassnet._core.team import cores
from glassnet.errors import StorageError
from glassnet.tune import working
from glassnet.tune.beating import PARENT, Guard, Watch
from glassnet.tune.plan import Plan

PAUSE = 0.3  # seconds between two looks
AGAIN = 3  # times that a worker is started again in the place of one that died
PARTING = 10.0  # seconds for the batch under way, after which a worker is killed


class Workers:
    """``count`` processes of ``glassnet tune --join``."""

    def __init__(self, place: str, study_name: str, count: int, data_dir: str | None) -> None:
        self._command = [
            sys.executable, "-m", "glassnet", "tune", "--join", place, "--study", study_name,
            "--quiet", "--language", "en",
        ]  # fmt: skip
        if data_dir is not None:
            self._command += ["--data-dir", data_dir]
        self._count = count
        self._again = AGAIN
        self._running: list[tuple[subprocess.Popen[bytes], IO[bytes]]] = []

    def __enter__(self) -> Workers:
        for _ in range(self._count):
            self._start()
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def _start(self) -> None:
        said = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the process lives
        own = {PARENT: str(os.getpid())}
        if not {"GLASSNET_NUM_THREADS", "OMP_NUM_THREADS"} & set(os.environ):
            own["GLASSNET_NUM_THREADS"] = str(max(1, cores() // self._count))
        # In a group of their own: Ctrl-C reaches this process, which passes it on once.
        process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
            env={**os.environ, **own}, start_new_session=True,
        )  # fmt: skip
        self._running.append((process, said))

    def look(self) -> None:
        """Start another worker in the place of one that died.

        Raises:
            StorageError: they die again and again; what the last one said.
        """
        for process, said in list(self._running):
            code = process.poll()
            if code is None:
                continue
            self._running.remove((process, said))
            words = _last_line(said)
            if code in (0, 130):
                continue
            if self._again == 0 or code in (1, 2):
                raise StorageError(words or f"a worker has ended with code {code}.")
            self._again -= 1
            self._start()

    def end(self) -> None:
        """Ask all to end after the batch under way; wait, and then make them."""
        for process, _ in self._running:
            with contextlib.suppress(OSError):
                process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
        until = time.monotonic() + PARTING
        for process, said in self._running:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            said.close()
        self._running.clear()


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    said.close()
    return lines[-1].removeprefix("Error: ") if lines else ""


def work(
    study: Any,
    plan: Plan,
    guard: Guard,
    news: Callable[[], None],
    workers: Workers,
) -> None:
    """Watch the workers until the search is done, or there is a reason to end."""
    watch = Watch(lambda trial: working.lose(study, trial))
    with workers:
        while not guard.look():
            news()
            if working.enough(study, plan, watch):
                break
            workers.look()
            time.sleep(PAUSE)
    working.enough(study, plan, watch)  # a worker that had to be killed has lost its trial
    news()
