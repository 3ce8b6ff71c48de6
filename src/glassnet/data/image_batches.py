"""Images that do not fit into memory: read from their files beside the training, a little ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from glassnet._core.team import cores
from glassnet._core.types import Array
from glassnet.data.batches import Batch, check_batch_size, check_skip, check_weights
from glassnet.data.image_files import content_of, digest
from glassnet.data.image_preprocessing import ImagePreprocessing, reader_of
from glassnet.errors import ConfigError

AHEAD = 3  # batches that are read or being read while another one is learned from
PIECE = 8  # images that a thread takes at once


class ImageBatches:
    """Batches of images out of their files: a source for ``fit``.

    The order of an epoch is one permutation, drawn when it begins: the same generator gives the
    same batches, and those that are skipped are not read. Threads decode the next batches while
    one is learned from, at most three of them: memory does not grow with the number of images.

    Args:
        paths: the files, all of which can be read.
        y: (n,) class numbers.
        sample_weight: (n,) or None.
        preprocessing: the size, the colour and the classes.
        batch_size: images in a batch; the last one may be shorter.
        shuffle: a new order in each epoch.

    Attributes:
        rows_of: which images of a batch of n are read, where others read the rest; y and the
            weights are those of the whole batch.
    """

    def __init__(
        self,
        paths: Sequence[str],
        y: Array,
        sample_weight: Array | None = None,
        *,
        preprocessing: ImagePreprocessing,
        batch_size: int = 32,
        shuffle: bool = True,
    ) -> None:
        check_batch_size(batch_size)
        self.paths = list(paths)
        self.y = np.asarray(y)
        weights = None if sample_weight is None else check_weights(sample_weight, len(self.paths))
        self.sample_weight = weights
        self.preprocessing = preprocessing
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.rows_of: Callable[[int], slice] = slice

    def of(
        self, batch_size: int, sample_weight: Array | None = None, shuffle: bool = True
    ) -> ImageBatches:
        """The same images in batches of another size."""
        return ImageBatches(
            self.paths, self.y, sample_weight, preprocessing=self.preprocessing,
            batch_size=batch_size, shuffle=shuffle,
        )  # fmt: skip

    @property
    def n_samples(self) -> int:
        """The number of images."""
        return len(self.paths)

    @property
    def steps_per_epoch(self) -> int:
        """⌈n / batch_size⌉."""
        return -(-len(self.paths) // self.batch_size)

    def epoch(self, rng: np.random.Generator | None = None, skip: int = 0) -> Iterator[Batch]:
        """The batches of one epoch, without the first ``skip``, in arrays that are reused.

        Raises:
            DataError: a file that has changed since, and cannot be read any more.
        """
        check_skip(skip, self.steps_per_epoch)
        order = np.arange(len(self.paths))
        if self.shuffle:
            if rng is None:
                raise ConfigError("shuffled batches need a random generator: epoch(rng)")
            order = rng.permutation(order)
        return self._read(order, skip)

    def _read(self, order: Array, skip: int) -> Iterator[Batch]:
        size, files = self.batch_size, reader_of(self.preprocessing)
        starts = iter(range(skip * size, len(order), size))
        rooms = deque(
            np.empty((min(size, len(order)), *files.shape), np.uint8) for _ in range(AHEAD + 1)
        )
        waiting: deque[tuple[Array, Array, list[Future[None]]]] = deque()

        def read(rows: Array, out: Array) -> None:
            for i, row in enumerate(rows):
                out[i] = files.known(self.paths[row])

        with ThreadPoolExecutor(cores(), "glassnet-images") as pool:

            def begin() -> None:
                start = next(starts, None)
                if start is not None:
                    rows, out = order[start : start + size], rooms.popleft()
                    mine = rows[self.rows_of(len(rows))]
                    made = [
                        pool.submit(read, mine[i : i + PIECE], out[i : i + PIECE])
                        for i in range(0, len(mine), PIECE)
                    ]
                    waiting.append((rows, out, made))

            try:
                for _ in range(AHEAD):
                    begin()
                while waiting:
                    rows, out, made = waiting.popleft()
                    begin()
                    for future in made:
                        future.result()
                    w = None if self.sample_weight is None else self.sample_weight[rows]
                    mine = out[: len(rows)][self.rows_of(len(rows))]
                    yield Batch(out[: len(mine)], self.y[rows], w, len(rows))
                    rooms.append(out)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def identity(self) -> str:
        """The same for the same files in the same order, with the same contents."""
        numbers: Any = np.array([digest(content_of(path)) for path in self.paths], np.uint64)
        return f"{digest(numbers.tobytes()):016x} {digest(self.y.tobytes()):016x}"
