"""The data sets that come with scikit-learn: always there, nothing to download.

scikit-learn is imported when one of the tables is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from glassnet._core.types import Array
from glassnet.data.dataset import Dataset, Task


def digits(*, test_fraction: float = 0.2, seed: int = 0) -> Dataset:
    """Handwritten digits, 8×8 pixels of 0 (black) to 16 (white), kept as bytes.

    1,797 images; by default a fifth of each class, chosen by ``seed``, is held out.
    Source: E. Alpaydin, C. Kaynak, UCI Optical Recognition of Handwritten Digits, 1998.

    ``test_fraction=0`` holds nothing out.
    """
    pixels, classes = _digits()
    data = Dataset(
        name="digits",
        x=pixels.astype(np.uint8).reshape(-1, 8, 8),
        y=classes.astype(np.int64),
        class_names=tuple(str(k) for k in range(10)),
        description="handwritten digits, 8×8 pixels",
        image_shape=(8, 8),
        image_max=16,
    )
    return data.split(test_fraction, seed=seed) if test_fraction else data


def _digits() -> tuple[Array, Array]:
    """scikit-learn's file of them, 64 pixels and the class a line.

    Read as it lies there, since importing scikit-learn takes 2 s; by it, if it lies elsewhere.
    """
    found = find_spec("sklearn")
    for place in (found and found.submodule_search_locations) or ():
        file = Path(place) / "datasets" / "data" / "digits.csv.gz"
        if file.is_file():
            numbers = np.loadtxt(file, delimiter=",")
            return numbers[:, :-1], numbers[:, -1]
    from sklearn.datasets import load_digits

    raw = load_digits()
    return raw.data, raw.target


class Options(NamedTuple):
    """How a table of numbers is loaded.

    By default a fifth of it, chosen by ``seed``, is held out, and each feature is
    standardised by the mean and the deviation of the other rows; ``preprocessing`` does the
    same with new rows. ``standardize=False`` leaves x as it was measured.
    """

    test_fraction: float
    seed: int
    standardize: bool
    dtype: DTypeLike


def iris(
    *,
    test_fraction: float = 0.2,
    seed: int = 0,
    standardize: bool = True,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """Three species of iris flowers by four lengths in cm; 150 samples (R. A. Fisher, 1936).

    Options as of :class:`Options`.
    """
    from sklearn.datasets import load_iris

    what = "species of iris flowers from four lengths"
    options = Options(test_fraction, seed, standardize, dtype)
    return _table("iris", load_iris, "classification", what, options)


def wine(
    *,
    test_fraction: float = 0.2,
    seed: int = 0,
    standardize: bool = True,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """Three growers of wine by thirteen chemical values; 178 samples (M. Forina, 1991).

    Options as of :class:`Options`.
    """
    from sklearn.datasets import load_wine

    what = "the grower of a wine from thirteen chemical values"
    options = Options(test_fraction, seed, standardize, dtype)
    return _table("wine", load_wine, "classification", what, options)


def breast_cancer(
    *,
    test_fraction: float = 0.2,
    seed: int = 0,
    standardize: bool = True,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """Malignant or benign by thirty measures of cells; 569 samples (W. Wolberg, 1995).

    Options as of :class:`Options`.
    """
    from sklearn.datasets import load_breast_cancer

    what = "malignant or benign from thirty measures of cells"
    options = Options(test_fraction, seed, standardize, dtype)
    return _table("breast_cancer", load_breast_cancer, "classification", what, options)


def diabetes(
    *,
    test_fraction: float = 0.2,
    seed: int = 0,
    standardize: bool = True,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """How far diabetes went in a year, by ten values; 442 samples (B. Efron et al., 2004).

    y is a score of 25 to 346. x comes from the values as they were measured, not from those that
    scikit-learn has scaled.

    Options as of :class:`Options`.
    """
    from sklearn.datasets import load_diabetes

    what = "progress of diabetes in a year from ten values"
    options = Options(test_fraction, seed, standardize, dtype)
    return _table("diabetes", partial(load_diabetes, scaled=False), "regression", what, options)


def _table(
    name: str, read: Callable[[], Any], task: Task, description: str, options: Options
) -> Dataset:
    """One of scikit-learn's tables, with its own names of features and classes."""
    test_fraction, seed, standardize, dtype = options
    raw = read()
    features = tuple(str(feature) for feature in raw.feature_names)
    labels = tuple(str(label) for label in raw.target_names) if task == "classification" else None
    if not standardize:
        data = Dataset(
            name=name,
            x=raw.data.astype(dtype),
            y=raw.target.astype(dtype if labels is None else np.int64),
            feature_names=features,
            class_names=labels,
            task=task,
            description=description,
        )
        return data.split(test_fraction, seed=seed) if test_fraction else data
    from glassnet.data.columns import as_table
    from glassnet.data.tables import dataset_from, with_class_names

    columns = {feature: raw.data[:, i] for i, feature in enumerate(features)}
    data = dataset_from(
        name,
        as_table({**columns, "target": raw.target}),
        "target",
        task=task,
        test_fraction=test_fraction,
        seed=seed,
        dtype=dtype,
        description=description,
    )
    return data if labels is None else with_class_names(data, labels)
