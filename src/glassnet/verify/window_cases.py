"""Convolution, pooling and what else there is for images and series: how each is verified.

PyTorch has the channels first and pads both ends alike: it gets its zeros put around by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet import layers
from glassnet._core.types import Array
from glassnet.layers import Layer
from glassnet.verify.activation_formulas import FORMULAS as ACTIVATION_FORMULAS
from glassnet.verify.layer_case import Case, Weights
from glassnet.verify.window_formulas import (
    Pair,
    average_pool,
    convolution,
    max_pool,
    zeros_around,
)

Shape = tuple[int, ...]


def _pair(value: Any) -> Pair:
    """A setting as (rows, columns); of a series, which is an image of one row, (1, steps)."""
    if isinstance(value, int):
        return value, value
    return (1, *value) if len(value) == 1 else (value[0], value[1])


def _pad(torch: Any, x: Any, size: Pair, strides: Pair, padding: str, fill: float = 0.0) -> Any:
    """What "same" means, around channels-first images."""
    (top, bottom), (left, right) = (
        zeros_around(length, k, s, padding) for length, k, s in zip(x.shape[2:], size, strides)
    )
    return torch.nn.functional.pad(x, (left, right, top, bottom), value=fill)


def _conv(title: str, make: Callable[[], Layer], shape: Shape, keras: bool = True) -> Case:
    """``keras`` False: TensorFlow has no gradient of it on a processor."""
    settings = make().config()
    series = make().kind == "conv1d"
    names = ("kernel_size", "strides", "dilation_rate")
    size, strides, dilation = (_pair(settings[name]) for name in names)
    padding, groups, activation = (
        settings["padding"], settings["groups"], settings["activation"]["name"],
    )  # fmt: skip
    span: Any = tuple((k - 1) * d + 1 for k, d in zip(size, dilation))
    one_row: Any = (slice(None), None) if series else ()

    def formula(w: Weights, x: Array) -> Array:
        W = w["W"][None] if series else w["W"]
        z = convolution(x[one_row], W, w.get("b"), strides, padding, dilation, groups)
        return np.asarray(ACTIVATION_FORMULAS[activation][0](z[:, 0] if series else z))

    def torch_conv(torch: Any, x: Any, W: Any, b: Any = None) -> Any:
        first, kernel = x[one_row].permute(0, 3, 1, 2), W[None] if series else W
        z = torch.nn.functional.conv2d(
            _pad(torch, first, span, strides, padding), kernel.permute(3, 2, 0, 1), b, strides,
            dilation=dilation, groups=groups,
        ).permute(0, 2, 3, 1)  # fmt: skip
        y = z if activation == "linear" else getattr(torch, activation)(z)
        return y[:, 0] if series else y

    def keras_conv(module: Any) -> Any:
        kind = module.layers.Conv1D if series else module.layers.Conv2D
        own = {name: value for name, value in settings.items() if "izer" not in name}
        return kind(**{**own, "activation": activation})

    trained = ("W", "b") if settings["use_bias"] else ("W",)
    return Case(title, make, shape, formula, torch_conv, keras_conv if keras else None, trained)


def _pool(title: str, make: Callable[[], Layer], shape: Shape) -> Case:
    layer = make()
    settings, series = layer.config(), layer.kind.endswith("1d")
    size, strides, padding = (
        _pair(settings["pool_size"]), _pair(settings["strides"]), settings["padding"],
    )  # fmt: skip
    largest = layer.kind.startswith("max")
    one_row: Any = (slice(None), None) if series else ()

    def formula(w: Weights, x: Array) -> Array:
        y = (max_pool if largest else average_pool)(x[one_row], size, strides, padding)
        return y[:, 0] if series else y

    def torch_pool(torch: Any, x: Any) -> Any:
        function = torch.nn.functional
        first = x[one_row].permute(0, 3, 1, 2)
        if largest:
            padded = _pad(torch, first, size, strides, padding, -np.inf)
            y = function.max_pool2d(padded, size, strides)
        else:  # the zeros of the padding do not count
            ones = _pad(torch, torch.ones_like(first), size, strides, padding)
            padded = _pad(torch, first, size, strides, padding)
            y = function.avg_pool2d(padded, size, strides) / function.avg_pool2d(
                ones, size, strides
            )
        y = y.permute(0, 2, 3, 1)
        return y[:, 0] if series else y

    def keras_pool(module: Any) -> Any:
        return getattr(module.layers, type(layer).__name__)(**settings)

    return Case(title, make, shape, formula, torch_pool, keras_pool)


def _global(kind: type[Layer], shape: Shape) -> Case:
    name, axes = kind.__name__, tuple(range(1, len(shape)))
    largest = "Max" in name

    def formula(w: Weights, x: Array) -> Array:
        return np.asarray(x.max(axis=axes) if largest else x.mean(axis=axes))

    def torch_pool(torch: Any, x: Any) -> Any:
        return torch.amax(x, axes) if largest else x.mean(axes)

    return Case(
        kind.kind, kind, shape, formula, torch_pool, lambda keras: getattr(keras.layers, name)()
    )


def _spatial_dropout(kind: type[layers.Dropout], shape: Shape) -> Case:
    name = kind.__name__
    return Case(
        f"{kind.kind} after", lambda: kind(0.5), shape, lambda w, x: x, None,
        lambda keras: getattr(keras.layers, name)(0.5),
    )  # fmt: skip


def _around(w: Weights, x: Array) -> Array:
    h = np.tanh(convolution(x, w["conv2d/W"], w["conv2d/b"], padding="same"))
    return np.asarray(x + convolution(h, w["conv2d_1/W"], w["conv2d_1/b"], padding="same"))


def _torch_around(torch: Any, x: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    conv = torch.nn.functional.conv2d
    h = torch.tanh(conv(x.permute(0, 3, 1, 2), W1.permute(3, 2, 0, 1), b1, padding=1))
    return x + conv(h, W2.permute(3, 2, 0, 1), b2, padding=1).permute(0, 2, 3, 1)


def _keras_around(keras: Any) -> Any:
    return keras.Sequential(
        [keras.layers.Conv2D(2, 3, padding="same", activation="tanh"),
         keras.layers.Conv2D(2, 3, padding="same")]
    )  # fmt: skip


CASES = [
    _conv("conv2d", lambda: layers.Conv2D(3, (2, 3)), (4, 5, 2)),
    _conv("conv2d relu, same", lambda: layers.Conv2D(3, 3, padding="same", activation="relu"),
          (4, 3, 2)),
    _conv("conv2d even, same", lambda: layers.Conv2D(2, (2, 4), padding="same"), (3, 5, 2)),
    _conv("conv2d strides", lambda: layers.Conv2D(2, 2, strides=2), (5, 5, 2)),
    _conv("conv2d strides, same", lambda: layers.Conv2D(2, 3, strides=(2, 3), padding="same"),
          (4, 5, 2)),
    _conv("conv2d dilation", lambda: layers.Conv2D(2, 2, dilation_rate=2), (4, 5, 2)),
    _conv("conv2d dilation, same",
          lambda: layers.Conv2D(2, (2, 3), dilation_rate=(1, 2), padding="same"), (3, 4, 2)),
    _conv("conv2d groups", lambda: layers.Conv2D(4, 2, groups=2), (3, 3, 4), keras=False),
    _conv("conv2d depthwise", lambda: layers.Conv2D(6, 3, groups=3, padding="same"), (3, 3, 3),
          keras=False),
    _conv("conv2d no bias", lambda: layers.Conv2D(3, 1, use_bias=False), (2, 3, 2)),
    _conv("conv1d", lambda: layers.Conv1D(3, 3, activation="tanh"), (6, 2)),
    _conv("conv1d strides, same", lambda: layers.Conv1D(3, 4, strides=2, padding="same"), (7, 2)),
    _pool("max_pooling2d", lambda: layers.MaxPooling2D(2), (5, 4, 2)),
    _pool("max_pooling2d overlapping, same",
          lambda: layers.MaxPooling2D(3, (2, 1), padding="same"), (4, 3, 2)),
    _pool("max_pooling1d", lambda: layers.MaxPooling1D(3, 2, padding="same"), (6, 2)),
    _pool("average_pooling2d", lambda: layers.AveragePooling2D(2), (5, 4, 2)),
    _pool("average_pooling2d overlapping, same",
          lambda: layers.AveragePooling2D(3, (2, 1), padding="same"), (4, 3, 2)),
    _pool("average_pooling1d", lambda: layers.AveragePooling1D(2, padding="same"), (5, 2)),
    _global(layers.GlobalAveragePooling2D, (3, 2, 2)),
    _global(layers.GlobalAveragePooling1D, (4, 2)),
    _global(layers.GlobalMaxPooling2D, (3, 2, 2)),
    _global(layers.GlobalMaxPooling1D, (4, 2)),
    Case("zero_padding2d", lambda: layers.ZeroPadding2D(((1, 0), (2, 3))), (2, 3, 2),
         lambda w, x: np.pad(x, ((0, 0), (1, 0), (2, 3), (0, 0))),
         lambda torch, x: torch.nn.functional.pad(x, (0, 0, 2, 3, 1, 0)),
         lambda keras: keras.layers.ZeroPadding2D(((1, 0), (2, 3)))),
    Case("up_sampling2d", lambda: layers.UpSampling2D((2, 3)), (2, 2, 2),
         lambda w, x: np.kron(x, np.ones((1, 2, 3, 1))),
         lambda torch, x: torch.nn.functional.interpolate(
             x.permute(0, 3, 1, 2), scale_factor=(2, 3)).permute(0, 2, 3, 1),
         lambda keras: keras.layers.UpSampling2D((2, 3))),
    _spatial_dropout(layers.SpatialDropout2D, (2, 2, 3)),
    _spatial_dropout(layers.SpatialDropout1D, (3, 3)),
    Case("residual convolutions",
         lambda: layers.Residual([layers.Conv2D(2, 3, padding="same", activation="tanh"),
                                  layers.Conv2D(2, 3, padding="same")]),
         (3, 3, 2), _around, _torch_around, _keras_around,
         ("conv2d/W", "conv2d/b", "conv2d_1/W", "conv2d_1/b"), around=True),
]  # fmt: skip
