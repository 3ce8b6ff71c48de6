"""Change the learning rate between epochs: by a number that stays, or by the epoch."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

from glassnet._core.settings import number
from glassnet.callbacks.base import Callback, Logs
from glassnet.callbacks.monitor import Monitor
from glassnet.errors import ConfigError


class ReduceLROnPlateau(Monitor):
    """Multiplies the learning rate by ``factor`` when a number has not become better.

    Raises:
        ConfigError: a factor outside (0, 1), or a learning rate that follows a schedule.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        verbose: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta, patience, verbose)
        if not 0 < factor < 1:
            raise ConfigError(f"ReduceLROnPlateau: factor must be between 0 and 1, got {factor!r}.")
        self.factor, self.cooldown, self.min_lr = factor, cooldown, min_lr
        self.cooling = 0

    def on_train_begin(self) -> None:
        if callable(self.model.optimizer.learning_rate):
            raise ConfigError(
                "ReduceLROnPlateau: the learning rate follows a schedule; use one or the other."
            )
        if self.run.epoch == 0 and self.run.batch == 0:
            self.best, self.wait, self.cooling = math.inf, 0, 0

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        better = self.improved(logs)
        if self.cooling > 0:
            self.cooling -= 1
            self.wait = 0
        elif not better and self.wait >= self.patience:
            optimizer = self.model.optimizer
            rate = float(optimizer.current_learning_rate)
            if rate > self.min_lr:
                lower = optimizer.learning_rate = max(rate * self.factor, self.min_lr)
                self.say(f"the learning rate is {lower:g} after epoch {epoch + 1}")
                self.cooling, self.wait = self.cooldown, 0

    def get_state(self) -> dict[str, Any]:
        rate = float(self.model.optimizer.current_learning_rate)
        return super().get_state() | {"cooling": self.cooling, "learning_rate": rate}

    def set_state(self, state: dict[str, Any]) -> None:
        super().set_state(state)
        self.cooling = int(state["cooling"])
        self.model.optimizer.learning_rate = float(state["learning_rate"])


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch, as in Keras.

    Args:
        schedule: ``f(epoch)`` or ``f(epoch, learning_rate)``, with the epoch counted from 0. A
            rate that changes with each update is a schedule: ``SGD(learning_rate=…)``.
        verbose: 1: print it.

    Raises:
        ConfigError: no function, or one that gives no number of at least 0.
    """

    kept = False  # what it does follows from the epoch

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        if not callable(schedule):
            raise ConfigError(
                f"LearningRateScheduler: {schedule!r} is no function of the epoch. A schedule of "
                "the updates is given to the optimizer: SGD(learning_rate=schedule)."
            )
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int) -> None:
        optimizer = self.model.optimizer
        names = list(inspect.signature(self.schedule).parameters)
        rate = float(optimizer.current_learning_rate)
        given = self.schedule(epoch, rate) if len(names) > 1 else self.schedule(epoch)
        value = number("LearningRateScheduler", "the learning rate", given, minimum=0.0)
        optimizer.learning_rate = value
        if self.verbose:
            print(f"LearningRateScheduler: {value:g} in epoch {epoch + 1}", flush=True)
