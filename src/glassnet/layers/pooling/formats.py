"""Pooling in other formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import prod
from typing import Any

import numpy as np

from glassnet._core.formats import (
    Config,
    CSource,
    KerasWords,
    OnnxGraph,
    OnnxNodes,
    PythonSource,
    TorchWords,
)
from glassnet.errors import ConfigError, FileFormatError
from glassnet.layers import window_source
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
from glassnet.layers.window_formats import AUTO, OnnxWindows, pads, read_windows
from glassnet.layers.windows import word_for

WINDOWS: list[type[Any]] = [AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D]
GLOBAL: list[type[Any]] = [
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
]


def _never_negative(parts: list[Part]) -> bool:
    """Whether what comes is at least 0, so that a maximum with zeros around is the same."""
    f: Any = parts[-1].layer.function if parts else None
    return f is not None and f.elementwise and bool((f(np.linspace(-30, 30, 241)) >= 0).all())


# ---- ONNX -----------------------------------------------------------------------------------


def to_onnx(operator: str, graph: OnnxGraph, layer: Pooling, x: str) -> str:
    settings = {"count_include_pad": 0} if operator == "AveragePool" else {}
    return graph.add(
        operator,
        x,
        kernel_shape=layer.pool_size,
        strides=layer.strides,
        pads=pads(layer.windows),
        **settings,
    )


def global_to_onnx(operator: str, graph: OnnxGraph, layer: GlobalPooling, x: str) -> str:
    return graph.rows("Flatten", graph.add(operator, x), axis=1)  # (n, channels, 1, 1) → rows


def from_onnx(operator: str, nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    settings = nodes.settings(node, auto_pad=AUTO, ceil_mode=(0, 1), count_include_pad=(0, 1))
    size = settings.get("kernel_shape", [])
    if len(size) not in (1, 2):
        raise FileFormatError(
            f"{nodes.of(node)} has windows of {list(size)[:8]}; read are windows over one or two "
            "axes"
        )
    if set(settings.get("dilations", [])) - {1}:
        raise FileFormatError(
            f"{nodes.of(node)} has dilations = {settings['dilations'][:4]}: glassnet's pooling "
            "has no gaps in its windows"
        )
    nodes.channels_first(node, len(size))
    windows = read_windows(nodes, node, size, settings)
    padding = windows.padding
    if operator == "AveragePool" and settings.get("count_include_pad"):
        if windows.rounded_up:
            raise FileFormatError(
                f"{nodes.of(node)} has ceil_mode = 1 and count_include_pad = 1: glassnet's pooling "
                "has no windows that count some of what is outside"
            )
        if any(map(any, windows.zeros)):
            padding = None  # zeros count: they are made first
    if padding is None:
        _pad(operator, nodes, node, windows, settings, parts)
    kind = ONNX[operator][len(size) - 1]
    strides = tuple(axis.stride for axis in windows.axes)
    nodes.append(parts, Part(kind(tuple(size), strides, padding or "valid", nodes.name(node))))


def _pad(
    operator: str, nodes: OnnxNodes, node: Any, windows: OnnxWindows, settings: Config,
    parts: list[Part],
) -> None:  # fmt: skip
    """Make the padding first, where zeros are the same."""
    sides = [*windows.before, *windows.after]
    if max(pad - axis.size for pad, axis in zip(windows.before, windows.axes)) >= 0:
        why = "and a window would see nothing but padding"
    elif operator == "AveragePool" and not settings.get("count_include_pad"):
        why = "zeros there would count"
    elif operator == "MaxPool" and not _never_negative(parts):
        why = "zeros there would win over numbers below 0"
    elif len(windows.axes) == 1:
        why = "and has no layer that pads series"
    else:
        zeros = windows.zeros if operator == "MaxPool" else zip(windows.before, windows.after)
        nodes.append(parts, Part(ZeroPadding2D(tuple(zeros))))
        return
    raise FileFormatError(
        f"{nodes.of(node)} has pads {sides}, which are none that glassnet's pooling makes: it pads "
        f"as padding='same' does, the larger part at the end, or not at all; {why}"
    )


def global_from_onnx(operator: str, nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    rank = len(nodes.shape) - 1
    nodes.channels_first(node, rank)
    nodes.settings(node)
    append_global(operator, nodes, node, parts, keep_axes=True)


def reduction_from_onnx(
    operator: str, nodes: OnnxNodes, node: Any, x: str, parts: list[Part]
) -> None:
    """ReduceMean and ReduceMax over all places of an image."""
    settings = nodes.settings(node, keepdims=(0, 1), noop_with_empty_axes=(0,))
    stated = settings.get("axes")
    if stated is None and len(node.input) > 1:
        axes = nodes.constants.get(node.input[1])
        stated = None if axes is None or axes.dtype.kind != "i" else axes.reshape(-1).tolist()
    rank = len(nodes.shape)
    along = {axis % (rank + 1) for axis in stated or []}
    marks = nodes.by_axis([int(axis in along) for axis in range(rank + 1)], 0)
    if rank not in (2, 3) or marks != [0, *[1] * (rank - 1), 0]:
        raise FileFormatError(
            f"{nodes.of(node)} works along the axes {stated}; read are all axes of an image but "
            "its channels, as global pooling"
        )
    append_global(operator, nodes, node, parts, keep_axes=settings.get("keepdims", 1) == 1)


def append_global(
    operator: str, nodes: OnnxNodes, node: Any, parts: list[Part], keep_axes: bool
) -> None:
    order, rank = nodes.order, len(nodes.shape) - 1
    if rank not in (1, 2):
        raise nodes.unsupported(node)
    nodes.append(parts, Part(ONNX[operator][rank - 1](name=nodes.name(node))))
    if keep_axes:  # (n, channels, 1, 1)
        nodes.append(parts, Part(Reshape((*(1 for _ in range(rank)), -1))), order)


# The operators, and what each is over series and over images.
ONNX: dict[str, tuple[type[Any], type[Any]]] = {
    "AveragePool": (AveragePooling1D, AveragePooling2D),
    "GlobalAveragePool": (GlobalAveragePooling1D, GlobalAveragePooling2D),
    "GlobalMaxPool": (GlobalMaxPooling1D, GlobalMaxPooling2D),
    "MaxPool": (MaxPooling1D, MaxPooling2D),
}

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


# ---- source code ----------------------------------------------------------------------------

WINDOW_PYTHON = '''
def {name}(x, image, out, window, strides, before):
    """y[p, q, c] = {formula} of x in the window at (p, q); what lies outside does not count"""
    rows, columns, channels = image
    y = []
    for p in range(out[0]):
        first = p * strides[0] - before[0]
        inside = range(max(first, 0), min(first + window[0], rows))
        for q in range(out[1]):
            left = q * strides[1] - before[1]
            across = range(max(left, 0), min(left + window[1], columns))
            for c in range(channels):
                seen = [x[(r * columns + s) * channels + c] for r in inside for s in across]
                y.append({value})
    return y
'''

GLOBAL_PYTHON = '''
def global_{name}(x, channels):
    """y_c = {formula} of channel c, over all places"""
    y = []
    for c in range(channels):
        seen = x[c::channels]
        y.append({value})
    return y
'''

WINDOW_C = """
/* y[p, q, c] = {formula} of x in the window at (p, q); what lies outside does not count */
static void {name}(const Windows *w, const real *x, real *y)
{{
    for (int p = 0; p < w->out_rows; p++)
        for (int q = 0; q < w->out_columns; q++)
            for (int c = 0; c < w->channels; c++, y++) {{
                {start};
                for (int i = 0; i < w->height; i++)
                    for (int j = 0; j < w->width; j++) {{
                        int row = p * w->row_stride + i - w->top;
                        int column = q * w->column_stride + j - w->left;
                        if (row < 0 || row >= w->rows || column < 0 || column >= w->columns)
                            continue;
                        real value = x[(row * w->columns + column) * w->channels + c];
                        {each};
                    }}
                *y = {value};
            }}
}}
"""

GLOBAL_C = """
/* y[c] = {formula} of channel c, over all n numbers of k channels */
static void global_{name}(int n, int k, const real *x, real *y)
{{
    for (int c = 0; c < k; c++) {{
        {start};
        for (int i = c; i < n; i += k) {{
            real value = x[i];
            {each};
        }}
        y[c] = {value};
    }}
}}
"""

# What is put into the texts.  NaN is larger than all.
LARGEST = {"name": "max_pool", "formula": "the largest"}
MEAN = {"name": "average_pool", "formula": "the mean"}
PYTHON = {
    "Max": {**LARGEST, "value": "max(seen, key=lambda v: (v != v, v))"},
    "Avg": {**MEAN, "value": "sum(seen) / len(seen)"},
}
C = {
    "Max": {
        **LARGEST,
        "start": "real best = -INFINITY",
        "each": "best = value > best || value != value ? value : best",
        "value": "best",
    },
    "Avg": {
        **MEAN,
        "start": "real sum = 0, count = 0",
        "each": "sum += value, count++",
        "value": "sum / count",
    },
}


def to_python(said: Mapping[str, str], source: PythonSource, layer: Pooling, x: str) -> str:
    settings = window_source.in_python(source, layer)
    return source.step(source.call(WINDOW_PYTHON.format(**said), x, **settings))


def to_c(said: Mapping[str, str], source: CSource, layer: Pooling, x: str) -> str:
    windows, size = window_source.in_c(source, layer), prod(layer.output_shape or ())
    return source.call(WINDOW_C.format(**said), [], windows, x, size=size)


def global_to_python(
    said: Mapping[str, str], source: PythonSource, layer: GlobalPooling, x: str
) -> str:
    assert layer.input_shape is not None
    return source.step(source.call(GLOBAL_PYTHON.format(**said), x, layer.input_shape[-1]))


def global_to_c(said: Mapping[str, str], source: CSource, layer: GlobalPooling, x: str) -> str:
    shape = layer.input_shape or ()
    return source.call(GLOBAL_C.format(**said), [prod(shape), shape[-1]], x)


# ---------------------------------------------------------------------------------------------


FORMATS = {
    kind.kind: Formats(
        onnx=partial(global_to_onnx if kind in GLOBAL else to_onnx, operator),
        keras=global_to_keras if kind in GLOBAL else to_keras,
        torch=global_to_torch if kind in GLOBAL else to_torch,
        python=partial(global_to_python if kind in GLOBAL else to_python, PYTHON[_short(kind)]),
        c=partial(global_to_c if kind in GLOBAL else to_c, C[_short(kind)]),
        channels_first=True,
    )
    for operator, kinds in ONNX.items()
    for kind in kinds
}
TORCH: dict[str, Callable[..., Any]] = {
    **{f"{_short(kind)}Pool{kind.rank}d": partial(from_torch, kind) for kind in WINDOWS},
    **{
        f"Adaptive{_short(kinds[0])}Pool{kinds[0].rank}d": partial(adaptive_from_torch, kinds)
        for kinds in zip(GLOBAL, WINDOWS)
    },
}
READERS = Readers(
    onnx={
        "AveragePool": partial(from_onnx, "AveragePool"),
        "MaxPool": partial(from_onnx, "MaxPool"),
        "GlobalAveragePool": partial(global_from_onnx, "GlobalAveragePool"),
        "GlobalMaxPool": partial(global_from_onnx, "GlobalMaxPool"),
        "ReduceMean": partial(reduction_from_onnx, "GlobalAveragePool"),
        "ReduceMax": partial(reduction_from_onnx, "GlobalMaxPool"),
    },
    keras={
        **{kind.__name__: partial(from_keras, kind) for kind in WINDOWS},
        **{kind.__name__: partial(global_from_keras, kind) for kind in GLOBAL},
    },
    torch=TORCH,
    channels_first=tuple(TORCH),
)
