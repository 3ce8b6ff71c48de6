"""A piecewise-linear encoding in other formats: a few operators, a module, a function."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import numpy as np

from glassnet._core.formats import Config, CSource, KerasWords, OnnxGraph, PythonSource
from glassnet._core.types import Array
from glassnet.layers.encoding.layer import PiecewiseLinearEncoding, tables_of
from glassnet.layers.formats import Formats, KerasPiece, Part, Readers

FAR_OFF = 1000.0  # times the clip, from where on c(x) is the clip
FAR = 1e9  # x/clip is held within it: its square is a finite number, and c(x) is the same

PYTHON = '''
def encode(x, low, inverse, mean, scale, first, clip):
    """Each number v of x as v/√(1 + (v/clip)²), and of each bin (v - low)·inverse from 0 to 1.

    first: where the features of each number begin; one that has a single feature stays as it is.
    """
    y = []
    for v, start, stop in zip(x, first, first[1:]):
        squeezed = clip is not None and stop - start > 1
        y.append(v / math.hypot(1, v / clip) if squeezed else v)
        for f in range(start + 1, stop):
            y.append(min(max((v - low[f]) * inverse[f], 0.0), 1.0))
    return [(v - m) * s for v, m, s in zip(y, mean, scale)]
'''

C = """
/* Each of d numbers as x / sqrt(1 + (x / clip)^2), or as it is for clip = 0, and of each bin
   (x - low) * inverse from 0 to 1; of all n features (y - mean) * scale.
   first: where the features of each number begin; one with a single feature stays as it is. */
