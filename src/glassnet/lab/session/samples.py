"""The data of a page: samples to train and to test on, made from its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet import data
from glassnet._core.types import Array
from glassnet.data.dataset import Dataset
from glassnet.data.told import Told
from glassnet.errors import DataError, GlassnetError
from glassnet.lab.session.plane import PLAIN, Unit
from glassnet.lab.session.table import Table
from glassnet.runs.samples import standardised

# Until there are enough points of two classes drawn, these make a data set of them.
STAND_IN = ((-0.6, -0.6, 0), (-0.6, -0.4, 0), (0.6, 0.6, 1), (0.6, 0.4, 1))


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples ready for a network: x are float32 columns of about the size of 1.

    Attributes:
        x, y, x_test, y_test: y are class numbers or float values.
        columns: the name of each column of x.
        classes: the name of each class; empty for regression.
        image_shape: of one sample, if it is a picture.
        units: mean and scale of each column, where the table's numbers were standardised;
            ``value_unit``: of the values to predict.
        rows: of a table, how its rows became x.
        read: of a table each column, how it was read; ``notes``: what was done, a line each.
    """

    name: str
    x: Array
    y: Array
    x_test: Array
    y_test: Array
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    image_shape: tuple[int, ...] | None = None
    units: tuple[Unit, ...] = ()
    value_unit: Unit = PLAIN
    read: tuple[dict[str, Any], ...] = ()
    notes: tuple[Told, ...] = ()
    rows: Any = None

    @property
    def regression(self) -> bool:
        """Whether y are values."""
        return not self.classes


def make(values: Mapping[str, Any], table: Table | None = None) -> Samples:
    """The samples that the fields describe.

    Raises:
        DataError: too few of them, or no table dropped yet.
    """
    name = values["data"]
    if name == "own":
        if table is None:
            raise DataError("there is no table yet: drop a CSV file on the page.")
        dataset = table.dataset(
            values["target"], values["test_share"], values["data_seed"],
            values["own_task"], values["own_left"], values["own_header"],
        )  # fmt: skip
    elif name == "drawn":
        dataset = _drawn(values["points"])
    elif name in PLANAR:
        dataset = PLANAR[name](values["samples"], values["noise"], values["data_seed"])
    else:
        share, seed = values["test_share"], values["data_seed"]
        dataset = standardised(data.load(name, test_fraction=share, seed=seed))
    if dataset.x_test is None:
        dataset = _split(dataset, values["test_share"], values["data_seed"])
    ready = _ready(dataset)
    if name == "own" and table is not None:
        read = table.described(dataset, values["target"], values["own_left"])
        return replace(
            ready,
            read=tuple(read),
            notes=tuple(note for note in dataset.notes if isinstance(note, Told)),
        )
    return ready


def first_fit(values: dict[str, Any], table: Table) -> None:
    """Try the table; the last column, or if it cannot be predicted one that can, is the target."""
    try:
        make(values, table)
        return
    except GlassnetError as error:
        first = error
    for column in reversed(table.columns[:-1][-8:]):
        try:
            make(values | {"target": column}, table)
        except GlassnetError:
            continue
        values["target"] = column
        return
    raise first


def _split(dataset: Dataset, share: float, seed: int) -> Dataset:
    """Hold out a share, stratified where each class has enough for it."""
    counts = np.unique(dataset.y, return_counts=True)[1] if dataset.class_names else np.array([0])
    stratify = bool(dataset.class_names) and int(counts.min()) >= 2
    return dataset.split(share, seed=seed, stratify=stratify)


def _ready(dataset: Dataset) -> Samples:
    assert dataset.x_test is not None and dataset.y_test is not None
    x: Array = dataset.x.reshape(len(dataset.x), -1).astype(np.float32)
    x_test: Array = dataset.x_test.reshape(len(dataset.x_test), -1).astype(np.float32)
    if dataset.image_max:
        x, x_test = x / dataset.image_max, x_test / dataset.image_max
    columns = dataset.feature_names or tuple(f"x{i + 1}" for i in range(x.shape[1]))
    y, y_test = dataset.y, dataset.y_test
    if dataset.task == "regression":
        y, y_test = y.astype(np.float32), y_test.astype(np.float32)
    units, value_unit = _units(dataset, tuple(columns))
    return Samples(
        dataset.name, x, y, x_test, y_test, tuple(columns), dataset.class_names or (),
        dataset.image_shape, units, value_unit, rows=dataset.preprocessing,
    )  # fmt: skip


def _units(dataset: Dataset, columns: tuple[str, ...]) -> tuple[tuple[Unit, ...], Unit]:
    """How the numbers of a table were standardised: (x - mean) / scale."""
    rows = dataset.preprocessing
    if rows is None:
        return (), PLAIN
    found = {
        part.name: (float(part.mean), float(part.scale))
        for column in rows.columns
        for part in getattr(column, "parts", (column,))
        if hasattr(part, "scale")
    }
    target = PLAIN if dataset.class_names else (float(rows.target.mean), float(rows.target.scale))
    return tuple(found.get(name, PLAIN) for name in columns), target


def _drawn(points: tuple[tuple[float, float, int], ...]) -> Dataset:
    if len(points) < 4 or len({label for _, _, label in points}) < 2:
        points = (*STAND_IN, *points)
    labels = np.array([label for _, _, label in points])
    classes, y = np.unique(labels, return_inverse=True)
    return Dataset(
        name="drawn",
        x=np.array([[x, y] for x, y, _ in points], dtype=np.float32),
        y=y.astype(np.int64),
        feature_names=("x1", "x2"),
        class_names=tuple(str(k) for k in classes),
    )


def _plane(n: int, noise: float, seed: int) -> Dataset:
    """y = (x1 + x2) / 2 + noise·ε, over the square [-1, 1]²."""
    return _surface("plane", lambda a, b: (a + b) / 2, n, noise, seed)


def _hills(n: int, noise: float, seed: int) -> Dataset:
    """Hills and hollows: y = Σ s·exp(-8·|x - c|²) + noise·ε, over the square [-1, 1]²."""
    centres = [(-0.5, 0.5, 1), (0.5, 0.5, -1), (0.0, 0.0, 1), (-0.5, -0.5, -1), (0.5, -0.5, 1)]

    def height(a: Array, b: Array) -> Array:
        return np.asarray(
            sum(s * np.exp(-8 * ((a - p) ** 2 + (b - q) ** 2)) for p, q, s in centres)
        )

    return _surface("hills", height, n, noise, seed)


def _surface(
    name: str, height: Callable[[Array, Array], Array], n: int, noise: float, seed: int
) -> Dataset:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (2 * n, 2))
    y = height(x[:, 0], x[:, 1]) + noise * rng.standard_normal(2 * n)
    return Dataset(
        name=name, x=x, y=y, feature_names=("x1", "x2"), task="regression"
    )  # fmt: skip


def _toy(make: Callable[..., Dataset]) -> Callable[[int, float, int], Dataset]:
    return lambda n, noise, seed: make(n, noise=noise, seed=seed)


# made from a number of samples, noise and a seed
PLANAR: dict[str, Callable[[int, float, int], Dataset]] = {
    "vertical": _toy(data.vertical),
    "spiral": _toy(data.spiral),
    "moons": _toy(data.moons),
    "circles": _toy(data.circles),
    "xor": _toy(data.xor),
    "blobs": _toy(data.blobs),
    "sine": _toy(data.sine),
    "plane": _plane,
    "hills": _hills,
}

# as they are, with a share of them held out
TABLES = ("iris", "wine", "breast_cancer", "diabetes", "digits")
