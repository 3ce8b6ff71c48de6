"""Keep a file from which a killed run goes on, or the model of each epoch."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from glassnet._core.storage import PathLike
from glassnet.callbacks.base import Callback, Logs
from glassnet.callbacks.monitor import Monitor
from glassnet.errors import ConfigError


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
