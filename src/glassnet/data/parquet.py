"""Tables larger than memory: batches read from a Parquet file, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import DTypeLike, NDArray

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.data.batches import Batch, check_batch_size, check_skip
from glassnet.data.columns import Table, counted, require_columns
from glassnet.data.dataset import Task, float_dtype
from glassnet.data.features import Unknown
from glassnet.data.learning import learner, target_learner
from glassnet.data.preprocessing import Preprocessor, Target
from glassnet.data.scan import Missing, Scan, choose_columns
from glassnet.data.table_files import open_parquet
from glassnet.data.tables import target_scale
from glassnet.errors import ConfigError, DataError, FileFormatError

PIECE_ROWS = 8192
SAMPLE = 65_536  # values of each column kept for its median


class ParquetBatches:
    """Batches out of a Parquet file, with memory that does not grow with the file.

    Making it reads the file once, to learn the :class:`Preprocessor` (means, scales,
    categories, classes). Then each epoch reads it once more.

    How well it shuffles: the row groups come in a random order; ``buffer_rows`` consecutive
    rows are shuffled among themselves. So rows that lie far apart in the file seldom meet in
    a batch. A file that is sorted (by class, by date) should be shuffled once when it is
    written, or be given a buffer that holds all of it. Memory: ``buffer_rows`` rows as features,
    and one piece of one row group.

    Args:
        path: the file.
        target: the column to predict.
        batch_size: samples in a batch; the last one may be shorter.
        shuffle: a new order in each epoch.
        buffer_rows: rows that are shuffled among themselves.
        seed: of the order, where no generator is given (``for x, y in batches``).
        missing, task, ignore, categorical, max_categories, unknown, scale_target, dtype:
            as in :func:`load_table`. The median for ``missing="fill"`` is that of a sample of
            65,536 values.
        preprocessing: use this one, and learn nothing.

    Raises:
        DataError, LabelError, FileFormatError: as :func:`load_table`.
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
        missing: Missing = "error",
        task: Task | None = None,
        ignore: Sequence[str] = (),
        categorical: Sequence[str] = (),
        max_categories: int = 100,
        unknown: Unknown = "error",
        scale_target: bool = False,
        dtype: DTypeLike = "float32",
        preprocessing: Preprocessor | None = None,
    ) -> None:
        check_batch_size(batch_size)
        whole_number("ParquetBatches", "buffer_rows", buffer_rows)
        whole_number("ParquetBatches", "max_categories", max_categories, minimum=2)
        self.path = Path(path)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.missing: Missing = missing
        self.dtype = float_dtype(dtype)
        # Whole batches: then batch k lies in buffer k·batch_size // buffer_rows.
        self.buffer_rows = -(-buffer_rows // batch_size) * batch_size
        self.next_epoch = 0
        file = open_parquet(self.path)
        self._stamp = self._identity()
        try:
            if preprocessing is None:
                if target is None:
                    raise ConfigError("name the target column")
                self._columns = [*choose_columns(file.schema_arrow, target, ignore, categorical)]
                self._columns.append(target)
            else:
                target = preprocessing.target.name
                self._columns = [*preprocessing.column_names, target]
                require_columns(file.schema_arrow.names, self._columns, "column")
            self._rows = [0] * file.num_row_groups  # kept rows of each row group
            self.preprocessing = preprocessing or self._learn(
                file, target, task, categorical, max_categories, unknown, scale_target
            )
            if preprocessing is not None:
                self._count(file, target)
        except DataError as error:
            raise type(error)(f"{self.path.name}: {error}") from None

    @property
    def n_samples(self) -> int:
        """The number of rows that are used in an epoch."""
        return sum(self._rows)

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

        One number is drawn from ``rng`` now; whole row groups that are skipped are not read.

        Raises:
            DataError: the file has changed since it was looked over.
        """
        check_skip(skip, self.steps_per_epoch)
        if self._identity() != self._stamp:
            raise DataError(f"{self.path} has changed since it was opened; open it again")
        groups = np.arange(len(self._rows))
        if not self.shuffle:
            return self._drawn(groups, None, skip)
        if rng is None:
            raise ConfigError("shuffled batches need a random generator: epoch(rng)")
        seed = int(rng.integers(2**63))
        return self._drawn(np.random.default_rng(seed).permutation(groups), seed, skip)

    def _drawn(self, groups: NDArray[np.int64], seed: int | None, skip: int) -> Iterator[Batch]:
        """Fill the buffer, shuffle it, hand it out batch by batch; again until the end."""
        if skip == self.steps_per_epoch:
            return
        number, within = divmod(skip * self.batch_size, self.buffer_rows)
        rows = min(self.buffer_rows, self.n_samples)
        size = min(self.batch_size, rows)
        x = np.empty((rows, len(self.preprocessing.feature_names)), self.dtype)
        y = np.empty(rows, self._y_dtype)
        x_out, y_out = np.empty((size, x.shape[1]), x.dtype), np.empty(size, y.dtype)
        for filled in self._buffers(groups, number * self.buffer_rows, x, y):
            if seed is None:
                order = None
            else:
                order = np.random.default_rng([seed, number]).permutation(filled)
            for start in range(within, filled, self.batch_size):
                stop = min(start + self.batch_size, filled)
                if order is None:
                    yield Batch(x[start:stop], y[start:stop], None, stop - start)
                    continue
                n = stop - start
                x.take(order[start:stop], 0, x_out[:n], "clip")
                y.take(order[start:stop], 0, y_out[:n], "clip")
                yield Batch(x_out[:n], y_out[:n], None, n)
            number, within = number + 1, 0

    def _buffers(self, groups: NDArray[np.int64], drop: int, x: Array, y: Array) -> Iterator[int]:
        """Fill x and y with encoded rows, behind the first ``drop``; gives how many there are."""
        filled = 0
        for first_row, piece in self._pieces(groups, drop):
            done = 0
            while done < piece.num_rows:
                n = min(piece.num_rows - done, len(x) - filled)
                self._encode(piece.slice(done, n), first_row + done, x, y, filled)
                done, filled = done + n, filled + n
                if filled == len(x):
                    yield filled
                    filled = 0
        if filled:
            yield filled

    def _encode(self, rows: Table, first_row: int, x: Array, y: Array, at: int) -> None:
        into = slice(at, at + rows.num_rows)
        try:
            x[into] = self.preprocessing.transform(rows, dtype=self.dtype, first_row=first_row)
            y[into] = self.preprocessing.encode_target(rows, dtype=self.dtype, first_row=first_row)
        except DataError as error:
            counted = "" if self.missing == "error" else " (dropped rows are not counted)"
            raise type(error)(f"{self.path.name}: {error}{counted}") from None

    def _pieces(self, groups: NDArray[np.int64], drop: int) -> Iterator[tuple[int, Table]]:
        """The kept rows of the row groups in turn, behind the first ``drop`` of them all.

        With each piece, the number of its first row in the file.
        """
        file = open_parquet(self.path)
        begins = np.cumsum([1, *self._rows])
        for group in groups:
            if drop >= self._rows[group]:
                drop -= self._rows[group]
                continue
            scan = Scan(self._columns, self.preprocessing.target.name, self.missing)
            row = int(begins[group])
            for piece in self._read(file, int(group)):
                kept = scan.keep(piece) if self.missing != "error" else piece
                passed = min(drop, kept.num_rows)
                yield row + passed, kept.slice(passed)
                drop -= passed
                row += kept.num_rows

    def _read(self, file: Any, group: int) -> Iterator[Table]:
        """The rows of a row group as small tables."""
        try:
            for batch in file.iter_batches(
                PIECE_ROWS, row_groups=[group], columns=self._columns, use_threads=False
            ):
                yield pa.Table.from_batches([batch])
        except (pa.ArrowException, OSError) as error:
            raise FileFormatError(f"{self.path}: damaged Parquet file ({error})") from None

    def _learn(
        self,
        file: Any,
        target: str,
        task: Task | None,
        categorical: Sequence[str],
        max_categories: int,
        unknown: Unknown,
        scale_target: bool,
    ) -> Preprocessor:
        """The first pass: what :func:`load_table` learns, from one piece after the other."""
        schema = file.schema_arrow
        scan = Scan(self._columns, target, self.missing)
        labels = target_learner(target, schema.field(target).type, task)
        learners = [
            learner(
                name,
                schema.field(name).type,
                chosen=name in categorical,
                limit=max_categories,
                sample_limit=SAMPLE if self.missing == "fill" else 0,
            )
            for name in self._columns[:-1]
        ]
        for group in range(file.num_row_groups):
            for piece in self._read(file, group):
                kept = scan.keep(piece)
                self._rows[group] += kept.num_rows
                labels.update(kept.column(target))
                for one in learners:
                    one.update(kept.column(one.name))
        scan.finish()
        self.task, classes, why = labels.finish()
        columns = [one.finish(self.missing == "fill") for one in learners]
        used = tuple(column for column in columns if column is not None)
        if not used:
            raise DataError("every column but the target has the same value in each row")
        scaled = scale_target and self.task == "regression"
        mean, scale = target_scale(labels.sample) if scaled else (0.0, 1.0)
        self.description = f"{counted(self.n_samples, 'row')}; {self.task} of {target!r} ({why})"
        return Preprocessor(used, Target(target, self.task, classes, mean, scale), unknown)

    def _count(self, file: Any, target: str) -> None:
        """The rows of each row group that are used, where nothing is to be learned."""
        self.task = self.preprocessing.target.task
        self.description = f"rows of {self.path.name}, read as the model was trained"
        scan = Scan(self._columns, target, self.missing)
        for group in range(file.num_row_groups):
            if self.missing == "error":
                self._rows[group] = file.metadata.row_group(group).num_rows
                continue
            self._rows[group] = sum(scan.keep(piece).num_rows for piece in self._read(file, group))
        if not self.n_samples:
            raise DataError("each of the rows lacks a value; nothing is left")

    @property
    def _y_dtype(self) -> np.dtype[Any]:
        return np.dtype(np.int64) if self.task == "classification" else self.dtype

    def _identity(self) -> tuple[int, int]:
        try:
            status = self.path.stat()
        except OSError:
            return 0, 0
        return status.st_size, status.st_mtime_ns