static void encode(int d, int n, const real *x, const real *first, const real *low,
                   const real *inverse, const real *mean, const real *scale, real clip, real *y)
{
    for (int j = 0; j < d; j++) {
        int start = (int)first[j], stop = (int)first[j + 1];
        y[start] = clip > 0 && stop - start > 1 ? x[j] / hypot((real)1, x[j] / clip) : x[j];
        for (int f = start + 1; f < stop; f++) {
            real v = (x[j] - low[f]) * inverse[f];
            y[f] = v < 0 ? 0 : v > 1 ? 1 : v;
        }
    }
    for (int f = 0; f < n; f++)
        y[f] = (y[f] - mean[f]) * scale[f];
}
"""


def torch_module(nn: Any) -> type:
    torch = import_module(nn.__name__.partition(".")[0])  # whose nn it is

    class EncodingModule(nn.Module):  # type: ignore[misc]
        """Each number as c(x) = x/√(1 + (x/clip)²), and its place in each bin of its column."""

        def __init__(self, edges: Any, clip: Any, means: Any, scales: Any) -> None:
            super().__init__()
            self.edges, self.clip, self.means, self.scales = edges, clip, means, scales
            layer = PiecewiseLinearEncoding(edges, clip, means, scales)
            layer.build((len(edges),), dtype=np.float64)
            tables = tables_of(layer)
            first = tables.first.astype(np.int64)
            column = np.repeat(np.arange(len(edges)), np.diff(first))
            squeezed = [own is not None and clip is not None for own in edges]
            inverse = np.minimum(tables.inverse, np.finfo(np.float32).max)  # also as float32
            raw = np.isin(np.arange(len(column)), first)
            for name, array in {
                "column": column, "raw": raw, "squeezed": np.array(squeezed), "low": tables.low,
                "inverse": inverse, "mean": tables.mean, "scale": tables.scale,
            }.items():  # fmt: skip
                self.register_buffer(name, torch.from_numpy(array), persistent=False)

        def forward(self, x: Any) -> Any:
            u = x / (self.clip or 1.0)
            number = torch.where(self.squeezed, x / torch.hypot(torch.ones_like(u), u), x)
            bins = ((x[:, self.column] - self.low) * self.inverse).clamp(0, 1)
            return (torch.where(self.raw, number[:, self.column], bins) - self.mean) * self.scale

        def extra_repr(self) -> str:
            return f"columns={len(self.edges)}, features={len(self.raw)}, clip={self.clip}"

    return EncodingModule


def to_onnx(graph: OnnxGraph, layer: PiecewiseLinearEncoding, x: str) -> str:
    tables, edges = tables_of(layer), layer.edges or ()
    first = tables.first.astype(np.int64)
    column = np.repeat(np.arange(len(edges)), np.diff(first))
    is_bin = ~np.isin(np.arange(len(column)), first)
    numbers = _squeezed(graph, layer, x)
    if not is_bin.any():
        y = numbers
    else:
        here = graph.add("Gather", x, graph.constant("column", column[is_bin], np.int64), axis=1)
        above = graph.add("Sub", here, graph.constant("low", tables.low[is_bin]))
        share = graph.add("Mul", above, graph.constant("inverse", tables.inverse[is_bin]))
        bins = graph.add("Clip", share, graph.constant("zero", 0.0), graph.constant("one", 1.0))
        # side by side they are numbers, then bins; each bin belongs behind its number
        order = np.where(is_bin, len(edges) + np.cumsum(is_bin) - 1, column)
        both = graph.add("Concat", numbers, bins, axis=1)
        y = graph.add("Gather", both, graph.constant("order", order, np.int64), axis=1)
    centred = graph.add("Sub", y, graph.constant("mean", tables.mean))
    return graph.add("Mul", centred, graph.constant("scale", tables.scale))


def _squeezed(graph: OnnxGraph, layer: PiecewiseLinearEncoding, x: str) -> str:
    """c(x) of the columns that have edges, x of the others."""
    has_edges = np.array([own is not None for own in layer.edges or ()])
    if layer.clip is None or not has_edges.any():
        return x
    clip, one = graph.constant("clip", layer.clip), graph.constant("one", 1.0)
    far, near = graph.constant("far", FAR), graph.constant("near", -FAR)
    u = graph.add("Clip", graph.add("Div", x, clip), near, far)
    square = graph.add("Add", graph.add("Mul", u, u), one)
    share = graph.add("Div", u, graph.add("Sqrt", square))
    squeezed = graph.add("Mul", share, clip)
    if has_edges.all():
        return squeezed
    return graph.add("Where", graph.constant("edges", has_edges, bool), squeezed, x)


def to_python(source: PythonSource, layer: PiecewiseLinearEncoding, x: str) -> str:
    tables, count = tables_of(layer), source.next("encoding")
    names = ("low", "inverse", "mean", "scale")
    kept = [source.keep(name, getattr(tables, name), count) for name in names]
    called = source.call(PYTHON, x, *kept, first=layer.first, clip=layer.clip)
    return source.step(called)


def to_c(source: CSource, layer: PiecewiseLinearEncoding, x: str) -> str:
    tables, count = tables_of(layer), source.next("encoding")
    first = np.array(layer.first, tables.mean.dtype)
    kept = [source.keep("first", first, count)]
    names = ("low", "inverse", "mean", "scale")
    kept += [source.keep(name, getattr(tables, name), count) for name in names]
    return source.call(C, [len(layer.first) - 1, layer.features], x, *kept, layer.clip or 0.0)


def to_keras(words: KerasWords, layer: PiecewiseLinearEncoding) -> list[KerasPiece]:
    """Products with 0 and 1 put each number where it belongs; between them Keras's own layers.

    The bins: a bias, x - low; Normalization, the same over the width; ReLU up to 1.
    c(x) = clip·x/√(x² + clip²) is what UnitNormalization makes of (x, clip): of both divided by
    1000·clip, and x within ±1, so that no square overflows; beyond c(x) is clip to 5e-7.
    """
    tables, edges, dtype = tables_of(layer), layer.edges or (), layer.dtype
    first, d, features = tables.first.astype(np.int64), len(edges), layer.features
    column = np.repeat(np.arange(d), np.diff(first))
    bins = np.flatnonzero(~np.isin(np.arange(features), first))
    squeezed = [j for j in range(d) if edges[j] is not None and layer.clip is not None]
    pieces: list[KerasPiece] = []

    def add(kind: str, settings: Config, size: int, *reads: int, **weights: Any) -> int:
        shape = (size // 2, 2) if kind in ("Reshape", "UnitNormalization") else (size,)
        given = {name: np.asarray(w, dtype) for name, w in weights.items()}
        settings = {"target_shape": list(shape)} if kind == "Reshape" else settings
        pieces.append(KerasPiece(kind, settings, shape, reads or (len(pieces) - 1,), given))
        return len(pieces) - 1

    def places(rows: int, ones: Iterable[tuple[int, int, float]], cols: int) -> Array:
        kernel = np.zeros((rows, cols), dtype)
        for i, j, value in ones:
            kernel[i, j] = value
        return kernel

    def dense(units: int, bias: bool = False, activation: str = "linear") -> Config:
        return {"units": units, "activation": activation, "use_bias": bias}

    parts, sizes, ones = [], 0, []  # what is side by side, and where each number goes
    if squeezed:
        n, far = 2 * len(squeezed), FAR_OFF * float(layer.clip or 1)
        kernel = places(d, ((j, 2 * i, 1 / far) for i, j in enumerate(squeezed)), n)
        add("Dense", dense(n, True, "hard_tanh"), n, -1, kernel=kernel,
            bias=[0, 1 / FAR_OFF] * len(squeezed))  # fmt: skip
        add("Reshape", {}, n)
        add("UnitNormalization", {"axis": -1}, n)
        parts.append(add("Flatten", {}, n))
        ones += [(2 * i, int(first[j]), float(layer.clip or 1)) for i, j in enumerate(squeezed)]
        sizes += n
    if len(squeezed) < d:
        parts.append(-1)
        ones += [(sizes + j, int(first[j]), 1.0) for j in range(d) if j not in squeezed]
        sizes += d
    if len(bins):
        n, widths = len(bins), 1 / tables.inverse[bins].astype(np.float64)
        kernel = places(d, ((int(column[f]), i, 1.0) for i, f in enumerate(bins)), n)
        add("Dense", dense(n, True), n, -1, kernel=kernel, bias=-tables.low[bins])
        add("Normalization", _over(widths), n)
        parts.append(add("ReLU", {"max_value": 1.0}, n))
        ones += [(sizes + i, int(f), 1.0) for i, f in enumerate(bins)]
        sizes += n
    if len(parts) > 1:
        add("Concatenate", {"axis": -1}, sizes, *parts)
    scale = tables.scale.astype(np.float64)
    sign = np.where(scale < 0, -1.0, 1.0)
    kernel = places(sizes, ones, features) * sign.astype(dtype)
    add("Dense", dense(features, True), features, *(parts if not pieces else ()),
        kernel=kernel, bias=-tables.mean * sign)  # fmt: skip
    with np.errstate(divide="ignore"):
        widths = np.minimum(1 / np.abs(scale), 1e15)
    add("Normalization", _over(widths), features)
    return pieces


def _over(width: Array) -> Config:
    """x/width as Keras's (x - mean)/√variance, both of which it has as float32."""
    variance = np.square(np.asarray(width, np.float64))
    return {"axis": -1, "mean": [0.0] * len(variance), "variance": variance.tolist()}


FORMATS = {
    "piecewise_linear_encoding": Formats(
        onnx=to_onnx,
        keras=to_keras,
        torch=lambda words, layer: [("EncodingModule", layer.config())],
        torch_module=torch_module,
        python=to_python,
        c=to_c,
    )
}
READERS = Readers(
    torch={
        "EncodingModule": lambda words, module: [
            Part(PiecewiseLinearEncoding(module.edges, module.clip, module.means, module.scales))
        ]
    }
)
