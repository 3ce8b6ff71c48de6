"""A batch cut into shards: fixed ones, whoever computes them.

Of n samples shard k of S has those from n·k // S on, n_k of them.  With the loss L_k of each

    L = Σ n_k/n · L_k        ∂L/∂w = Σ n_k/n · ∂L_k/∂w

added over k by the tree of ``tree.py``.  What a layer keeps of its batches, such as the running
mean of a batch normalization, goes the same way: state ← state + Σ n_k/n · (state_k - state).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.data.batches import Share
from glassnet.distribute.communicator import Communicator
from glassnet.distribute.tree import Adder, total
from glassnet.errors import ConfigError


class Shards:
    """This rank's shards of each batch.

    Attributes:
        own: how many they are.
        rows_of: which rows of a batch of n they have.
    """

    def __init__(self, communicator: Communicator, shards: int, fast: bool) -> None:
        self._net, self.shards, self.fast = communicator, shards, fast
        self.own = shards // communicator.ranks
        self.first = self.own * communicator.rank
        self.rows_of = Share(shards, self.first, self.own)

    def counts(self, n: int) -> list[int]:
        """How many rows each rank has."""
        ends = [n * k // self.shards for k in range(0, self.shards + 1, self.own)]
        return [stop - start for start, stop in pairwise(ends)]

    def _each(self, n: int) -> Iterator[tuple[int, slice, slice]]:
        """Which shard, its rows in the batch, and its rows in this rank's part of it."""
        begin = self.rows_of(n).start
        for k in range(self.first, self.first + self.own):
            rows = self.rows_of.rows(k, n)
            here = slice(rows.start - begin, rows.stop - begin)
            yield k, slice(rows.start, rows.stop), here

    def begin(self, model: Any, gathers: bool) -> None:
        """Make the memory that steps of this model need.

        Raises:
            ConfigError: a model with a step of its own, which cannot be taken apart.
        """
        from_ours = type(model).train_step.__module__.startswith("glassnet.model.")
        if not from_ours:
            raise ConfigError(
                f"{type(model).__name__} has a train_step of its own, which cannot be shared out: "
                "leave distribute= and shards= out."
            )
        numbers, kept = model.parameters.size, model.parameters.state.size
        size = -(-(numbers + kept) // self._net.ranks) * self._net.ranks  # equal pieces
        self._adder = Adder(self.own, size, model.dtype)
        self._numbers, self._kept = numbers, kept
        self._gathers = gathers
        self._outputs: Array | None = None
        self._draws = any(layer.random_in_training for layer in model.all_layers())

    def gradients(self, model: Any, x: Array, y: Array, weight: Array | None) -> Array:
        """Through this rank's shards; the loss of each.

        x: this rank's rows alone.  y, weight: of the whole batch.
        """
        n, numbers, end = len(y), self._numbers, self._numbers + self._kept
        state = model.parameters.state
        before = state.copy()
        losses = np.zeros(self.own)
        bits = model.rng.bit_generator
        seed = int(model.rng.integers(2**63)) if self._draws else 0
        drawn = bits.state
        self._outputs = None
        for number, (k, rows, here) in enumerate(self._each(n)):
            into = self._adder.next()
            if rows.start == rows.stop:
                into[...] = 0
                self._adder.take()
                continue
            if self._draws:  # the same numbers for a shard, whoever computes it
                bits.state = type(bits)([seed, k]).state
            own = None if weight is None else weight[rows]
            share = (rows.stop - rows.start) / n
            losses[number] = model.data_loss(x[here], y[rows], own) * share
            np.multiply(model.parameters.gradients, model.dtype.type(share), out=into[:numbers])
            if self._kept:
                into[numbers:end] = (state - before) * model.dtype.type(share)
                state[...] = before
            self._adder.take()
            if self._gathers:
                if self._outputs is None:
                    self._outputs = np.empty((len(x), *model.read.shape[1:]), model.dtype)
                self._outputs[here] = model.read
        bits.state = drawn
        return losses

    def update(self, model: Any, n: int, losses: Array) -> float:
        """Add up what all ranks have, and make the update; the loss before it."""
        sums = self._adder.sums()
        if self.fast:
            found = total(sums)
            self._net.add(found)
        else:
            found = self._net.join(total(self._net.exchange(sums)))
        numbers = self._numbers
        parameters = model.parameters
        parameters.gradients[...] = found[:numbers]
        if self._kept:
            parameters.state += found[numbers : numbers + self._kept]
        loss = 0.0
        for one in losses.tolist():
            loss += one
        if self._gathers:
            model.read = self.gather(self._outputs, n, model)
        loss = model.with_penalties(loss)
        model.update()
        return float(loss)

    def forward(
        self, through: Callable[[Array], Array], x: Array, outputs: tuple[int, ...]
    ) -> Array:
        """The outputs of this rank's rows, shard by shard."""
        n = len(x)
        mine = self.rows_of(n)
        found: Array | None = None
        for _, rows, here in self._each(n):
            if rows.start < rows.stop:
                made = through(x[rows])
                if found is None:
                    found = np.empty((mine.stop - mine.start, *made.shape[1:]), made.dtype)
                found[here] = made
        return np.empty((0, *outputs), x.dtype) if found is None else found

    def gather(self, own: Array | None, n: int, model: Any = None) -> Array:
        """The outputs of all n rows."""
        if own is None:
            own = np.empty((0, *model.layers[-1].output_shape), model.dtype)
        return self._net.rows(own, self.counts(n))
