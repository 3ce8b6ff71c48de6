"""Pooling in other formats."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from glassnet._core.formats import Config, KerasWords, TorchWords
from glassnet.errors import ConfigError
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers
from glassnet.layers.padding.layer import ZeroPadding2D
from glassnet.layers.pooling.layer import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalPooling,
    MaxPooling1D,
    MaxPooling2D,
    Pooling,
)
from glassnet.layers.reshape.layer import Reshape
from glassnet.layers.windows import word_for

WINDOWS: list[type[Any]] = [AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D]
GLOBAL: list[type[Any]] = [
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
]

# ---- Keras, which has the same names --------------------------------------------------------


def to_keras(words: KerasWords, layer: Pooling) -> tuple[str, Config]:
    return type(layer).__name__, {
        "pool_size": list(layer.pool_size),
        "strides": list(layer.strides),
        "padding": layer.padding,
        "data_format": "channels_last",
    }


def global_to_keras(words: KerasWords, layer: GlobalPooling) -> tuple[str, Config]:
    return type(layer).__name__, {"data_format": "channels_last", "keepdims": False}


def from_keras(kind: type[Any], words: KerasWords, config: Config) -> KerasLayer:
    words.need_channels_last(kind.__name__, config)
    layer = kind(config["pool_size"], config.get("strides"), config.get("padding", "valid"))
    return KerasLayer(layer, ("pool_size", "strides", "padding", "data_format"))


def global_from_keras(
    kind: type[Any], words: KerasWords, config: Config
) -> KerasLayer | tuple[KerasLayer, ...]:
    """With keepdims the axes stay, with one place each."""
    words.need_channels_last(kind.__name__, config)
    pooled = KerasLayer(kind(), ("data_format", "keepdims"))
    if not config.get("keepdims"):
        return pooled
    return pooled, KerasLayer(Reshape((*(1,) * kind.rank, -1)))


# ---- PyTorch --------------------------------------------------------------------------------


def _short(kind: type[Any]) -> str:
    """Max or Avg, as PyTorch calls it."""
    return "Max" if "Max" in kind.__name__ else "Avg"


def to_torch(words: TorchWords, layer: Pooling) -> list[tuple[str, Config]]:
    """PyTorch pads both ends alike; one place more at the end is a window that is cut there."""
    sides = [axis.padding for axis in layer.windows]
    cut = any(first != last for first, last in sides)
    if cut and any(a.stride == 1 and a.padding[0] != a.padding[1] for a in layer.windows):
        raise ConfigError(
            f"{layer.title}: cannot be written for PyTorch, which has no pooling with strides of "
            "1 that gets one place more at the end than at the beginning. Use an odd pool_size, "
            "or padding='valid'."
        )
    settings: Config = {
        "kernel_size": layer.pool_size,
        "stride": layer.strides,
        "padding": tuple(first for first, _ in sides),
        "ceil_mode": cut,
    }
    short = _short(type(layer))
    if short == "Avg":
        settings["count_include_pad"] = False
    return [(f"{short}Pool{layer.rank}d", settings)]


def global_to_torch(words: TorchWords, layer: GlobalPooling) -> list[tuple[str, Config]]:
    name = f"Adaptive{_short(type(layer))}Pool{layer.rank}d"
    return [(name, {"output_size": 1}), ("Flatten", {})]


def from_torch(kind: type[Any], words: TorchWords, module: Any) -> list[Part]:
    """Only where the windows are those of "valid" or "same", or zeros beforehand do no harm."""
    name, shape, rank = type(module).__name__, words.input_shape, kind.rank
    size, strides, before = (
        _each(value, rank) for value in (module.kernel_size, module.stride, module.padding)
    )
    largest = _short(kind) == "Max"
    for setting, plain in (("dilation", 1), ("return_indices", False), ("divisor_override", None)):
        found = getattr(module, setting, plain)
        if found != plain and found != (plain,) * rank:
            raise ConfigError(f"from_torch: a {name} with {setting} = {found} is not read.")
    counts = [_count(*one, module.ceil_mode) for one in zip(shape, size, strides, before)]
    ones = (1,) * rank
    word = word_for(shape, size, strides, ones, before, counts)
    counts_zeros = not largest and module.count_include_pad and any(before)
    if word is not None and not counts_zeros:
        return [Part(kind(size, strides, word))]
    wider = [length + 2 * p for length, p in zip(shape, before)]
    zeros = (0,) * rank
    whole = word_for(wider, size, strides, ones, zeros, counts) == "valid"
    if rank == 2 and whole and (counts_zeros or (largest and _never_negative(words.parts))):
        around = ZeroPadding2D(tuple((p, p) for p in before))
        return [Part(around), Part(kind(size, strides, "valid"))]
    why = (
        "counts its zeros, which glassnet does not" if counts_zeros and not largest else
        "pads both ends alike, and with -∞" if largest and any(before) else
        "pads both ends alike" if any(before) else "goes on over the end"
    )  # fmt: skip
    raise ConfigError(
        f"from_torch: {name}({_said(size)}, stride={_said(strides)}, padding={_said(before)}, "
        f"ceil_mode={module.ceil_mode}) on samples of shape {shape} {why}: neither 'valid' nor "
        "'same' gives the same windows."
    )


def _each(value: Any, rank: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank


def _said(numbers: tuple[int, ...]) -> str:
    return str(numbers[0] if len(set(numbers)) == 1 else numbers)


def _count(length: int, size: int, stride: int, before: int, ceil: bool) -> int:
    """How many windows PyTorch has: with ceil_mode the last may go on over the end."""
    free = length + 2 * before - size
    if not ceil:
        return free // stride + 1
    count = -(-free // stride) + 1
    return count - 1 if (count - 1) * stride >= length + before else count


def _never_negative(parts: list[Part]) -> bool:
    """Whether what comes is at least 0, so that a maximum with zeros around is the same."""
    f: Any = parts[-1].layer.function if parts else None
    return f is not None and f.elementwise and bool((f(np.linspace(-30, 30, 241)) >= 0).all())


def adaptive_from_torch(
    kinds: tuple[type[Any], type[Any]], words: TorchWords, module: Any
) -> list[Part]:
    """Over all of an image, or over windows that share it out without a rest.

    Args:
        kinds: the global pooling, and the one of windows.
    """
    everything, windows = kinds
    shape, rank = words.input_shape, everything.rank
    wanted = _each(module.output_size, rank)
    wanted = tuple(length if n is None else n for n, length in zip(wanted, shape))
    if set(wanted) == {1}:
        return [Part(everything()), Part(Reshape((*(1,) * rank, -1)))]
    if any(length % n for n, length in zip(wanted, shape)):
        raise ConfigError(
            f"from_torch: {type(module).__name__}({wanted}) on samples of shape {shape} has "
            "windows of different sizes, which glassnet's pooling does not."
        )
    return [Part(windows(tuple(length // n for n, length in zip(wanted, shape))))]


# ---------------------------------------------------------------------------------------------

FORMATS = {
    **{kind.kind: Formats(keras=to_keras, torch=to_torch, channels_first=True) for kind in WINDOWS},
    **{
        kind.kind: Formats(keras=global_to_keras, torch=global_to_torch, channels_first=True)
        for kind in GLOBAL
    },
}
TORCH: dict[str, Callable[..., Any]] = {
    **{f"{_short(kind)}Pool{kind.rank}d": partial(from_torch, kind) for kind in WINDOWS},
    **{
        f"Adaptive{_short(kinds[0])}Pool{kinds[0].rank}d": partial(adaptive_from_torch, kinds)
        for kinds in zip(GLOBAL, WINDOWS)
    },
}
READERS = Readers(
    keras={
        **{kind.__name__: partial(from_keras, kind) for kind in WINDOWS},
        **{kind.__name__: partial(global_from_keras, kind) for kind in GLOBAL},
    },
    torch=TORCH,
    channels_first=tuple(TORCH),
)
