"""What every loader returns: arrays, with the words that belong to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._core.habits import missing_attribute
from glassnet._core.types import Array
from glassnet.errors import ConfigError, DataError, ShapeError

Task = Literal["classification", "regression"]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Samples and what is known about them.

    Args:
        name: "spiral", "mnist", or a table's file name.
        x: (n, features…). Floats are ready for a network; images stay bytes (uint8).
        y: (n,) int64 class numbers, or (n,) floats for regression.
        x_test: samples held out from training, or None.
        y_test: their answers, or None.
        feature_names: one for each column of a table; None for images.
        class_names: ``class_names[k]`` names class k; None for regression.
        task: "classification" or "regression".
        description: a sentence or two for people.
        image_shape: (28, 28) for images, else None.
        image_max: the value of a white pixel (255, or 16 for the 8×8 digits), else None.
        preprocessing: how raw rows become ``x`` (a Preprocessor), or None.
        rows: of a table, the number of each row of ``x`` in its file, as a spreadsheet shows it;
            else None. ``rows_test``: of ``x_test``.
        notes: of a table or a folder of images, what was found and done to read it and to learn
            from it, a line each.
        x_validation, y_validation: samples to watch while training, or None.
        files, files_validation, files_test: of a folder of images, the file of each row of ``x``,
            ``x_validation`` and ``x_test``.
        stream: where the samples do not fit into memory, the batches of all of them; ``x`` and
            ``y`` are a part then.

    Raises:
        ShapeError: x and y (or x_test and y_test) differ in length.
    """

    name: str
    x: Array
    y: Array
    x_test: Array | None = None
    y_test: Array | None = None
    feature_names: tuple[str, ...] | None = None
    class_names: tuple[str, ...] | None = None
    task: Task = "classification"
    description: str = ""
    image_shape: tuple[int, ...] | None = None
    image_max: int | None = None
    preprocessing: Any = None
    notes: tuple[str, ...] = ()
    rows: NDArray[np.int64] | None = None
    rows_test: NDArray[np.int64] | None = None
    x_validation: Array | None = None
    y_validation: Array | None = None
    files: tuple[str, ...] | None = None
    files_validation: tuple[str, ...] | None = None
    files_test: tuple[str, ...] | None = None
    stream: Any = None

    def __post_init__(self) -> None:
        _same_length(self.name, "x", self.x, "y", self.y)
        if (self.x_test is None) != (self.y_test is None):
            raise ShapeError(f"data set {self.name!r}: x_test and y_test go together; one is None")
        if self.x_test is not None and self.y_test is not None:
            _same_length(self.name, "x_test", self.x_test, "y_test", self.y_test)

    def __iter__(self) -> Iterator[Array]:
        """x, then y: ``X, y = data.spiral(100)``."""
        return iter((self.x, self.y))

    def __getattr__(self, name: str) -> Any:
        """Says what to write for a name that there is not."""
        names = [f.name for f in fields(self)]
        raise missing_attribute(self, "data set", name, [*names, "n_samples", "n_classes", "split"])

    @property
    def n_samples(self) -> int:
        """The number of training samples."""
        return len(self.x) if self.stream is None else int(self.stream.n_samples)

    @property
    def validation(self) -> tuple[Array, Array] | None:
        """The samples to watch while training, (x, y), or None."""
        if self.x_validation is None or self.y_validation is None:
            return None
        return self.x_validation, self.y_validation

    @property
    def n_classes(self) -> int | None:
        """The number of classes, or None for regression."""
        return None if self.class_names is None else len(self.class_names)

    def split(self, fraction: float = 0.2, seed: int = 0, stratify: bool | None = None) -> Dataset:
        """The same data with a random ``fraction`` of the samples held out as the test part.

        ``stratify`` holds out the same fraction of every class; by default for classification.

        >>> from glassnet.data import spiral
        >>> part = spiral(100).split(0.2, seed=1)
        >>> part.x.shape, part.x_test.shape
        ((240, 2), (60, 2))

        Raises:
            ConfigError: a test part is there already, or the fraction is not in (0, 1).
            DataError: too few samples to have any on both sides.
        """
        if self.x_test is not None:
            raise ConfigError(
                f"data set {self.name!r} has a test part already "
                f"({len(self.x_test)} samples); splitting again would lose it"
            )
        if stratify is None:
            stratify = self.task == "classification"
        train, test = hold_out(self.y, fraction, seed=seed, stratify=stratify)
        return replace(
            self,
            x=self.x[train], y=self.y[train], x_test=self.x[test], y_test=self.y[test],
            rows=None if self.rows is None else self.rows[train],
            rows_test=None if self.rows is None else self.rows[test],
        )  # fmt: skip

    def __repr__(self) -> str:
        """One line: name, shapes, task."""
        test = "" if self.x_test is None else f", {len(self.x_test)} held out"
        classes = "" if self.class_names is None else f", {len(self.class_names)} classes"
        return (
            f"<Dataset {self.name!r}: x {self.x.shape} {self.x.dtype}{test}, {self.task}{classes}>"
        )


