"""What a callback is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from glassnet.training.loop import Learner, Run

Logs = dict[str, float]


class Callback:
    """Does nothing; override what you need.  The names are Keras's.

    ``self.model`` is the model, ``self.run`` where its training stands.  To end the
    training, set ``self.run.stop("why")``.
    """

    last: ClassVar[bool] = False  # called after the others: it keeps what they decided
    kept: ClassVar[bool] = True  # a resumed run must have the same; False: it only shows

    model: Learner
    run: Run

    def on_train_begin(self) -> None:
        """Before the first batch."""

    def on_epoch_begin(self, epoch: int) -> None:
        """Before the first batch of an epoch."""

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """After each update; ``logs`` has the loss of this batch."""

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """After an epoch and its validation; what is added to ``logs`` goes into the history."""

    def on_train_end(self) -> None:
        """At the end, however it came."""

    def get_state(self) -> dict[str, Any]:
        """What a checkpoint must hold to go on from there: numbers, texts, lists, arrays."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`get_state` returned."""


def overrides(callback: Callback, method: str) -> bool:
    """Whether ``callback`` does anything there; what does nothing is not called."""
    own = vars(callback).get(method) or getattr(type(callback), method)
    return own is not getattr(Callback, method)


def split_arrays(state: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The plain values and the arrays of a callback's state."""
    arrays = {k: v for k, v in state.items() if isinstance(v, np.ndarray)}
    return {k: v for k, v in state.items() if k not in arrays}, arrays
