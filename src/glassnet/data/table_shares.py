"""A table on disk of which several processes read a share each.

A batch of n rows has S shards, of which shard k has the rows from n·k // S on.  The rows of shard
k in all batches come from a stretch of its own of the epoch's rows, and are shuffled within it.  So
who computes some of the shards reads their stretches; of the others it reads the target alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from glassnet._core.types import Array
from glassnet.data.batches import Share

Rows = Sequence[Array]  # features, targets and numbers of some rows
Filled = Iterator[tuple[int, Rows]]


class Stretch:
    """The rows of one shard, buffer by buffer.

    Args:
        filled: the buffers, from the first that is wanted on: how many rows each has.
        number, within: of the first buffer, and how many of its rows are passed over.
        seed: of the order in a buffer; None: as they come.
    """

    def __init__(self, filled: Filled, number: int, within: int, seed: list[int] | None) -> None:
        self._filled, self._number, self._within, self._seed = filled, number, within, seed
        self._buffer: Rows = ()
        self._order: NDArray[np.int64] = np.empty(0, np.int64)

    def fill(self, *into: Array) -> None:
        """The next rows, as many as there is place for."""
        done, wanted = 0, len(into[1])
        while done < wanted:
            if not len(self._order):
                count, self._buffer = next(self._filled)
                order = np.arange(count)
                if self._seed is not None:
                    order = np.random.default_rng([*self._seed, self._number]).permutation(count)
                self._order = order[self._within :]
                self._number, self._within = self._number + 1, 0
            now = self._order[: wanted - done]
            self._order = self._order[len(now) :]
            for array, out in zip(self._buffer, into):
                array.take(now, 0, out[done : done + len(now)], "clip")
            done += len(now)


class Stretches:
    """The batches of an epoch of n rows, each made of a piece of every stretch.

    Args:
        n, batch_size: of the epoch.
        share: which shards are this process's.
        skip: batches that are passed over.
    """

    def __init__(self, n: int, batch_size: int, share: Share, skip: int) -> None:
        self.n, self.batch_size, self.share, self.skip = n, batch_size, share, skip
        self.steps = -(-n // batch_size)
        lengths = [self.rows(k, self.steps) for k in range(share.shards)]
        self.begins = np.cumsum([0, *lengths]).tolist()

    def rows(self, k: int, batches: int) -> int:
        """How many rows shard k has in the first so many batches."""
        full, last = divmod(self.n, self.batch_size)
        rows = min(batches, full) * len(self.share.rows(k, self.batch_size))
        return rows + (len(self.share.rows(k, last)) if batches > full else 0)

    def batches(
        self,
        stretch: Callable[[int, int, int, bool], Stretch],
        empty: Callable[[int, bool], Rows],
    ) -> Iterator[Rows]:
        """x of this process's rows alone, y and the numbers of all.

        Args:
            stretch: (shard, where it begins, where it ends, whether x is wanted).
            empty: arrays for so many rows, with or without features.
        """
        share, most = self.share, min(self.batch_size, self.n)
        own = range(share.first, share.first + share.own)
        come = [
            stretch(k, self.begins[k], self.begins[k + 1], k in own) for k in range(share.shards)
        ]
        (x, y, numbers), (none, _, _) = empty(most, True), empty(most, False)
        for batch in range(self.skip, self.steps):
            n = min(self.batch_size, self.n - batch * self.batch_size)
            here = share(n)
            for k in range(share.shards):
                rows = share.rows(k, n)
                at, of = slice(rows.start, rows.stop), x if k in own else none
                first = here.start if k in own else 0
                come[k].fill(of[rows.start - first : rows.stop - first], y[at], numbers[at])
            yield x[: here.stop - here.start], y[:n], numbers[:n]


def first_of(pieces: Iterator[Rows], count: int) -> Iterator[Rows]:
    """The first ``count`` rows of them."""
    for piece in pieces if count else islice(pieces, 0):
        some = min(count, len(piece[1]))
        yield [array[:some] for array in piece]
        count -= some
        if not count:
            return
