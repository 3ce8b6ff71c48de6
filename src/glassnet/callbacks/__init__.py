"""What may happen beside the training: stop early, keep checkpoints, lower the rate, log."""

from __future__ import annotations

import csv
import inspect
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet._core.habits import missing, unknown
from glassnet._core.settings import number
from glassnet._core.storage import PathLike, refuse_special
from glassnet.callbacks.base import Callback, Logs
from glassnet.callbacks.pruning import OptunaPruning
from glassnet.callbacks.tensorboard import TensorBoard
from glassnet.callbacks.unfreeze import Unfreeze
from glassnet.errors import ConfigError
from glassnet.metrics import higher_is_better
from glassnet.training.run import Run

__all__ = [
    "CSVLogger",
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "LambdaCallback",
    "LearningRateScheduler",
    "Logs",
    "ModelCheckpoint",
    "Monitor",
    "OptunaPruning",
    "ReduceLROnPlateau",
    "Run",
    "TensorBoard",
    "Unfreeze",
]


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


class Checkpoint(Callback):
    """Keeps a file from which a killed run goes on: ``fit(..., resume_from=path)``.

    It holds everything (weights, optimizer, schedule, random state, epoch and batch, the
    history, what the other callbacks know), so that the resumed run ends with the same
    bits as the unbroken one.  It is also a model file: ``Sequential.load(path)``; but for that of
    an ensemble of ``glassnet.tabular``, which becomes one network at the end of its training.

    Args:
        path: the file; it is replaced whole each time.
        every_epochs: after so many epochs.
        every_batches: after so many updates as well.
        every_seconds: not more often than this (the end of the training is always kept).
    """

    last = True
    once = True

    def __init__(
        self,
        path: PathLike,
        every_epochs: int = 1,
        every_batches: int | None = None,
        every_seconds: float = 0.0,
    ) -> None:
        for what, value in (("every_epochs", every_epochs), ("every_batches", every_batches)):
            if value is not None and (not isinstance(value, int) or value < 1):
                raise ConfigError(f"Checkpoint: {what} must be at least 1, got {value!r}.")
        self.path = Path(path)
        self.every_epochs, self.every_batches = every_epochs, every_batches
        self.every_seconds = every_seconds
        self._written = -math.inf

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        if self.every_batches and (batch + 1) % self.every_batches == 0:
            self._save()

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if (epoch + 1) % self.every_epochs == 0 or self.run.stopped:
            self._save(force=bool(self.run.stopped) or epoch + 1 == self.run.epochs)

    def on_train_end(self) -> None:
        if self.run.interrupted:
            self._save(force=True)

    def _save(self, force: bool = False) -> None:
        now = time.monotonic()
        if force or now - self._written >= self.every_seconds:
            self.model.save_checkpoint(self.path, self.run)
            self._written = now


class ModelCheckpoint(Monitor):
    """Keeps the model as a file after each epoch, or only the best one, as in Keras.

    It is a model (``glassnet.load(path)``); a file from which a killed run goes on is
    :class:`Checkpoint`.

    Args:
        filepath: may hold ``{epoch:02d}``, counted from 1, and numbers of the history, as in
            ``"best-{val_loss:.2f}.safetensors"``.
        monitor: which number says what the best is.
        save_best_only: leave the file as it is where the number has not become better.
        save_weights_only: the weights alone, for ``load_weights``.
        mode, verbose: as of :class:`EarlyStopping`.
        save_freq: "epoch"; for each so many batches there is ``Checkpoint(every_batches=…)``.

    Raises:
        ConfigError: a name that promises the format of another library.
    """

    last = True
    once = True

    def __init__(
        self,
        filepath: PathLike,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str = "epoch",
    ) -> None:
        super().__init__(monitor, mode, 0.0, 0, verbose)
        if save_freq != "epoch":
            raise ConfigError(
                f"ModelCheckpoint: save_freq is {save_freq!r}, but must be 'epoch'. "
                "Checkpoint(path, every_batches=100) writes more often."
            )
        if Path(filepath).suffix.lower() in (".keras", ".h5", ".hdf5", ".pt", ".pth"):
            raise ConfigError(
                f"ModelCheckpoint: {filepath}: a model is kept in glassnet's own format, as in "
                "best.safetensors. glassnet.interop writes others of it afterwards."
            )
        self.filepath, self.save_freq = filepath, save_freq
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only

    def on_train_begin(self) -> None:
        if self.run.epoch == 0 and self.run.batch == 0:
            self.best, self.wait = math.inf, 0

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if self.save_best_only and not self.improved(logs):
            return
        try:
            path = Path(str(self.filepath).format(epoch=epoch + 1, **logs))
        except (KeyError, IndexError, ValueError) as error:
            raise ConfigError(
                f"ModelCheckpoint: {self.filepath}: {error} is none of epoch, {', '.join(logs)}."
            ) from None
        path.parent.mkdir(parents=True, exist_ok=True)
        model: Any = self.model
        (model.save_weights if self.save_weights_only else model.save)(path)
        self.say(f"{path} holds epoch {epoch + 1}")


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


class CSVLogger(Callback):
    """Writes a row for each epoch, at once, so that a killed run leaves its numbers.

    A resumed run goes on in the same file (rows after the checkpoint are written anew).
    """

    last = True
    once = True

    def __init__(self, path: PathLike) -> None:
        self.path = Path(path)

    def on_train_begin(self) -> None:
        refuse_special(self.path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.run.history.epoch:
            self.run.history.to_csv(self.path)
        else:
            self.path.unlink(missing_ok=True)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        new = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            if new:
                table.writerow(["epoch", *logs])
            table.writerow([epoch, *(repr(float(v)) for v in logs.values())])


class LambdaCallback(Callback):
    """Calls the functions it is given, each with the arguments of the method of that name."""

    def __init__(
        self,
        on_train_begin: Callable[[], Any] | None = None,
        on_epoch_begin: Callable[[int], Any] | None = None,
        on_train_batch_end: Callable[[int, Logs], Any] | None = None,
        on_epoch_end: Callable[[int, Logs], Any] | None = None,
        on_train_end: Callable[[], Any] | None = None,
    ) -> None:
        given = {
            "on_train_begin": on_train_begin,
            "on_epoch_begin": on_epoch_begin,
            "on_train_batch_end": on_train_batch_end,
            "on_epoch_end": on_epoch_end,
            "on_train_end": on_train_end,
        }
        for name, function in given.items():
            if function is not None and not callable(function):
                raise ConfigError(f"LambdaCallback: {name} is {function!r}, not a function.")
            if function is not None:
                setattr(self, name, function)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Says what to write for a name that there is not."""
        raise missing(__name__, name, __all__)
