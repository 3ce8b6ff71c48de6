"""Tables larger than memory: batches read from files, piece by piece."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.data.batches import Batch, Share, check_batch_size, check_skip
from glassnet.data.columns import require_columns
from glassnet.data.dataset import Dataset, Task, float_dtype
from glassnet.data.features import Unknown
from glassnet.data.held_out import places
from glassnet.data.lots import Rows
from glassnet.data.on_disk import parts_of
from glassnet.data.preprocessing import Preprocessor
from glassnet.data.sampling import Look, draw_for, learned_from, look_over
from glassnet.data.scan import Missing, Scan, choose_columns
from glassnet.data.table_shares import Stretch, Stretches, first_of
from glassnet.data.tables import Scaling
from glassnet.data.telling import named, named_all
from glassnet.errors import ConfigError, DataError, FileFormatError

T = TypeVar("T")


class NumberedBatch(NamedTuple):
    """A batch, and the number of each of its rows in the table, from 0.

    The arrays are reused: they are valid until the next batch is drawn.
    """

    x: Array
    y: Array
    rows: Rows


class TableBatches:
    """Batches out of a table on disk, with memory that does not grow with the table.

    The table is a Parquet file, a folder of Parquet files, or a CSV file. Making it reads the
    table once: it looks for missing values, and learns the :class:`Preprocessor` as
    :func:`load_table` does, from a fair sample of 65,536 rows (all, where there are no more).
    Then each epoch reads it once more.

    How well it shuffles: the parts (row groups, or some megabytes of CSV) come in a random order;
    ``buffer_rows`` consecutive rows are shuffled among themselves. So rows that lie far apart in
    the file seldom meet in a batch. A file that is sorted (by class, by date) should be shuffled
    once when it is written, or be given a buffer that holds all of it. Memory: the sample,
    twice ``buffer_rows`` rows as features, and one piece of one part: a thread fills one buffer
    while the other one is learned from.

    Args:
        path: the file or folder.
        target: the column to predict.
        batch_size: samples in a batch; the last one may be shorter.
        shuffle: a new order in each epoch.
        buffer_rows: rows that are shuffled among themselves.
        seed: of the order, where no generator is given (``for x, y in batches``), and of the
            rows that are held out.
        missing, task, ignore, categorical, max_categories, unknown: as in :func:`load_table`.
        scale_target, scaling, dtype, strict: as in :func:`load_table`.
        preprocessing: use this one, and learn nothing. ``held_out``, ``seed`` and ``ignore`` as
            they were hold out the same rows.
        held_out: the share of the rows that no batch has, and that nothing is learned from; about
            50,000 rows at most. Copies of a row go to one side. They are ``x_test`` and
            ``y_test`` of :attr:`sample`.
        reading: delimiter, decimal, encoding and so on, as of :func:`read_table`.

    Raises:
        DataError, LabelError, FileFormatError: as :func:`load_table`.

    Attributes:
        sample: the rows that the preprocessing was learned from, as a :class:`Dataset`, and those
            held out; None where a preprocessing was given.
        rows_of: the ``Share`` of this process, where several train together; x of a batch has
            its rows alone.
    """

    def __init__(
        self,
        path: str | Path,
        target: str | None = None,
        *,
        batch_size: int = 32,
        shuffle: bool = True,
        buffer_rows: int = 65_536,
        seed: int = 0,
        missing: Missing | None = None,
        task: Task | None = None,
        ignore: Sequence[str] = (),
        categorical: Sequence[str] = (),
        max_categories: int = 100,
        unknown: Unknown | None = None,
        scale_target: bool = False,
        scaling: Scaling = "standard",
        dtype: DTypeLike = "float32",
        preprocessing: Preprocessor | None = None,
        held_out: float = 0.0,
        strict: bool = False,
        **reading: Any,
    ) -> None:
        check_batch_size(batch_size)
        whole_number("TableBatches", "buffer_rows", buffer_rows)
        self.path = Path(path)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        careful: Missing = "error" if strict or preprocessing is not None else "fill"
        self.missing: Missing = missing or careful
        self.dtype = float_dtype(dtype)
        # Whole batches: then batch k lies in buffer k·batch_size // buffer_rows.
        self._asked_rows = buffer_rows
        self.buffer_rows = -(-buffer_rows // batch_size) * batch_size
        self.next_epoch = 0
        self.rows_of: Callable[[int], slice] = slice
        self.sample: Dataset | None = None
        self._parts = parts_of(self.path, strict=strict, **reading)
        self._stamp = self._parts.identity()
        self.draw = draw_for(self._parts.about, held_out, seed)
        with self._told():
            if preprocessing is None:
                if target is None:
                    raise ConfigError("name the target column")
                empty = self._parts.schema.empty_table()
                target, ignore = named(empty, target), named_all(empty, ignore)
                categorical = named_all(empty, categorical)
                names = choose_columns(self._parts.schema, target, ignore, categorical, strict)
                self._columns = [*names, target]
                self._look = look_over(
                    self._parts, self._columns, target, self.missing, self.draw, task, strict
                )
                self.sample = learned_from(
                    self._look, self._parts.name, target, task=task, missing=missing,
                    categorical=categorical, max_categories=max_categories, unknown=unknown,
                    scale_target=scale_target, scaling=scaling, dtype=self.dtype, strict=strict,
                    notes=self._parts.notes, reading=self._parts.kept,
                )  # fmt: skip
                self.preprocessing: Preprocessor = self.sample.preprocessing
                self.description = self.sample.description
            else:
                self.preprocessing = preprocessing
                self.description = f"rows of {self._parts.name}, read as the model was trained"
                self._columns = [*preprocessing.column_names, preprocessing.target.name]
                require_columns(self._parts.schema.names, self._columns, "column")
                ignore = named_all(self._parts.schema.empty_table(), ignore)
                alike = choose_columns(
                    self._parts.schema, self._columns[-1], ignore, categorical, False
                )
                self._look = self._count([*alike, self._columns[-1]])
        self.task = self.preprocessing.target.task

    def of(self, batch_size: int) -> TableBatches:
        """The same rows in batches of another size; nothing is read or learned again."""
        check_batch_size(batch_size)
        other = copy.copy(self)
        other.batch_size = batch_size
        other.buffer_rows = -(-self._asked_rows // batch_size) * batch_size
        return other

    def _count(self, alike: Sequence[str]) -> Look:
        """The rows of each part that are used, where nothing is to be learned."""
        parts = self._parts
        if parts.counts is not None and self.missing == "error" and not self.draw.held_out:
            none = np.empty(0, np.int64)
            return Look(list(parts.counts), list(parts.counts), held=none)
        first = next(parts.read(0, self._columns)) if parts.as_text else None
        draw, target = replace(self.draw, sample=0.0), self._columns[-1]
        look = look_over(parts, self._columns, target, self.missing, draw, None, alike=alike)
        if first is not None:  # rows are held out by their text, as when it was learned from
            parts.settle(parts.typed(first).schema)
        return look

    @contextlib.contextmanager
    def _told(self, more: str = "") -> Iterator[None]:
        """Errors begin with the name of the file."""
        try:
            yield
        except (DataError, FileFormatError) as error:
            raise type(error)(f"{self._parts.name}: {error}{more}") from None

    @property
    def sample_rows(self) -> Rows:
        """The number of each row of :attr:`sample` in the table, from 0."""
        rows: Rows = self._look.rows
        return rows

    @property
    def rows_held_out(self) -> Rows:
        """The number of each row that is held out, rising."""
        rows: Rows = self._look.held
        return rows

    @property
    def n_samples(self) -> int:
        """The number of rows that are used in an epoch."""
        return sum(self._look.used)

    @property
    def steps_per_epoch(self) -> int:
        """⌈n / batch_size⌉."""
        return -(-self.n_samples // self.batch_size)

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        return self.steps_per_epoch

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        """The batches (x, y) of the next epoch: each time another order, the same for one seed."""
        number, self.next_epoch = self.next_epoch, self.next_epoch + 1
        return self.batches(number)

    def batches(self, epoch: int, skip: int = 0) -> Iterator[tuple[Array, Array]]:
        """The batches (x, y) of one epoch, from number ``skip`` on; the arrays are yours."""
        rng = np.random.default_rng([self.seed, epoch])
        return ((batch.x.copy(), batch.y.copy()) for batch in self.epoch(rng, skip))

    def epoch(self, rng: np.random.Generator | None = None, skip: int = 0) -> Iterator[Batch]:
        """The batches of one epoch, without the first ``skip``, in arrays that are reused.

        Raises:
            DataError: the file has changed since it was looked over.
        """
        order, seed = self._order(rng, skip)
        return self._epoch(order, seed, skip)

    def _epoch(self, order: NDArray[np.int64], seed: int | None, skip: int) -> Iterator[Batch]:
        share = self.rows_of
        numbered: Iterator[Any] = (
            self._shared(order, seed, skip, share)
            if isinstance(share, Share)
            else self._drawn(order, seed, skip)
        )
        for x, y, rows in numbered:
            yield Batch(x, y, None, len(rows))

    def numbered(
        self, rng: np.random.Generator | None = None, skip: int = 0
    ) -> Iterator[NumberedBatch]:
        """As :meth:`epoch`, with the number of each row.

        One number is drawn from ``rng`` now; whole parts that are skipped are not read.
        """
        return self._drawn(*self._order(rng, skip), skip)

    def _order(
        self, rng: np.random.Generator | None, skip: int
    ) -> tuple[NDArray[np.int64], int | None]:
        """In which order the parts come, and the seed of the order in a buffer."""
        check_skip(skip, self.steps_per_epoch)
        if self._parts.identity() != self._stamp:
            raise DataError(f"{self.path} has changed since it was opened; open it again")
        order = np.arange(len(self._parts))
        if not self.shuffle:
            return order, None
        if rng is None:
            raise ConfigError("shuffled batches need a random generator: epoch(rng)")
        seed = int(rng.integers(2**63))
        return np.random.default_rng(seed).permutation(order), seed

    def _shared(
        self, order: NDArray[np.int64], seed: int | None, skip: int, share: Share
    ) -> Iterator[Any]:
        """The batches of which this process has a share; it reads no other rows whole."""
        shared = Stretches(self.n_samples, self.batch_size, share, skip)

        def empty(rows: int, whole: bool) -> NumberedBatch:
            width = len(self.preprocessing.feature_names) if whole else 0
            return _arrays(rows, width, self.dtype, self._y_dtype)

        def stretch(k: int, begin: int, end: int, whole: bool) -> Stretch:
            size = max(1, min(self.buffer_rows // share.shards, end - begin))
            number, within = divmod(shared.rows(k, skip), size)
            passed = number * size
            pieces = self._pieces(order, begin + passed, whole)
            mine = first_of(pieces, end - begin - passed)
            filled = self._buffers(mine, [empty(size, whole) for _ in range(2)])
            return Stretch(ahead(filled), number, within, None if seed is None else [seed, k])

        return shared.batches(stretch, empty)

    def _drawn(
        self, order: NDArray[np.int64], seed: int | None, skip: int
    ) -> Iterator[NumberedBatch]:
        """Fill the buffer, shuffle it, hand it out batch by batch; again until the end."""
        if skip == self.steps_per_epoch:
            return
        number, within = divmod(skip * self.batch_size, self.buffer_rows)
        rows, passed = min(self.buffer_rows, self.n_samples), number * self.buffer_rows
        width = len(self.preprocessing.feature_names)
        buffers = [_arrays(rows, width, self.dtype, self._y_dtype) for _ in range(2)]
        out = _arrays(min(self.batch_size, rows), width, self.dtype, self._y_dtype)
        for filled, buffer in ahead(self._buffers(self._pieces(order, passed), buffers)):
            mixed = None
            if seed is not None:
                mixed = np.random.default_rng([seed, number]).permutation(filled)
            for start in range(within, filled, self.batch_size):
                stop = min(start + self.batch_size, filled)
                if mixed is None:
                    yield NumberedBatch(*(array[start:stop] for array in buffer))
                    continue
                n = stop - start
                for array, taken in zip(buffer, out):
                    array.take(mixed[start:stop], 0, taken[:n], "clip")
                yield NumberedBatch(*(array[:n] for array in out))
            number, within = number + 1, 0

    def _buffers(
        self, pieces: Iterator[Any], buffers: Sequence[NumberedBatch]
    ) -> Iterator[tuple[int, NumberedBatch]]:
        """Fill two buffers in turns with encoded rows; gives how many.

        One is filled while the batches of the other are learned from.
        """
        filled, size = 0, len(buffers[0].rows)
        turns = cycle(buffers)
        buffer = next(turns)
        for piece in pieces:
            done, count = 0, len(piece[1])
            while done < count:
                n = min(count - done, size - filled)
                for array, new in zip(buffer, piece):
                    array[filled : filled + n] = new[done : done + n]
                done, filled = done + n, filled + n
                if filled == size:
                    yield filled, buffer
                    filled, buffer = 0, next(turns)
        if filled:
            yield filled, buffer

    def _pieces(
        self, order: NDArray[np.int64], drop: int, whole: bool = True
    ) -> Iterator[NumberedBatch]:
        """The used rows of the parts in turn, encoded, behind the first ``drop`` of them all.

        ``whole``: with their features, and not the target alone.
        """
        names = self._columns if whole or self.missing == "drop" else self._columns[-1:]
        begins = np.cumsum([0, *self._look.kept])
        counting = "" if self.missing == "error" else " (dropped rows are not counted)"
        with self._told(counting):
            for part in order:
                if drop >= self._look.used[part]:
                    drop -= self._look.used[part]
                    continue
                scan = Scan(names, self.preprocessing.target.name, self.missing)
                first = int(begins[part])
                for piece in self._parts.read(int(part), names):
                    kept = scan.keep(piece) if self.missing != "error" else piece
                    rows = np.arange(first, first + kept.num_rows)
                    first += kept.num_rows
                    used = np.flatnonzero(~places(self._look.held, rows))
                    passed = min(drop, len(used))
                    drop -= passed
                    if passed < len(used):
                        chosen = used[passed:]
                        x, y = self._encoded(kept, rows, whole)
                        yield NumberedBatch(x[chosen], y[chosen], rows[chosen])

    def _encoded(self, piece: Any, rows: Rows, whole: bool) -> tuple[Array, Array]:
        first, learned = int(rows[0]) + self._parts.first_row, self.preprocessing
        # A category so rare that the sample lacks it counts as none.
        unknown: Unknown | None = None if self.sample is None else "zeros"
        x = np.empty((len(rows), 0), self.dtype)
        if whole:
            x = learned.transform(piece, dtype=self.dtype, unknown=unknown, first_row=first)
        return x, learned.encode_target(piece, dtype=self.dtype, first_row=first)

    @property
    def _y_dtype(self) -> np.dtype[Any]:
        return np.dtype(np.int64) if self.task == "classification" else self.dtype


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The items in their order; a thread makes the next one while one is used."""
    with ThreadPoolExecutor(1, thread_name_prefix="glassnet-reading") as reader:
        coming = reader.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = reader.submit(next, items, None)
            yield item


def _arrays(rows: int, width: int, x: Any, y: Any) -> NumberedBatch:
    return NumberedBatch(np.empty((rows, width), x), np.empty(rows, y), np.empty(rows, np.int64))


ParquetBatches = TableBatches  # its name when it read Parquet only
