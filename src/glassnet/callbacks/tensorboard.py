"""A callback that logs for TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from glassnet._core.settings import whole_number
from glassnet._core.storage import PathLike
from glassnet.callbacks.base import Callback, Logs
from glassnet.callbacks.event_file import EventFile
from glassnet.errors import ConfigError


class TensorBoard(Callback):
    """Logs the numbers of each epoch for TensorBoard, under the names that Keras gives them.

    ``log_dir/train`` has ``epoch_loss``, the metrics and ``epoch_learning_rate``;
    ``log_dir/validation`` has ``epoch_loss`` and the metrics of the validation data, so that
    one picture shows both. To look at them: ``tensorboard --logdir log_dir`` (the extra
    ``tensorboard``; writing needs no package). Give each run a folder of its own.

    Args:
        log_dir: the folder; it is made if it is not there.
        histogram_freq: after so many epochs, histograms of each layer's weights and of their
            gradients in the last batch; 0: none.
        update_freq: "epoch"; "batch", or a whole number: log ``batch_loss`` as well, after
            each batch or after so many, in ``log_dir/batches``.

    Raises:
        ConfigError: a frequency that is none.
        OSError: the folder cannot be written; when training begins.

    >>> TensorBoard("logs/first", histogram_freq=1).log_dir.as_posix()
    'logs/first'
    """

    last = True
    once = True
    kept = False

    def __init__(
        self,
        log_dir: PathLike = "logs",
        histogram_freq: int = 0,
        update_freq: int | Literal["epoch", "batch"] = "epoch",
    ) -> None:
        self.log_dir = Path(log_dir)
        self.histogram_freq = whole_number(
            "TensorBoard", "histogram_freq", histogram_freq, minimum=0
        )
        if isinstance(update_freq, str):
            if update_freq not in ("epoch", "batch"):
                raise ConfigError(
                    f"TensorBoard: update_freq must be 'epoch', 'batch' or a whole number, got "
                    f"{update_freq!r}."
                )
            self.update_freq = int(update_freq == "batch")
        else:
            self.update_freq = whole_number("TensorBoard", "update_freq", update_freq)
        self._files: dict[str, EventFile] = {}

    def on_train_begin(self) -> None:
        self.on_train_end()  # of a run that did not get that far
        self._file("train")  # what cannot be written fails now, not after an epoch
        if self.run.epoch or self.run.batch:  # resumed: more may have been logged than was kept
            steps = self.model.optimizer.steps + 1
            for folder, first in (("train", self.run.epoch), ("validation", self.run.epoch),
                                  ("batches", steps)):  # fmt: skip
                if (self.log_dir / folder).is_dir():
                    self._file(folder).begin(first)

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        steps = self.model.optimizer.steps
        if self.update_freq and steps % self.update_freq == 0:
            self._file("batches").scalar("batch_loss", logs["loss"], steps)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        for name, value in logs.items():
            held = name.startswith("val_")
            file = self._file("validation" if held else "train")
            file.scalar(f"epoch_{name.removeprefix('val_')}", value, epoch)
        if self.histogram_freq and (epoch + 1) % self.histogram_freq == 0:
            parameters, file = self.model.parameters, self._file("train")
            for name in parameters.names:
                file.histogram(f"{name}/histogram", parameters.view(name), epoch)
                file.histogram(f"{name}/gradient", parameters.gradient(name), epoch)

    def on_train_end(self) -> None:
        for file in self._files.values():
            file.close()
        self._files = {}

    def _file(self, folder: str) -> EventFile:
        if folder not in self._files:
            self._files[folder] = EventFile(self.log_dir / folder)
        return self._files[folder]
