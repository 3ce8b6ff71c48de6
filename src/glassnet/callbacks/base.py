"""What a callback is."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, Protocol

from glassnet._core import custom
from glassnet._core.attributes import Declared, closest, is_ours
from glassnet._core.guards import refuse_other_arguments
from glassnet._core.storage import PathLike
from glassnet.errors import ConfigError
from glassnet.training.loop import TrainableModel
from glassnet.training.run import Run

Logs = dict[str, float]


class CallbackModel(TrainableModel, Protocol):
    """What a callback may ask of a model."""

    def save_checkpoint(self, path: PathLike, run: Run) -> None:
        """Write everything that a resumed run needs."""

    def penalty(self) -> float:
        """What the regularizers of its layers add to the loss now."""


class Callback(Declared):
    """Does nothing; override what you need.  The names are Keras's.

    ``self.model`` is the model, ``self.run`` where its training stands.  To end the training,
    say ``self.run.stop("why")``, or set ``self.model.stop_training = True`` as in Keras.
    """

    last: ClassVar[bool] = False  # called after the others: it keeps what they decided
    once: ClassVar[bool] = False  # it writes or shows: of several ranks only the first calls it
    kept: ClassVar[bool] = True  # a resumed run must have the same; False: it only shows

    kind: ClassVar[str] = "callback"

    model: CallbackModel
    run: Run

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        custom.state_name(cls, "callback", "kind")
        hooks = [name for name in vars(Callback) if name.startswith("on_")]
        for name in hooks if not is_ours(cls.__module__) else ():
            arguments = list(inspect.signature(vars(Callback)[name]).parameters)[1:]
            refuse_other_arguments(cls, name, ", ".join(arguments))

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

    def overrides(self, method: str) -> bool:
        """Whether ``method`` does anything here; what does nothing is not called."""
        own = vars(self).get(method) or getattr(type(self), method)
        return own is not getattr(Callback, method)


def attach(model: CallbackModel, run: Run) -> None:
    """Tell the callbacks of ``run`` which model and which run they belong to.

    Raises:
        ConfigError: what was given is no callback.
    """
    for callback in run.callbacks:
        if not isinstance(callback, Callback):
            raise ConfigError(f"expected a callback, as in EarlyStopping(), got {callback!r}.")
        _refuse_unheard(callback)
        callback.model, callback.run = model, run


def _refuse_unheard(callback: Callback) -> None:
    """Raises ConfigError for a method ``on_…`` of a user's that nobody would call."""
    called = [name for name in vars(Callback) if name.startswith("on_")]
    defined = {name for cls in type(callback).__mro__ for name in vars(cls)}  # dir takes 0.2 ms
    for name in sorted(defined.difference(called)):
        if name.startswith("on_"):
            near = {"on_batch_end": "on_train_batch_end"}.get(name) or closest(name, called)
            hint = f" Did you mean {near!r}?" if near else ""
            raise ConfigError(
                f"{type(callback).__name__}: {name} is never called.{hint} There are "
                f"{', '.join(called)}."
            )


custom.family("callback", Callback, {}, attribute="kind")
