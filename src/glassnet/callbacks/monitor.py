"""What the callbacks that watch one number have in common."""

from __future__ import annotations

import math
from typing import Any

from glassnet._core.habits import unknown
from glassnet._core.settings import number
from glassnet.callbacks.base import Callback, Logs
from glassnet.errors import ConfigError
from glassnet.metrics import higher_is_better


class Monitor(Callback):
    """What the callbacks that watch one number have in common."""

    def __init__(
        self, monitor: str, mode: str, min_delta: float, patience: int, verbose: int = 0
    ) -> None:
        if mode not in ("auto", "min", "max"):
            raise ConfigError(f"mode {mode!r}: expected 'auto', 'min' or 'max'.")
        if isinstance(patience, bool) or not isinstance(patience, int) or patience < 0:
            raise ConfigError(f"patience must be a whole number of at least 0, got {patience!r}.")
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(number(type(self).__name__, "min_delta", min_delta))
        self.patience = patience
        self.verbose = verbose
        self.best = math.inf
        self.wait = 0

    def say(self, text: str) -> None:
        """Print it, if ``verbose`` asks for that."""
        run = getattr(self, "run", None)
        if self.verbose and (run is None or run.rank == 0):
            print(f"{type(self).__name__}: {text}", flush=True)

    @property
    def sign(self) -> float:
        """-1 where higher is better: after it, smaller is."""
        if self.mode != "auto":
            return -1.0 if self.mode == "max" else 1.0
        run = getattr(self, "run", None)
        higher = higher_is_better(self.monitor, run.metrics if run is not None else ())
        if higher is None:
            raise ConfigError(
                f"{type(self).__name__}: nothing says whether a higher {self.monitor!r} is better. "
                "Give mode='max' if it is, or mode='min'."
            )
        return -1.0 if higher else 1.0

    def on_epoch_begin(self, epoch: int) -> None:
        if epoch and epoch == self.run.patient_until:  # what was freed has not had its chance yet
            self.wait = 0

    def improved(self, logs: Logs) -> bool:
        """Whether the number is better than ever; counts the epochs since."""
        if self.monitor not in logs:
            raise ConfigError(
                f"{type(self).__name__}: {unknown('number', self.monitor, logs)} Pass validation "
                "data to fit for those that begin with val_."
            )
        value = self.sign * logs[self.monitor]
        if value < self.best - self.min_delta:
            self.best, self.wait = value, 0
            return True
        self.wait += 1
        return False

    def get_state(self) -> dict[str, Any]:
        return {"best": self.best, "wait": self.wait}

    def set_state(self, state: dict[str, Any]) -> None:
        self.best, self.wait = float(state["best"]), int(state["wait"])
