"""A callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassnet.callbacks.base import Callback, Logs
from glassnet.errors import ConfigError


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
