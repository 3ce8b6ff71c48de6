"""The data sets by name: a table that can be shown without loading any of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet._core.habits import unknown
from glassnet._core.registry import lookup
from glassnet._core.settings import whole_number
from glassnet._core.storage import is_path
from glassnet.data import bundled, cifar, mnist, toy
from glassnet.data.dataset import Dataset, Task
from glassnet.errors import UnknownNameError


@dataclass(frozen=True)
class Entry:
    """What is known of a data set before it is loaded.

    ``n_train`` and ``n_test`` are the sizes that the defaults give; ``shape`` is that of
    one sample; ``n_classes`` is None for regression.
    """

    loader: Callable[..., Dataset]
    description: str
    task: Task
    n_train: int
    n_test: int
    shape: tuple[int, ...]
    n_classes: int | None

    @property
    def options(self) -> tuple[str, ...]:
        """The names of the options that the loader takes."""
        return tuple(inspect.signature(self.loader).parameters)


DATASETS: dict[str, Entry] = {
    "digits": Entry(
        bundled.digits, "handwritten digits, 8×8 pixels", "classification", 1438, 359, (8, 8), 10
    ),
    "iris": Entry(bundled.iris, "iris flowers by four lengths", "classification", 120, 30, (4,), 3),
    "wine": Entry(
        bundled.wine, "wines by thirteen measurements", "classification", 142, 36, (13,), 3
    ),
    "breast_cancer": Entry(
        bundled.breast_cancer, "malignant or benign cells", "classification", 455, 114, (30,), 2
    ),
    "diabetes": Entry(
        bundled.diabetes, "progress of diabetes in a year", "regression", 354, 88, (10,), None
    ),
    "mnist": Entry(
        mnist.mnist,
        "handwritten digits, 28×28 pixels; downloaded once (11 MB)",
        "classification",
        60_000,
        10_000,
        (28, 28),
        10,
    ),
    "fashion_mnist": Entry(
        mnist.fashion_mnist,
        "pictures of clothes, 28×28 pixels; downloaded once (31 MB)",
        "classification",
        60_000,
        10_000,
        (28, 28),
        10,
    ),
    "cifar10": Entry(
        cifar.cifar10,
        "colour pictures of animals and vehicles, 32×32 pixels; downloaded once (170 MB)",
        "classification",
        50_000,
        10_000,
        (32, 32, 3),
        10,
    ),
    "spiral": Entry(toy.spiral, "three spiral arms", "classification", 300, 0, (2,), 3),
    "vertical": Entry(toy.vertical, "three clouds that overlap", "classification", 300, 0, (2,), 3),
    "moons": Entry(toy.moons, "two half moons", "classification", 200, 0, (2,), 2),
    "circles": Entry(toy.circles, "a ring in a ring", "classification", 200, 0, (2,), 2),
    "blobs": Entry(toy.blobs, "three clouds well apart", "classification", 300, 0, (2,), 3),
    "xor": Entry(toy.xor, "a XOR b, with noise", "classification", 200, 0, (2,), 2),
    "sine": Entry(toy.sine, "one period of a sine", "regression", 100, 0, (1,), None),
}


def load(
    name: str, *, seed: int = 0, data_dir: str | Path | None = None, **options: Any
) -> Dataset:
    """The data set called ``name``.

    ``seed`` draws the noise of a made-up set and chooses what is held out of a real one;
    ``data_dir`` names a folder that already has the files of a set that would be downloaded.
    Where a set has no use for them they change nothing. Other options must be the loader's own.

    >>> load("spiral", n_samples_per_class=50).x.shape
    (150, 2)

    Raises:
        UnknownNameError: no such data set, or an option that it does not have.
    """
    if isinstance(name, str | Path) and str(name) not in DATASETS and is_path(str(name)):
        raise UnknownNameError(
            f"{str(name)!r} is not the name of a data set; if it is a table, "
            "read it with load_table(path, target)"
        )
    entry = lookup("data set", DATASETS, name)
    for option in options:
        if option not in entry.options:
            raise UnknownNameError(unknown(f"option of data set {name!r}:", option, entry.options))
    whole_number(f"data set {name!r}", "seed", seed, minimum=0)
    common = {"seed": seed, "data_dir": data_dir}
    return entry.loader(**options, **{k: v for k, v in common.items() if k in entry.options})
