"""End a trial of an Optuna study early that does worse than the others."""

from __future__ import annotations

from typing import Any

from glassnet._core.habits import unknown
from glassnet._core.optional import require
from glassnet._core.settings import whole_number
from glassnet.callbacks.base import Callback, Logs
from glassnet.errors import ConfigError


class OptunaPruning(Callback):
    """Tells an Optuna trial the number of each epoch, and ends it if the study's pruner says so.

    In an objective of one's own::

        def objective(trial):
            rate = trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True)
            model.compile(Adam(rate), loss="sparse_categorical_crossentropy")
            pruning = callbacks.OptunaPruning(trial)
            history = model.fit(x, y, validation_split=0.2, callbacks=[pruning])
            return history["val_loss"][-1]

    The step of a report is the number of epochs that have ended.

    Args:
        trial: what Optuna hands to the objective.
        monitor: which number, as the history names it. ``val_loss`` has the penalties in it: where
            L2 is searched, watch a metric.
        every: report only after so many epochs; each report is written to the study's storage.

    Raises:
        MissingDependencyError: Optuna is not installed.
        optuna.TrialPruned: from ``fit``, when the trial is to end; Optuna expects it.

    Source: Li et al., A System for Massively Parallel Hyperparameter Tuning (2020), whose
    successive halving is what Optuna's pruner does.
    """

    kept = False  # a trial is not resumed: another one takes its place

    def __init__(self, trial: Any, monitor: str = "val_loss", every: int = 1) -> None:
        self._pruned = require("optuna", extra="tune").TrialPruned
        self.trial = trial
        self.monitor = monitor
        self.every = whole_number("OptunaPruning", "every", every)

    def value(self, logs: Logs) -> float:
        """The number that is reported.

        Raises:
            ConfigError: the epoch has no such number.
        """
        if self.monitor not in logs:
            raise ConfigError(
                f"OptunaPruning: {unknown('number', self.monitor, logs)} Pass validation data to "
                "fit for those that begin with val_."
            )
        return logs[self.monitor]

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        done = epoch + 1
        if done % self.every:
            return
        self.trial.report(float(self.value(logs)), done)
        if done < self.run.epochs and self.trial.should_prune():
            raise self._pruned(f"pruned after {done} of {self.run.epochs} epochs")
