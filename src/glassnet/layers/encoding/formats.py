"""A piecewise-linear encoding in other formats: a few operators, a module, a function."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from glassnet._core.formats import CSource, OnnxGraph, PythonSource
from glassnet.layers.encoding.layer import PiecewiseLinearEncoding, tables_of
from glassnet.layers.formats import Formats, Part, Readers

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


FORMATS = {
    "piecewise_linear_encoding": Formats(
        onnx=to_onnx,
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
