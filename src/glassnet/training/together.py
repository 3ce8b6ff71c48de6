"""Who makes a step of a training: this process alone, or several together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from glassnet._core.types import Array
from glassnet.training.run import Run

Step = Callable[[Array, Array, Array | None], float]


class Together(Protocol):
    """What the training loop asks of those who train.

    Where there are several, each has the same network and makes its share of every step; what one
    of them wants (to stop, for example) holds when all have agreed on it.
    """

    def step(self, model: Any, run: Run) -> Step:
        """What makes an update with a batch, and returns the loss before it."""

    def stops(self, model: Any, run: Run) -> bool:
        """Whether the training ends after the step that was just made."""

    def agree(self, model: Any, run: Run) -> None:
        """Before and after the end of an epoch: what one of them wants holds for all."""

    def interrupt(self, run: Run) -> None:
        """Ctrl-C was pressed here."""

    def give_up(self) -> None:
        """Ctrl-C was pressed again, perhaps in the middle of a step."""

    def bad_layer(self, found: str) -> str:
        """Which layer went wrong first, from what was found here."""
