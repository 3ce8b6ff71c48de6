"""The past of a training: its weights after each epoch, to be looked at and to go on from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from glassnet import Sequential
from glassnet._core.types import Array

MOST_MOMENTS = 600  # kept of one network; beyond, every second one is dropped
MOST_BYTES = 8_000_000  # of them all; of a very wide network fewer are kept
FEWEST = 8  # however wide it is


@dataclass(frozen=True, eq=False)
class Moment:
    """Where a training stood: all that is needed to go on from there, bit for bit.

    Attributes:
        epoch, batch: done so far; ``shuffle_seed``: of the epoch under way.
        values, state: the network's parameters, and what its layers keep beside them.
        optimizer: its memories, as ``get_state`` gives them; ``kind``: its name.
        random: the state of the network's random numbers.
        row: what was measured then; ``loss``: of the last batch before.
        rate: the learning rate then; ``learning``: the settings that it learned with.
        remembered: how long the history was.
        fresh, kept, by_hand: as the trainer's were.
    """

    epoch: int
    batch: int
    shuffle_seed: int
    values: Array
    state: Array
    kind: str
    optimizer: dict[str, Any]
    random: Any
    row: tuple[float, ...]
    loss: float
    rate: float
    learning: tuple[Any, ...]
    remembered: int
    fresh: bool
    kept: bool
    by_hand: bool

    @property
    def nbytes(self) -> int:
        """Bytes of its vectors."""
        vectors: list[Array] = [self.values, self.state, *self.optimizer["vectors"].values()]
        return sum(vector.nbytes for vector in vectors)


class Timeline:
    """Moments of one network, at most one for each epoch, thinned evenly when they are too many.

    Attributes:
        moments: in the order of their epochs: the first, and those whose epoch ``every`` divides.
        learning: the settings that the network learns with now; whoever changes them sets it.
    """

    def __init__(self, learning: tuple[Any, ...] = ()) -> None:
        self.moments: list[Moment] = []
        self.every = 1
        self.learning = learning

    def wants(self, epoch: int) -> bool:
        """Whether a moment of this epoch would be kept."""
        return not self.moments or epoch % self.every == 0 or epoch == self.moments[-1].epoch

    def add(self, moment: Moment) -> None:
        """Keep it; one of the same epoch gives way to it."""
        if self.moments and self.moments[-1].epoch == moment.epoch:
            self.moments[-1] = moment
        else:
            self.moments.append(moment)
        if len(self.moments) > self._most(moment):
            self.every *= 2
            first, *rest = self.moments
            self.moments = [first, *(m for m in rest if m.epoch % self.every == 0)]

    @staticmethod
    def _most(moment: Moment) -> int:
        return max(FEWEST, min(MOST_MOMENTS, MOST_BYTES // max(moment.nbytes, 1)))

    def forget(self) -> None:
        """Another network, or another training."""
        self.moments, self.every = [], 1

    def nearest(self, epoch: int) -> Moment | None:
        """The moment whose epoch is closest; of two the earlier one."""
        epochs = [m.epoch for m in self.moments]
        at = bisect_left(epochs, epoch)
        near = self.moments[max(at - 1, 0) : at + 1]
        return min(near, key=lambda m: abs(m.epoch - epoch), default=None)

    def until(self, epoch: int) -> Timeline:
        """The part up to an epoch, to go on from there."""
        part = Timeline(self.learning)
        part.moments, part.every = [m for m in self.moments if m.epoch <= epoch], self.every
        return part


@contextmanager
def showing(model: Sequential, moment: Moment | None) -> Iterator[None]:
    """The network with the weights of a moment, for as long as somebody looks at them."""
    if moment is None:
        yield
        return
    parameters = model.parameters
    now = parameters.values.copy(), parameters.state.copy()
    parameters.values[...], parameters.state[...] = moment.values, moment.state
    try:
        yield
    finally:
        parameters.values[...], parameters.state[...] = now
