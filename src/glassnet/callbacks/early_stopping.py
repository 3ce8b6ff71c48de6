"""Stop when a number has not become better for some epochs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassnet.callbacks.base import Logs
from glassnet.callbacks.monitor import Monitor


class EarlyStopping(Monitor):
    """Ends the training when a number has not become better for ``patience`` epochs.

    Args:
        monitor: which number, as the history names it.
        min_delta: the least that counts as better.
        patience: how many epochs without that are borne.
        mode: whether smaller ("min") or larger ("max") is better; "auto" knows the metrics.
        restore_best_weights: end with the weights of the best epoch.
        start_from_epoch: do not watch before.
        verbose: 1: print when it ends the training, and why.

    The ``loss`` of an epoch is the mean over its batches, each measured before its update: it
    belongs to the weights on the way, not to those that are kept at the epoch's end. A number
    that begins with ``val_``, or with ``train_`` (``fit(evaluate_training=True)``), is measured
    with the weights that are kept.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        mode: str = "auto",
        restore_best_weights: bool = True,
        start_from_epoch: int = 0,
        verbose: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta, patience, verbose)
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.best_epoch = -1
        self._values: Any = None
        self._state: Any = None

    def on_train_begin(self) -> None:
        if self.run.epoch == 0 and self.run.batch == 0:  # a fit that begins anew
            self.best, self.wait, self.best_epoch = math.inf, 0, -1
            self._values = self._state = None

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if epoch < self.start_from_epoch:
            return
        parameters = self.model.parameters
        if self.improved(logs):
            self.best_epoch = epoch
            if self.restore_best_weights:
                self._values, self._state = parameters.values.copy(), parameters.state.copy()
        elif self.wait >= max(self.patience, 1) and epoch >= self.run.patient_until:
            why = (
                f"{self.monitor} has not become better for {self.wait} epochs; the best was "
                f"{self.sign * self.best:.4g} in epoch {self.best_epoch + 1}"
            )
            self.run.stop(why)
            self.say(why)

    def on_train_end(self) -> None:
        if self.restore_best_weights and self._values is not None:
            self.model.parameters.values[...] = self._values
            self.model.parameters.state[...] = self._state

    def get_state(self) -> dict[str, Any]:
        state = super().get_state() | {"best_epoch": self.best_epoch}
        return (
            state
            if self._values is None
            else {**state, "values": self._values, "state": self._state}
        )

    def set_state(self, state: dict[str, Any]) -> None:
        super().set_state(state)
        self.best_epoch = int(state["best_epoch"])
        parameters = self.model.parameters
        values, kept = state.get("values"), state.get("state")
        shapes = (parameters.values.shape, parameters.state.shape)
        if (
            values is not None
            and (np.shape(values), np.shape(() if kept is None else kept)) != shapes
        ):
            raise ValueError("the best weights have not the shape of the network's")
        self._values, self._state = values, kept
