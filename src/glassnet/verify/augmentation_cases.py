"""How the layers that change images at random are verified.

Where both ends of a setting are one number nothing is left to chance, and Keras computes the same;
elsewhere it is read off the layer what it drew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet import layers
from glassnet._core.types import Array
from glassnet.verify.bench import Bench
from glassnet.verify.layer_case import Case, Weights
from glassnet.verify.measure import DTYPES, FORMULA

PADDED = {"constant": "constant", "nearest": "edge", "reflect": "symmetric", "wrap": "wrap"}
FRAME = 12  # pixels around an image: no test reads further out

Place = Callable[[Array, Array, int, int], tuple[Array, Array]]


def moved(x: Array, row: Array, column: Array, mode: str, nearest: bool, fill: float) -> Array:
    """Σ x[r, s]·hat(row - r)·hat(column - s) over a framed image, hat(t) = max(0, 1 - |t|).

    row, column: where each pixel is read, (rows, columns)
    """
    around = ((0, 0), (FRAME, FRAME), (FRAME, FRAME), (0, 0))
    settings: dict[str, Any] = {"constant_values": fill} if mode == "constant" else {}
    framed = np.pad(x, around, mode=PADDED[mode], **settings)  # type: ignore[call-overload]
    at = [np.floor(a + 0.5) if nearest else a for a in (row, column)]
    hats = [
        np.maximum(0.0, 1.0 - abs(a[..., None] + FRAME - np.arange(size)))
        for a, size in zip(at, framed.shape[1:3])
    ]
    result: Array = np.einsum("nrsk,pqr,pqs->npqk", framed, *hats)
    return result


def _case(title: str, make: Callable[[], Any], place: Place) -> Case:
    settings, kind = make().config(), type(make()).__name__

    def formula(w: Weights, x: Array) -> Array:
        rows, columns = x.shape[1:3]
        p, q = np.mgrid[:rows, :columns].astype(np.float64)
        row, column = place(p, q, rows, columns)
        mode, nearest = settings["fill_mode"], settings["interpolation"] == "nearest"
        return moved(x, row, column, mode, nearest, settings["fill_value"])

    # TensorFlow wraps the place between the last pixel and the first to one of the two, and its
    # gradient reads dL/dy by the inverse movement, which is not what the values' derivative is
    keras = settings["fill_mode"] != "wrap"
    return Case(
        title, make, (4, 6, 2), formula, None,
        (lambda module: getattr(module.layers, kind)(**settings))
        if keras else None, training=True, keras_slopes=False,
    )  # fmt: skip


def _shift(p: Array, q: Array, rows: int, columns: int) -> tuple[Array, Array]:
    return p - 0.3 * rows, q + 0.45 * columns


def _zoom(p: Array, q: Array, rows: int, columns: int) -> tuple[Array, Array]:
    cy, cx = (rows - 1) / 2, (columns - 1) / 2
    return cy + 1.6 * (p - cy), cx + 0.7 * (q - cx)


def _turn(p: Array, q: Array, rows: int, columns: int) -> tuple[Array, Array]:
    """As complex numbers, the row upwards: to the left by θ where one reads is by -θ."""
    middle = complex((columns - 1) / 2, -(rows - 1) / 2)
    read = (q - 1j * p - middle) * np.exp(-2j * np.pi * 0.15) + middle
    return -read.imag, read.real


def _translation(**settings: Any) -> Callable[[], Any]:
    return lambda: layers.RandomTranslation((0.3, 0.3), (-0.45, -0.45), **settings)


def _rotation(mode: str) -> Callable[[], Any]:
    return lambda: layers.RandomRotation((0.15, 0.15), mode, fill_value=-0.5)


CASES = [
    *(_case(f"random_translation {mode}", _translation(fill_mode=mode, fill_value=0.5), _shift)
      for mode in PADDED),
    _case("random_translation whole pixels", _translation(interpolation="nearest"), _shift),
    _case("random_zoom", lambda: layers.RandomZoom((0.6, 0.6), (-0.3, -0.3)), _zoom),
    *(_case(f"random_rotation {mode}", _rotation(mode), _turn) for mode in PADDED),
    Case("random_flip after", layers.RandomFlip, (2, 3, 1), lambda w, x: x),
    Case("random_contrast after", lambda: layers.RandomContrast(0.5), (2, 3, 1), lambda w, x: x),
    Case("gaussian_noise after", lambda: layers.GaussianNoise(0.5), (2, 3, 1), lambda w, x: x),
    Case("random_brightness", lambda: layers.RandomBrightness((0.25, 0.25), (-1, 1)), (3, 2, 2),
         lambda w, x: np.maximum(np.minimum(x + 0.5, 1.0), -1.0), None,
         lambda keras: keras.layers.RandomBrightness((0.25, 0.25), (-1, 1)), training=True),
]  # fmt: skip


def check_drawn(bench: Bench) -> None:
    """What cannot be fixed: flips, contrast and noise, by what the layer says that it drew."""
    x = bench.rng.uniform(0, 1, (60, 4, 3, 2))
    dy = bench.rng.uniform(0.5, 1.5, x.shape)
    for mode, axes in (("horizontal", 2), ("vertical", 1), ("horizontal_and_vertical", (1, 2))):
        flip: Any = layers.RandomFlip(mode)
        with bench.on(f"random_flip {mode}"):

            def mirrored(a: Array, one: Any, axes: Any = axes) -> Array:
                return np.where(one.saved.drawn[:, :, None, None], np.flip(a, axes), a)

            _drawn(bench, flip, x, dy, mirrored, mirrored)
    with bench.on("random_contrast drawn"):

        def contrast(a: Array, one: Any) -> Array:
            f, mean = one.saved.factor[:, None, None, None], a.mean(axis=(1, 2), keepdims=True)
            return np.asarray(mean + f * (a - mean))

        _drawn(bench, layers.RandomContrast(0.9, (-9, 9)), x, dy, contrast, contrast)
    with bench.on("gaussian_noise drawn"):
        _drawn(bench, layers.GaussianNoise(0.5), x, dy,
               lambda a, one: a + 0.5 * one.saved.noise, lambda a, one: a)  # fmt: skip


def _drawn(
    bench: Bench, layer: Any, x: Array, dy: Array,
    forth: Callable[[Array, Any], Array], back: Callable[[Array, Any], Array],
) -> None:  # fmt: skip
    """The values and their gradient; contrast and flips are linear and symmetric."""
    for dtype in DTYPES:
        one = layers.from_config(layer.get_config())
        one.build(x.shape[1:], np.random.default_rng(bench.seed), dtype)
        narrow = x.astype(np.float32).astype(np.float64), dy.astype(np.float32).astype(np.float64)
        y = one.forward(narrow[0].astype(dtype), training=True).copy()
        dx = one.backward(narrow[1].astype(dtype))
        bench.compare("values", FORMULA, y, forth(narrow[0], one), "y", dtype)
        bench.compare("gradients", FORMULA, dx, back(narrow[1], one), "dL/dx", dtype)