def float_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """float32 or float64.

    Raises:
        ConfigError: anything else.
    """
    kind = np.dtype(dtype)
    if kind not in (np.float32, np.float64):
        raise ConfigError(f"dtype must be float32 or float64, got {kind}")
    return kind


def hold_out(
    y: Array,
    fraction: float,
    *,
    seed: int,
    stratify: bool,
    groups: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row numbers to train on and those to hold out, both in rising order.

    round(n · fraction) rows are held out. Stratified, each class gives its share of them,
    the rows left over by rounding down going to the classes with the largest remainders.
    ``groups``: rows of the same number (copies of one row) go to one side; then it is as near to
    the share as whole groups allow.

    Raises:
        ConfigError: the fraction is not between 0 and 1.
        DataError: one of the two sides would be empty.
    """
    if not isinstance(fraction, (int, float, np.number)) or not 0 < fraction < 1:
        raise ConfigError(f"the fraction to hold out must lie between 0 and 1, got {fraction!r}")
    n = len(y)
    n_test = round(n * fraction)
    if not 0 < n_test < n:
        raise DataError(f"{n} samples are too few to hold out a fraction of {fraction}")
    rng = np.random.default_rng(seed)
    held = np.zeros(n, dtype=bool)
    parts, shares = [np.arange(n)], np.array([n_test])
    if stratify:
        _, labels, counts = np.unique(y, return_inverse=True, return_counts=True)
        parts = [np.flatnonzero(labels == k) for k in range(len(counts))]
        shares = _shares(counts, n_test)
    for rows, share in zip(parts, shares):
        if groups is None:
            held[rng.permutation(rows)[:share]] = True
        else:
            held[_whole_groups(rows, groups[rows], int(share), rng)] = True
    if groups is not None and not 0 < held.sum() < n:
        raise DataError(f"{n} samples have too few different ones to hold out some")
    return np.flatnonzero(~held), np.flatnonzero(held)


def _whole_groups(
    rows: NDArray[np.int64], groups: NDArray[np.int64], share: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """About ``share`` of the rows, groups as a whole, in random order as long as they fit."""
    _, number, counts = np.unique(groups, return_inverse=True, return_counts=True)
    chosen = np.zeros(len(counts), bool)
    left = share
    for group in rng.permutation(len(counts)):
        if counts[group] <= left:
            chosen[group], left = True, left - counts[group]
    return rows[chosen[number]]


def _shares(counts: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """``total`` divided in proportion to ``counts``, by the largest remainders."""
    exact = counts * (total / counts.sum())
    shares: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    rest = total - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:rest]] += 1
    return shares


def _same_length(name: str, x_name: str, x: Array, y_name: str, y: Array) -> None:
    if len(x) != len(y):
        raise ShapeError(
            f"data set {name!r}: {x_name} has {len(x)} samples, but {y_name} has {len(y)}"
        )
