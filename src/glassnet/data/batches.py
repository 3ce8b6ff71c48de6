"""What the training loop draws from: one epoch is every sample once, in batches.

A source has ``epoch(rng, skip)``, which gives the batches of one epoch. All the randomness
of an epoch is drawn from ``rng`` when ``epoch`` is called, and never later, so that the same
``rng`` state with ``skip=k`` gives the same batches without the first k: that is how
a run that was killed goes on in the middle of an epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.data.arrays import as_array, check_arrays
from glassnet.errors import ConfigError, DataError, ShapeError


class Batch(NamedTuple):
    """Some samples. The arrays may be reused: they are valid until the next batch is drawn."""

    x: Array
    y: Array
    sample_weight: Array | None
    size: int


@dataclass(frozen=True)
class Share:
    """Which rows of each batch are computed here, where other processes compute the rest.

    A batch is cut into ``shards``; here are ``own`` of them, from number ``first`` on.

    >>> Share(4, 2, 2)(10), Share(4, 2, 2).rows(1, 10)
    (slice(5, 10, None), range(2, 5))
    """

    shards: int
    first: int
    own: int

    def __call__(self, n: int) -> slice:
        """Those of a batch of n."""
        end = self.first + self.own
        return slice(n * self.first // self.shards, n * end // self.shards)

    def rows(self, k: int, n: int) -> range:
        """Those of shard k."""
        return range(n * k // self.shards, n * (k + 1) // self.shards)


@runtime_checkable
class BatchSource(Protocol):
    """Anything that gives the batches of an epoch."""

    @property
    def n_samples(self) -> int | None:
        """The number of samples in an epoch, or None where that is not known."""

    @property
    def steps_per_epoch(self) -> int | None:
        """The number of batches in an epoch, or None where that is not known."""

    def epoch(self, rng: np.random.Generator, skip: int = 0) -> Iterator[Batch]:
        """The batches of one epoch, without the first ``skip``."""


@runtime_checkable
class Preprocessed(Protocol):
    """A source that knows how raw rows became its features."""

    @property
    def preprocessing(self) -> Any:
        """The Preprocessor, which is saved with a model that was trained on the batches."""


class ArrayBatches:
    """Batches out of arrays, without replacement; the last one may be shorter.

    Shuffled, the rows are gathered by one permutation into arrays that are reused (uint8
    images stay bytes: a quarter of the memory traffic). Not shuffled, a batch is a view.

    Args:
        x: (n, features…).
        y: (n,) or (n, outputs).
        sample_weight: (n,) or None.
        batch_size: samples in a batch.
        shuffle: whether each epoch has an order of its own.
        rows_of: which rows of a batch of n are wanted, where others compute the rest: x then has
            these alone, y and the weights are those of the whole batch.

    >>> source = ArrayBatches(np.arange(5), np.arange(5), batch_size=2, shuffle=False)
    >>> [batch.x.tolist() for batch in source.epoch()]
    [[0, 1], [2, 3], [4]]

    Raises:
        ConfigError: the batch size is not a whole number of 1 or more.
        ShapeError: the lengths differ.
        DataError: there are no samples.
    """

    def __init__(
        self,
        x: Array,
        y: Array,
        sample_weight: Array | None = None,
        *,
        batch_size: int = 32,
        shuffle: bool = True,
        rows_of: Callable[[int], slice] | None = None,
    ) -> None:
        check_batch_size(batch_size)
        n = len(x)
        if n == 0:
            raise DataError("there are no samples to draw batches from")
        for name, array in (("y", y), ("sample_weight", sample_weight)):
            if array is not None and len(array) != n:
                raise ShapeError(f"x has {n} samples, but {name} has {len(array)}")
        self.x = np.ascontiguousarray(x) if shuffle else x  # a strided gather copies it all
        self.y = np.ascontiguousarray(y) if shuffle else y
        self.sample_weight = sample_weight
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.rows_of = rows_of
        self._buffers: tuple[Array, Array, Array | None] | None = None

    @property
    def n_samples(self) -> int:
        """The number of samples in an epoch."""
        return len(self.x)

    @property
    def steps_per_epoch(self) -> int:
        """⌈n / batch_size⌉: the last batch counts, however short."""
        return -(-len(self.x) // self.batch_size)

    def epoch(self, rng: np.random.Generator | None = None, skip: int = 0) -> Iterator[Batch]:
        """The batches of one epoch, without the first ``skip``.

        The permutation is drawn from ``rng`` now, one draw however many batches are skipped;
        not shuffled, ``rng`` is not touched.

        Raises:
            ConfigError: ``skip`` is negative or more than the epoch has.
        """
        check_skip(skip, self.steps_per_epoch)
        if not self.shuffle:
            return self._views(skip)
        if rng is None:
            raise ConfigError("shuffled batches need a random generator: epoch(rng)")
        return self._gathered(rng.permutation(len(self.x)), skip)

    def _views(self, skip: int) -> Iterator[Batch]:
        n, step, rows_of = len(self.x), self.batch_size, self.rows_of
        for start in range(skip * step, n, step):
            rows = slice(start, start + step)
            w = None if self.sample_weight is None else self.sample_weight[rows]
            x, y = self.x[rows], self.y[rows]
            yield Batch(x if rows_of is None else x[rows_of(len(x))], y, w, len(y))

    def _gathered(self, order: Array, skip: int) -> Iterator[Batch]:
        x, y, w = self.x, self.y, self.sample_weight
        x_out, y_out, w_out = self._take_buffers()
        n, step = len(x), self.batch_size
        try:
            for start in range(skip * step, n, step):
                rows = order[start : start + step]
                size = len(rows)
                # x.take(rows, axis, out, mode): "clip" writes straight into out, without the
                # copy that "raise" makes. A loop in Numba took 1.1 to 2 times as long.
                mine = rows if self.rows_of is None else rows[self.rows_of(size)]
                x.take(mine, 0, x_out[: len(mine)], "clip")
                y.take(rows, 0, y_out[:size], "clip")
                if w is not None and w_out is not None:
                    w.take(rows, 0, w_out[:size], "clip")
                weights = None if w_out is None else w_out[:size]
                yield Batch(x_out[: len(mine)], y_out[:size], weights, size)
        finally:
            self._buffers = (x_out, y_out, w_out)

    def _take_buffers(self) -> tuple[Array, Array, Array | None]:
        """The reused arrays; two epochs under way at once never share them."""
        if self._buffers is not None:
            buffers, self._buffers = self._buffers, None
            return buffers
        rows = min(self.batch_size, len(self.x))

        def like(array: Array) -> Array:
            return np.empty((rows, *array.shape[1:]), array.dtype)

        w = self.sample_weight
        return like(self.x), like(self.y), None if w is None else like(w)


class IterableBatches:
    """Batches that somebody else makes: tuples (x, y) or (x, y, sample_weight).

    Args:
        batches: a list, any iterable, or a function that returns one; the function is
            called anew for each epoch. A generator lasts for one epoch only.
        steps: how many of them an epoch is; the next epoch goes on where it ended.

    Each batch is checked as arrays are: finite numbers, equal lengths, the same number of
    features as the first batch. They come in the order given; ``rng`` is not touched.
    """

    def __init__(
        self, batches: Iterable[Any] | Callable[[], Iterable[Any]], steps: int | None = None
    ) -> None:
        if not callable(batches) and not isinstance(batches, Iterable):
            raise DataError(
                "expected arrays x and y, or an iterable of batches (x, y); "
                f"got {type(batches).__name__}"
            )
        self._batches = batches
        self._shapes: tuple[tuple[int, ...], tuple[int, ...]] | None = None
        self._used_up = False
        self._steps = None if steps is None else whole_number("fit", "steps_per_epoch", steps)
        self._going: Iterator[Any] | None = None

    @property
    def n_samples(self) -> int | None:
        """Not known before the batches have been seen."""
        return None

    @property
    def steps_per_epoch(self) -> int | None:
        """The length of a list; None where there is none."""
        if self._steps is not None:
            return self._steps
        return len(self._batches) if isinstance(self._batches, Sized) else None

    def epoch(self, rng: np.random.Generator | None = None, skip: int = 0) -> Iterator[Batch]:
        """The batches of one epoch, without the first ``skip`` (which are made and dropped).

        Raises:
            DataError: a generator that is used up, no batches at all, or a bad batch.
        """
        check_skip(skip, self.steps_per_epoch)
        if self._steps is not None:
            return self._checked(self._next_steps(self._steps), skip)
        if self._used_up:
            raise DataError(
                "the generator of batches was used up by the first epoch. Give a function that "
                "makes a new one for each epoch, or train for one epoch"
            )
        made = self._batches() if callable(self._batches) else self._batches
        if not isinstance(made, Iterable):
            raise DataError(
                f"the function of batches returned {type(made).__name__}, not an iterable"
            )
        iterator = iter(made)
        self._used_up = iterator is made and not callable(self._batches)
        return self._checked(iterator, skip)

    def _next_steps(self, steps: int) -> Iterator[Any]:
        """The next ``steps`` batches; what can be begun anew is, where it ends."""
        begun = False
        for _ in range(steps):
            while True:
                if self._going is None:
                    made = self._batches() if callable(self._batches) else self._batches
                    self._going, begun = iter(made), True
                try:
                    item = next(self._going)
                    break
                except StopIteration:
                    if begun or self._going is self._batches:
                        raise DataError(
                            f"steps_per_epoch is {steps}, but the batches came to an end before."
                        ) from None
                    self._going = None
            begun = False
            yield item

    def _checked(self, iterator: Iterator[Any], skip: int) -> Iterator[Batch]:
        number = -1
        for number, item in enumerate(iterator):
            if number >= skip:
                yield self._batch(number, item)
        if number < 0:
            raise DataError("the iterable of batches gave no batch at all")
        if number + 1 < skip:
            raise DataError(f"cannot skip {skip} batches: the iterable gave {number + 1}")

    def _batch(self, number: int, item: Any) -> Batch:
        if not isinstance(item, tuple | list) or len(item) not in (2, 3):
            raise DataError(
                f"batch {number}: expected a tuple (x, y) or (x, y, sample_weight), "
                f"got {type(item).__name__}"
                + (f" of {len(item)}" if isinstance(item, Sized) else "")
            )
        weight = item[2] if len(item) == 3 else None
        try:
            x, y = check_arrays(item[0], item[1])
            w = None if weight is None else check_weights(weight, len(x))
        except ShapeError as error:
            raise ShapeError(f"batch {number}: {error}") from None
        except DataError as error:
            raise type(error)(f"batch {number}: {error}") from None
        shapes = (x.shape[1:], y.shape[1:])
        if self._shapes is None:
            self._shapes = shapes
        for name, got, expected in zip("xy", shapes, self._shapes):
            if got != expected:
                raise ShapeError(
                    f"batch {number}: {name} has samples of shape {got}, "
                    f"but the first batch had {expected}"
                )
        return Batch(x, y, w, len(x))


def check_weights(sample_weight: Any, n: int) -> Array:
    """Sample weights as (n,) floats.

    Raises:
        ShapeError: not one number for each sample.
        DataError: negative, NaN or infinite; or all of them zero.
    """
    w = as_array(sample_weight, "sample_weight")
    if w.shape != (n,):
        raise ShapeError(f"sample_weight must be one number a sample, shape ({n},); got {w.shape}")
    if w.dtype.kind not in "fiub":
        raise DataError(f"sample_weight must be numbers, got {w.dtype}")
    w = w.astype(np.float64) if w.dtype.kind != "f" else w
    bad = np.flatnonzero(~((w >= 0) & (w < np.inf)))
    if len(bad):
        raise DataError(
            f"sample_weight must be finite and not negative; sample_weight[{bad[0]}] is {w[bad[0]]}"
        )
    if n and not w.any():
        raise DataError("all sample weights are zero: there is nothing to learn from")
    return w


def check_batch_size(batch_size: object) -> None:
    """Refuse what is not a whole number of 1 or more."""
    if (
        not isinstance(batch_size, int | np.integer)
        or isinstance(batch_size, bool)
        or batch_size < 1
    ):
        raise ConfigError(f"batch_size must be a whole number of 1 or more, got {batch_size!r}")


def check_skip(skip: int, steps: int | None) -> None:
    """Refuse to start before the first batch or behind the last."""
    if skip < 0 or (steps is not None and skip > steps):
        raise ConfigError(f"cannot skip {skip} batches of an epoch that has {steps}")
