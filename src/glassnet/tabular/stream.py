"""The recipe on a table larger than memory: all networks learn from one stream of its rows.

The rows come in chunks. Each is read and encoded once; then every network learns from those of
its rows that do not lie in its own fold, which a hash of what the row holds tells: so copies of a
row lie in one fold, and nobody is judged by what is known by heart. What judges the networks is a
sample of the rows, each row by the network that leaves out its fold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._core.storage import PathLike
from glassnet._core.team import TEAM
from glassnet._core.types import Array
from glassnet.callbacks import Callback
from glassnet.callbacks.progress import Progress
from glassnet.data.doubles import MOST
from glassnet.data.lots import folds, keys
from glassnet.data.table_batches import NumberedBatch, TableBatches
from glassnet.errors import ConfigError
from glassnet.layers import PiecewiseLinearEncoding
from glassnet.model import Sequential
from glassnet.tabular.features import binned, numbers_of
from glassnet.tabular.fit import FittedTable, finished, know_table
from glassnet.tabular.folds import RowBatches
from glassnet.tabular.members import BATCH, Member
from glassnet.tabular.recipe import MemberSettings, Recipe, recipe_for
from glassnet.tabular.training import EnsembleTraining, mean_variance
from glassnet.training.run import Run

CHUNK = 16_384  # rows that are encoded at a time
ONCE = 10_000_000  # a table of so many rows is gone through once, of n rows √(ONCE/n) times
STRETCHES = 64  # at most so many looks at the rows that are left out
STRETCH = 8  # chunks between two of them, at least
PIECE = 2048  # rows that are judged at a time
SPARE = 0.98  # of the rows outside a fold: so many a chunk has in any case


def fit_stream(
    batches: TableBatches,
    *,
    effort: str | Recipe = "default",
    class_weights: Array | None = None,
    seed: int = 0,
    verbose: str | int = 0,
    callbacks: Sequence[Callback] = (),
    resume_from: PathLike | None = None,
) -> FittedTable:
    """Train an ensemble of networks on a table that is read in parts, in flat memory.

    The encoding is learned from ``batches.sample``. A table of n rows is gone through √(10⁷/n)
    times, so once if it has ten million rows or more, but not more often than one in memory. An
    "epoch" of the history is a stretch of the stream, after which the networks are judged. Ctrl-C
    ends the training after the chunk under way; the best weights so far make the model.

    Args:
        batches: of the table; numbers to predict must be standardised (``scale_target=True``).
        class_weights: how much a row of each class counts.
        effort, seed, verbose, callbacks, resume_from: as of :func:`fit_table`.

    Raises:
        ConfigError: batches that were read with another table's preprocessing, or whose target
            is not standardised.
        UnknownNameError: an effort that is not known.
    """
    sample, target = batches.sample, batches.preprocessing.target
    recipe = recipe_for(effort, target.task)
    if sample is None:
        raise ConfigError(
            "fit_stream learns the encoding from batches.sample, and batches with a preprocessing "
            "of their own have none: open the table without preprocessing="
        )
    if target.task == "regression" and abs(float(np.std(sample.y)) - 1) > 0.1:
        raise ConfigError(
            f"the target {target.name!r} is not standardised: open the table with scale_target=True"
        )
    groups = batches.preprocessing.feature_groups
    few = sample.x[:: max(1, len(sample.x) // CHUNK)]
    encoding = PiecewiseLinearEncoding().adapt(
        few,
        bins=recipe.bins,
        rows_per_bin=recipe.rows_per_bin,
        groups=groups,
    )
    rows = StreamedRows(batches, encoding, recipe, seed, class_weights)
    outputs = len(target.classes) if target.task == "classification" else 1
    training = EnsembleTraining(rows, outputs, target.task, recipe, seed)
    heard = [*callbacks, *Progress.when_wanted(verbose)]
    fitted = finished(training, encoding, seed, heard, resume_from)
    know_table(fitted, batches.preprocessing, sample.y)
    return fitted


class StreamedRows:
    """The rows of a table on disk, chunk by chunk.

    Attributes:
        y: of the sample, which the networks are judged by; ``weight``: how much each row counts.
    """

    def __init__(
        self,
        batches: TableBatches,
        encoding: PiecewiseLinearEncoding,
        recipe: Recipe,
        seed: int,
        class_weights: Array | None = None,
    ) -> None:
        assert batches.sample is not None
        self.batches, self.encoding, self.seed = batches, encoding, seed
        self.numbers, self.binned = numbers_of(encoding), binned(encoding)
        self._x = batches.sample.x
        found, counts = np.unique(keys(self._x), return_counts=True)
        self._frequent = found[counts > MOST * len(self._x)]
        self.folds = min(recipe.folds, max(2, len(found) // 4))  # as of RowsInMemory
        self._keys = self._keys_of(self._x, batches.sample_rows)
        self.y = self._target(batches.sample.y)
        self.class_weights = class_weights
        self.weight = self._weights(self.y)
        n = batches.n_samples
        self.size = min(CHUNK, n)
        self.batch_size = min(BATCH, recipe.batch_size(n))
        self.steps = max(1, int(self.size * (1 - 1 / recipe.folds) * SPARE / self.batch_size))
        passes = min(recipe.min_epochs, max(1, round((ONCE / n) ** 0.5)))
        total = max(1, passes * (n // self.size))
        self.chunks = min(total, max(STRETCH, -(-total // STRETCHES)))
        self.epochs = -(-total // self.chunks)
        self._round = 0
        self._of: dict[int, tuple[int, int, bool]] = {}  # of a member: round, fold, bins
        self._chunks = self._draw(np.random.default_rng(seed))

    def cut(self, number: int, rng: np.random.Generator) -> None:
        """The folds are told by what the rows hold: nothing has to be kept."""
        self._round = number

    def first_variance(self, settings: MemberSettings) -> float:
        """As of :class:`RowsInMemory`, by some of the sample."""
        x = self.encoding(self._x[:PIECE])
        return mean_variance(x) / mean_variance(self._seen(x, settings.bins))

    def member(
        self, network: Sequential, k: int, recipe: Recipe, settings: MemberSettings
    ) -> Member:
        """The network that leaves out fold k; what it learns from comes with each chunk."""
        held_out = np.flatnonzero(self._fold(self._keys, self._round) == k)
        x = self._seen(self.encoding(self._x[:1]), settings.bins)
        places = np.zeros(self.steps * self.batch_size, np.int64)
        batches = RowBatches(x, self.y, self.weight, places, self.batch_size)

        def held() -> Iterator[Array]:
            for start in range(0, len(held_out), PIECE):
                some = held_out[start : start + PIECE]
                yield self._seen(self.encoding(self._x[some]), settings.bins)

        epochs = self.epochs * self.chunks
        made = Member(network, batches, epochs, held_out, held, recipe, settings)
        self._of[id(made)] = self._round, k, settings.bins
        return made

    def learn(self, members: Sequence[Member], run: Run) -> None:
        """A stretch of the stream: some chunks, until a callback or Ctrl-C stops it."""
        while run.batch < self.chunks:
            if run.stopped:
                return
            chunk = next(self._chunks)
            self._offer(chunk, members)
            TEAM.run(lambda part, thread: members[part].learn(), len(members))
            run.batch += 1
        TEAM.run(lambda part, thread: members[part].judge(), len(members))

    def go_on(self, chunks: int) -> None:
        """Nothing is read of what lies before chunk number ``chunks``, but for its part."""
        self._chunks = self._draw(np.random.default_rng(self.seed), chunks)

    def _offer(self, chunk: NumberedBatch, members: Sequence[Member]) -> None:
        """Give each member the rows of the chunk that are not of its fold."""
        y, x = self._target(chunk.y), {True: self.encoding(chunk.x)}
        rows = self._keys_of(chunk.x, chunk.rows)
        weights = self._weights(y)
        x[False] = self._seen(x[True], False)
        fold: dict[int, NDArray[np.int64]] = {}
        for member in members:
            number, k, bins = self._of[id(member)]
            if number not in fold:
                fold[number] = self._fold(rows, number)
            own = member.batches
            places = np.flatnonzero(fold[number] != k)
            own.x, own.y, own.sample_weight = x[bins], y, weights
            own.rows = np.resize(places, len(own.rows))

    def _draw(self, rng: np.random.Generator, first: int = 0) -> Iterator[NumberedBatch]:
        """Chunks of one size, pass after pass; a rest at the end of a pass is left out.

        The first ``first`` of them are passed over.
        """
        width = len(self.batches.preprocessing.feature_names)
        chunk = NumberedBatch(
            np.empty((self.size, width), self._x.dtype),
            np.empty(self.size, self.y.dtype),
            np.empty(self.size, np.int64),
        )
        passes, behind = divmod(first, self.batches.n_samples // self.size)
        for _ in range(passes):
            self.batches.numbered(rng)  # draws its number; nothing is read
        skip, over = divmod(behind * self.size, self.batches.batch_size)
        while True:
            filled = 0
            for batch in self.batches.numbered(rng, skip):
                done, count = over, len(batch.rows)
                over = 0
                while done < count:
                    n = min(count - done, self.size - filled)
                    for into, new in zip(chunk, batch):
                        into[filled : filled + n] = new[done : done + n]
                    done, filled = done + n, filled + n
                    if filled == self.size:
                        yield chunk
                        filled = 0
            skip = 0

    def _keys_of(self, x: Array, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """What each row draws its fold by: what it holds, or its number where many hold that."""
        found = keys(x)
        return np.where(np.isin(found, self._frequent), numbers, found)

    def _fold(self, rows: NDArray[np.int64], number: int) -> NDArray[np.int64]:
        return folds(rows, self.folds, self.seed + 7919 * number)

    def _seen(self, x: Array, bins: bool) -> Array:
        return x if bins else np.ascontiguousarray(x[:, self.numbers])

    def _weights(self, y: Array) -> Array | None:
        return None if self.class_weights is None else self.class_weights[y]

    def _target(self, y: Any) -> Array:
        classify = self.batches.task == "classification"
        return np.ascontiguousarray(y) if classify else np.reshape(y, (-1, 1)).astype(self._x.dtype)
