"""Signs of life: a trial says that it goes on, and whoever hears nothing for long calls it lost."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from glassnet.callbacks import Callback, Logs

BEAT = 5.0  # seconds between two signs of life
LOST = 45.0  # seconds without one, by the clock of whoever waits
WORKER, ALIVE = "worker", "alive"  # what a trial is noted under
PARENT = "GLASSNET_TUNE_PARENT"  # of a worker: the process that started it


class Guard(Callback):
    """Ends the training under way after its batch, when there is a reason.

    Attributes:
        why: "interrupted", "time", "storage", "parent"; empty while all goes on.
        deadline: when time is up, by ``time.monotonic``.
        error: what the storage said, if it is gone.
    """

    kept = False

    def __init__(self, deadline: float | None = None) -> None:
        self.why = ""
        self.deadline = deadline
        self.error: BaseException | None = None

    def interrupt(self) -> None:
        """Ctrl-C was pressed."""
        self.why = self.why or "interrupted"

    def look(self) -> str:
        """Whether there is a reason to end now."""
        if not self.why and self.deadline is not None and time.monotonic() > self.deadline:
            self.why = "time"
        return self.why

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        if self.look():
            self.run.stop(self.why)


class Beat:
    """Inside, a thread notes every few seconds that the trial goes on."""

    def __init__(self, trial: Any, guard: Guard) -> None:
        self._trial, self._guard = trial, guard
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(BEAT)

    def _beat(self) -> None:
        count = 0
        while not self._ended.wait(BEAT):
            count += 1
            if orphaned():
                self._guard.why = self._guard.why or "parent"
            try:
                self._trial.set_user_attr(ALIVE, count)
            except Exception as error:
                if type(error).__name__ == "UpdateFinishedTrialError":
                    return  # it was called lost; the next report says so to the training
                self._guard.error = error
                self._guard.why = self._guard.why or "storage"
                return


def orphaned() -> bool:
    """Whether the process that started this worker is gone."""
    parent = os.environ.get(PARENT)
    return parent is not None and os.name != "nt" and os.getppid() != int(parent)


def worker_name() -> str:
    """This process, for others: ``host:pid``."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Watch:
    """Finds trials whose worker is gone, by what this process sees; no clocks are compared."""

    def __init__(self, tell_lost: Callable[[Any], None]) -> None:
        self._tell_lost = tell_lost
        self._seen: dict[int, tuple[Any, float]] = {}

    def look(self, running: list[Any]) -> None:
        """Call each trial lost whose process is dead, or that has been silent for long."""
        now = time.monotonic()
        for trial in running:
            sign = (trial.user_attrs.get(ALIVE), trial.last_step)
            before, since = self._seen.get(trial.number, (None, now))
            if sign != before:
                since = now
            self._seen[trial.number] = sign, since
            if now - since > LOST or _dead(str(trial.user_attrs.get(WORKER, ""))):
                self._tell_lost(trial)


def _dead(worker: str) -> bool:
    """Whether a worker was on this machine and is no more."""
    host, _, pid = worker.rpartition(":")
    if host != socket.gethostname() or os.name == "nt":
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (ValueError, PermissionError):
        return False
    return False
