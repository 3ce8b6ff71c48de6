"""Tables larger than memory: batches read from files, piece by piece."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.data.batches import Batch, check_batch_size, check_skip
from glassnet.data.columns import require_columns
from glassnet.data.dataset import Dataset, Task, float_dtype
from glassnet.data.features import Unknown
from glassnet.data.lots import Rows
from glassnet.data.on_disk import parts_of
from glassnet.data.preprocessing import Preprocessor
from glassnet.data.sampling import Look, draw_for, learned_from, look_over
from glassnet.data.scan import Missing, Scan, choose_columns
from glassnet.data.tables import Scaling
from glassnet.data.telling import named, named_all
from glassnet.errors import ConfigError, DataError, FileFormatError


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
    ``buffer_rows`` rows as features, and one piece of one part.

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
        preprocessing: use this one, and learn nothing.
        held_out: the share of the rows that no batch has, and that nothing is learned from; at
            most 50,000 rows. They are ``x_test`` and ``y_test`` of :attr:`sample`.
        reading: delimiter, decimal, encoding and so on, as of :func:`read_table`.

    Raises:
        DataError, LabelError, FileFormatError: as :func:`load_table`.

    Attributes:
        sample: the rows that the preprocessing was learned from, as a :class:`Dataset`, and those
            held out; None where a preprocessing was given.
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
        self.buffer_rows = -(-buffer_rows // batch_size) * batch_size
        self.next_epoch = 0
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
                self._look = self._count()
        self.task = self.preprocessing.target.task

    def _count(self) -> Look:
        """The rows of each part that are used, where nothing is to be learned."""
        parts = self._parts
        if parts.as_text:
            first = next(parts.read(0, self._columns))
            parts.settle(parts.typed(first).schema)
        if parts.counts is not None and self.missing == "error" and not self.draw.held_out:
            return Look(list(parts.counts), list(parts.counts))
        draw, target = replace(self.draw, sample=0.0), self._columns[-1]
        return look_over(parts, self._columns, target, self.missing, draw, None)

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
        numbered = self.numbered(rng, skip)
        return (Batch(x, y, None, len(rows)) for x, y, rows in numbered)

    def numbered(
        self, rng: np.random.Generator | None = None, skip: int = 0
    ) -> Iterator[NumberedBatch]:
        """As :meth:`epoch`, with the number of each row.

        One number is drawn from ``rng`` now; whole parts that are skipped are not read.
        """
        check_skip(skip, self.steps_per_epoch)
        if self._parts.identity() != self._stamp:
            raise DataError(f"{self.path} has changed since it was opened; open it again")
        order = np.arange(len(self._parts))
        if not self.shuffle:
            return self._drawn(order, None, skip)
        if rng is None:
            raise ConfigError("shuffled batches need a random generator: epoch(rng)")
        seed = int(rng.integers(2**63))
        return self._drawn(np.random.default_rng(seed).permutation(order), seed, skip)

    def _drawn(
        self, order: NDArray[np.int64], seed: int | None, skip: int
    ) -> Iterator[NumberedBatch]:
        """Fill the buffer, shuffle it, hand it out batch by batch; again until the end."""
        if skip == self.steps_per_epoch:
            return
        number, within = divmod(skip * self.batch_size, self.buffer_rows)
        rows = min(self.buffer_rows, self.n_samples)
        width = len(self.preprocessing.feature_names)
        buffer = _arrays(rows, width, self.dtype, self._y_dtype)
        out = _arrays(min(self.batch_size, rows), width, self.dtype, self._y_dtype)
        for filled in self._buffers(order, number * self.buffer_rows, buffer):
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

    def _buffers(self, order: NDArray[np.int64], drop: int, buffer: NumberedBatch) -> Iterator[int]:
        """Fill the buffer with encoded rows, behind the first ``drop``; gives how many."""
        filled, size = 0, len(buffer.rows)
        for piece in self._pieces(order, drop):
            done, count = 0, len(piece.rows)
            while done < count:
                n = min(count - done, size - filled)
                for array, new in zip(buffer, piece):
                    array[filled : filled + n] = new[done : done + n]
                done, filled = done + n, filled + n
                if filled == size:
                    yield filled
                    filled = 0
        if filled:
            yield filled

    def _pieces(self, order: NDArray[np.int64], drop: int) -> Iterator[NumberedBatch]:
        """The used rows of the parts in turn, encoded, behind the first ``drop`` of them all."""
        begins = np.cumsum([0, *self._look.kept])
        counting = "" if self.missing == "error" else " (dropped rows are not counted)"
        with self._told(counting):
            for part in order:
                if drop >= self._look.used[part]:
                    drop -= self._look.used[part]
                    continue
                scan = Scan(self._columns, self.preprocessing.target.name, self.missing)
                first = int(begins[part])
                for piece in self._parts.read(int(part), self._columns):
                    kept = scan.keep(piece) if self.missing != "error" else piece
                    rows = np.arange(first, first + kept.num_rows)
                    first += kept.num_rows
                    used = np.flatnonzero(~self.draw.parts(rows)[0])
                    passed = min(drop, len(used))
                    drop -= passed
                    if passed < len(used):
                        chosen = used[passed:]
                        x, y = self._encoded(kept, rows)
                        yield NumberedBatch(x[chosen], y[chosen], rows[chosen])

    def _encoded(self, piece: Any, rows: Rows) -> tuple[Array, Array]:
        first, learned = int(rows[0]) + self._parts.first_row, self.preprocessing
        # A category so rare that the sample lacks it counts as none.
        unknown: Unknown | None = None if self.sample is None else "zeros"
        x = learned.transform(piece, dtype=self.dtype, unknown=unknown, first_row=first)
        return x, learned.encode_target(piece, dtype=self.dtype, first_row=first)

    @property
    def _y_dtype(self) -> np.dtype[Any]:
        return np.dtype(np.int64) if self.task == "classification" else self.dtype


def _arrays(rows: int, width: int, x: Any, y: Any) -> NumberedBatch:
    return NumberedBatch(np.empty((rows, width), x), np.empty(rows, y), np.empty(rows, np.int64))


ParquetBatches = TableBatches  # its name when it read Parquet only
