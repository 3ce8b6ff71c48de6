"""Where a training run stands: what the loop counts, what callbacks read, what is resumed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import DataError
from glassnet.metrics import Metric
from glassnet.training.history import History

# What a resumed run must have in common with the one before: the batches would be others.
SAME = ("batch_size", "sample_count")


class Hooks(Protocol):
    """What a run calls beside the training: :class:`glassnet.callbacks.Callback` is one."""

    last: ClassVar[bool]  # called after the others: it keeps what they decided
    once: ClassVar[bool]  # it writes or shows: of several processes the first alone is enough
    kept: ClassVar[bool]  # a resumed run must have the same

    def overrides(self, method: str) -> bool:
        """Whether ``method`` does anything; what does nothing is not called."""

    def on_train_begin(self) -> None:
        """Before the first batch."""

    def on_epoch_begin(self, epoch: int) -> None:
        """Before the first batch of an epoch."""

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """After each update."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """After an epoch and its validation."""

    def on_train_end(self) -> None:
        """At the end, however it came."""

    def get_state(self) -> dict[str, Any]:
        """What a checkpoint must hold to go on from there."""

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`get_state` returned."""


@dataclass
class Run:
    """Where a training run stands.

    Attributes:
        epochs: how many in all.
        epoch, batch: done so far: whole epochs, and batches of the one under way.
        shuffle_seed: the seed of this epoch's order.
        loss_sum, samples: of this epoch so far.
        stopped: why it ends before its last epoch; empty while it goes on.
        patient_until: the epoch before which want of progress ends nothing: more will learn then.
        diverged: where the loss became NaN, if it did: {"epoch", "batch", "layer"}.
        rank, ranks: which of how many processes this one is, that train the same network.
    """

    epochs: int
    epoch: int = 0
    batch: int = 0
    shuffle_seed: int = 0
    loss_sum: float = 0.0
    samples: int = 0
    history: History = field(default_factory=History)
    stopped: str = ""
    patient_until: int = 0
    diverged: dict[str, Any] | None = None
    interrupted: bool = False
    callbacks: Sequence[Hooks] = ()
    metrics: Sequence[Metric] = ()
    steps_per_epoch: int | None = None
    batch_size: int | None = None
    sample_count: int | None = None
    rank: int = 0
    ranks: int = 1

    def stop(self, why: str) -> None:
        """End the training after this batch or epoch."""
        self.stopped = self.stopped or why

    def interrupt(self) -> None:
        """End it because the user pressed Ctrl-C: a checkpoint is kept, and it can be resumed."""
        self.interrupted = True
        self.stop("interrupted by Ctrl-C")

    def _parts(self) -> list[tuple[str, Sequence[Any]]]:
        return [("metrics", self.metrics), ("callbacks", [c for c in self.callbacks if c.kept])]

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All of it, as plain values and as arrays."""
        values: dict[str, Any] = {
            "epoch": self.epoch,
            "batch": self.batch,
            "shuffle_seed": self.shuffle_seed,
            "loss_sum": self.loss_sum,
            "samples": self.samples,
            "stopped": "" if self.interrupted else self.stopped,
            "history": self.history.history,
            "history_epoch": self.history.epoch,
            "seconds": self.history.seconds,
            **{name: getattr(self, name) for name in SAME},
            "metrics": [],
            "callbacks": [],
        }
        arrays: dict[str, Array] = {}
        for kind, things in self._parts():
            for i, thing in enumerate(things):
                state = thing.get_state()
                own = {k: v for k, v in state.items() if isinstance(v, np.ndarray)}
                rest = {k: v for k, v in state.items() if k not in own}
                values[kind].append([type(thing).__name__, rest])
                arrays |= {f"{kind}/{i}/{name}": array for name, array in own.items()}
        return values, arrays

    def set_state(self, values: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Stand where :meth:`get_state` was called.

        Raises:
            DataError: the run was made with other data or other callbacks.
        """
        for name in SAME:
            if values[name] != getattr(self, name):
                raise DataError(
                    f"the checkpoint was made with {name} {values[name]}, this run has "
                    f"{getattr(self, name)}. Resume with the same data and settings."
                )
        names, saved = [m.name for m in self.metrics], len(values["metrics"])
        if len(names) != saved:
            raise DataError(
                f"the checkpoint was made with {saved} metrics, this run has {names}. Compile "
                "with the same."
            )
        places = self._places(values["callbacks"])
        epoch, batch, samples = (whole_number("checkpoint", name, values[name], minimum=0)
                                 for name in ("epoch", "batch", "samples"))  # fmt: skip
        if not isinstance(values["stopped"], str):
            raise TypeError("stopped is no text")
        self.epoch, self.batch = epoch, batch
        self.shuffle_seed = int(values["shuffle_seed"])
        self.loss_sum, self.samples = float(values["loss_sum"]), samples
        self.stopped = values["stopped"]
        history = {k: [float(v) for v in numbers] for k, numbers in values["history"].items()}
        epochs = [int(number) for number in values["history_epoch"]]
        if any(len(numbers) != len(epochs) for numbers in history.values()):
            raise ValueError("the history has not a number for each epoch")
        self.history = History(history, epochs, float(values["seconds"]))
        metrics: list[tuple[str, int, Any]] = [
            ("metrics", i, metric) for i, metric in enumerate(self.metrics)
        ]
        for kind, i, thing in [*metrics, *(("callbacks", i, c) for i, c in places)]:
            start = f"{kind}/{i}/"
            own = {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
            thing.set_state({**values[kind][i][1], **own})

    def _places(self, saved: Sequence[Any]) -> list[tuple[int, Hooks]]:
        """Which of this run's callbacks goes on from which entry of the checkpoint.

        One that remembers nothing, such as Checkpoint, may be left out or come anew.
        """
        mine, found = [c for c in self.callbacks if c.kept], []
        for i, (name, state) in enumerate(saved):
            same = [c for c in mine if type(c).__name__ == name]
            if same:
                mine.remove(same[0])
                found.append((i, same[0]))
            elif state:
                raise DataError(
                    f"the run that made the checkpoint had {name}(…) among its callbacks, and the "
                    "checkpoint holds what it knew. Give fit the same, with the same settings: "
                    f"callbacks=[{name}(…)]."
                )
        return found
