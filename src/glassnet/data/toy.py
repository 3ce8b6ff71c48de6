"""Small made-up data sets in the plane, each a formula with a little noise.

ε is standard normal. Classes follow one another in the rows: n of class 0, n of class 1, …
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet._core.habits import unknown
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.data.dataset import Dataset, float_dtype
from glassnet.errors import ConfigError

Float = NDArray[np.float64]
Made = TypeVar("Made", bound=Callable[..., Dataset])


def _customary(make: Made) -> Made:
    """Takes ``samples``, ``classes`` and ``random_state`` as well, as other libraries do."""
    parameters = inspect.signature(make).parameters
    first = next(iter(parameters))
    ours = {"samples": first, "classes": "n_classes", "random_state": "seed"}

    @functools.wraps(make)
    def made(*args: Any, **settings: Any) -> Dataset:
        renamed = {ours.get(name, name): value for name, value in settings.items()}
        for name in renamed:
            if name not in parameters:
                hint = f" Here it is {first}." if name == "n_samples" else ""
                raise TypeError(unknown(f"setting of {make.__name__}", name, parameters) + hint)
        return make(*args, **renamed)

    return cast(Made, made)


@_customary
def spiral(
    n_samples_per_class: int = 100,
    n_classes: int = 3,
    *,
    noise: float = 0.2,
    seed: int = 0,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """Arms that wind around the origin; no straight line parts them.

    Class k, i = 0..n-1: r = i/(n-1), t = 4k + 4·i/(n-1) + noise·ε,
    point (r·sin 2.5t, r·cos 2.5t), as in the data of *Neural Networks from Scratch*.

    >>> spiral(100).x.shape
    (300, 2)
    """
    _check(n_samples_per_class, n_classes, noise)
    rng = np.random.default_rng(seed)
    r = np.linspace(0.0, 1.0, n_samples_per_class)
    points = []
    for k in range(n_classes):
        t = 4 * k + 4 * r + noise * rng.standard_normal(n_samples_per_class)
        points.append(np.column_stack([r * np.sin(2.5 * t), r * np.cos(2.5 * t)]))
    return _planar("spiral", points, dtype, f"{n_classes} spiral arms, noise {noise} in the angle")


@_customary
def vertical(
    n_samples_per_class: int = 100,
    n_classes: int = 3,
    *,
    noise: float = 0.1,
    seed: int = 0,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """Round clouds side by side, which overlap.

    Class k: (k/3 + noise·ε1, 0.5 + noise·ε2), as in the data of *Neural Networks from Scratch*.
    With 3 classes and noise 0.1 no classifier beats (4·Φ(5/3) - 1)/3 = 0.936 on average.
    """
    _check(n_samples_per_class, n_classes, noise)
    rng = np.random.default_rng(seed)
    points = [
        np.array([k / 3, 0.5]) + noise * rng.standard_normal((n_samples_per_class, 2))
        for k in range(n_classes)
    ]
    return _planar("vertical", points, dtype, f"{n_classes} overlapping clouds, noise {noise}")


@_customary
def moons(
    n_samples_per_class: int = 100,
    *,
    noise: float = 0.1,
    seed: int = 0,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """Two half circles that hook into each other.

    t = π·i/(n-1). Class 0: (cos t, sin t). Class 1: (1 - cos t, 0.5 - sin t). Plus noise·ε.
    """
    _check(n_samples_per_class, 2, noise)
    rng = np.random.default_rng(seed)
    t = np.linspace(0.0, np.pi, n_samples_per_class)
    upper = np.column_stack([np.cos(t), np.sin(t)])
    lower = np.column_stack([1 - np.cos(t), 0.5 - np.sin(t)])
    points = [half + noise * rng.standard_normal(half.shape) for half in (upper, lower)]
    return _planar("moons", points, dtype, f"two half moons, noise {noise}")


@_customary
def circles(
    n_samples_per_class: int = 100,
    *,
    noise: float = 0.1,
    factor: float = 0.5,
    seed: int = 0,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """A ring around a ring.

    t = 2π·i/n. Class 0: (cos t, sin t). Class 1: factor·(cos t, sin t). Plus noise·ε.
    """
    _check(n_samples_per_class, 2, noise)
    if not 0 < factor < 1:
        raise ConfigError(f"factor, the inner radius, must lie between 0 and 1, got {factor}")
    rng = np.random.default_rng(seed)
    t = np.linspace(0.0, 2 * np.pi, n_samples_per_class, endpoint=False)
    ring = np.column_stack([np.cos(t), np.sin(t)])
    points = [radius * ring + noise * rng.standard_normal(ring.shape) for radius in (1.0, factor)]
    return _planar("circles", points, dtype, f"a ring in a ring, noise {noise}")


@_customary
def blobs(
    n_samples_per_class: int = 100,
    n_classes: int = 3,
    *,
    noise: float = 0.25,
    seed: int = 0,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """Round clouds on a circle, well apart.

    Class k of K: (cos 2πk/K, sin 2πk/K) + noise·ε.
    """
    _check(n_samples_per_class, n_classes, noise)
    rng = np.random.default_rng(seed)
    angles = 2 * np.pi * np.arange(n_classes) / n_classes
    points = [
        np.array([np.cos(a), np.sin(a)]) + noise * rng.standard_normal((n_samples_per_class, 2))
        for a in angles
    ]
    return _planar("blobs", points, dtype, f"{n_classes} clouds on a circle, noise {noise}")


@_customary
def xor(
    n_samples_per_class: int = 100,
    *,
    noise: float = 0.1,
    seed: int = 0,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """Clouds at the four corners of the unit square; the class is a XOR b of the corner (a, b).

    Class 0 takes turns at (0, 0) and (1, 1), class 1 at (0, 1) and (1, 0). Plus noise·ε.
    With noise 0 it is the truth table itself, which one layer cannot learn.
    """
    _check(n_samples_per_class, 2, noise)
    rng = np.random.default_rng(seed)
    turns = np.arange(n_samples_per_class) % 2
    points = []
    for k in range(2):
        corners = np.column_stack([turns, turns ^ k]).astype(np.float64)
        points.append(corners + noise * rng.standard_normal(corners.shape))
    return _planar("xor", points, dtype, f"four clouds, the class is a XOR b, noise {noise}")


@_customary
def sine(
    n_samples: int = 100,
    *,
    noise: float = 0.0,
    seed: int = 0,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """One wave, for regression: x = i/n, y = sin 2πx + noise·ε.  x: (n, 1)  y: (n,)."""
    _check(n_samples, 2, noise)
    rng = np.random.default_rng(seed)
    x = np.arange(n_samples) / n_samples
    y = np.sin(2 * np.pi * x) + noise * rng.standard_normal(n_samples)
    kind = float_dtype(dtype)
    return Dataset(
        name="sine",
        x=x[:, None].astype(kind),
        y=y.astype(kind),
        feature_names=("x",),
        task="regression",
        description=f"one period of a sine, noise {noise}",
    )


def _planar(name: str, points: list[Float], dtype: DTypeLike, description: str) -> Dataset:
    """The clouds of the classes, one after the other, as a data set."""
    n = len(points[0])
    x: Array = np.concatenate(points).astype(float_dtype(dtype))
    return Dataset(
        name=name,
        x=x,
        y=np.repeat(np.arange(len(points), dtype=np.int64), n),
        feature_names=("x1", "x2"),
        class_names=tuple(str(k) for k in range(len(points))),
        description=description,
    )


def _check(n: int, n_classes: int, noise: float) -> None:
    if not isinstance(n, int | np.integer) or n < 1:
        raise ConfigError(f"the number of samples must be a whole number of 1 or more, got {n!r}")
    if not isinstance(n_classes, int | np.integer) or n_classes < 2:
        raise ConfigError(f"n_classes must be a whole number of 2 or more, got {n_classes!r}")
    number("made-up data", "noise", noise, minimum=0.0)
