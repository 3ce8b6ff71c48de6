"""A periodic embedding in other formats: products around a cosine."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from glassnet._core.formats import Config, CSource, KerasWords, OnnxGraph, PythonSource, TorchWords
from glassnet._core.types import Array
from glassnet.layers.formats import Formats, KerasPiece, Part, Readers
from glassnet.layers.periodic.layer import TURN, PeriodicEmbedding

PYTHON = '''
def periodic(x, columns, F, P, V, C):
    """x, and behind it of each of these columns Σ_k cos(2π·f_k·x + p_k)·V_k + c.

    F, P: a row for each column  V: a row for each frequency of each  C: a row for each column
    """
    y = list(x)
    for i, j in enumerate(columns):
        t = [math.cos(2 * math.pi * f * x[j] + p) for f, p in zip(F[i], P[i])]
        for u, c in enumerate(C[i]):
            y.append(c + sum(t_k * V[i * len(t) + k][u] for k, t_k in enumerate(t)))
    return y
'''

C = """
/* x, and behind it of each of m columns the sum over k of cos(2 pi f_k x + p_k) V_k, and c.
   columns: which ones  F, P: m rows of k numbers  V: m times k rows of u  c: m rows of u */
static void periodic(int d, int m, int k, int u, int n, const real *x, const real *columns,
                     const real *F, const real *P, const real *V, const real *c, real *y)
{
    for (int i = 0; i < d; i++)
        y[i] = x[i];
    for (int i = d; i < n; i++)
        y[i] = c[i - d];
    for (int j = 0; j < m; j++) {
        real v = x[(int)columns[j]];
        for (int w = 0; w < k; w++) {
            real t = cos((real)6.283185307179586 * F[j * k + w] * v + P[j * k + w]);
            for (int i = 0; i < u; i++)
                y[d + j * u + i] += t * V[(j * k + w) * u + i];
        }
    }
}
"""


def torch_module(nn: Any) -> type:
    torch = import_module(nn.__name__.partition(".")[0])  # whose nn it is

    class PeriodicModule(nn.Module):  # type: ignore[misc]
        """x, and behind it cos(2π·f·x + p)·V + c of each of these columns."""

        def __init__(
            self, features: int, units: int, frequencies: int, sigma: float, columns: Any
        ) -> None:
            super().__init__()
            self.features, self.units, self.frequencies = features, units, frequencies
            self.sigma, self.columns = sigma, columns
            every = list(range(features)) if columns is None else list(columns)
            m = len(every)
            self.register_buffer("place", torch.tensor(every), persistent=False)
            self.f = nn.Parameter(sigma * torch.randn(frequencies, m))
            self.p = nn.Parameter((2 * torch.rand(frequencies, m) - 1) * torch.pi)
            self.V = nn.Parameter(torch.randn(units, frequencies, m) / frequencies**0.5)
            self.c = nn.Parameter(torch.zeros(units, m))

        def forward(self, x: Any) -> Any:
            t = torch.cos(2 * torch.pi * x[:, None, self.place] * self.f + self.p)
            e = torch.einsum("nkm,ukm->nmu", t, self.V) + self.c.T
            return torch.cat([x, e.flatten(1)], 1)

        def extra_repr(self) -> str:
            return f"{self.features}, units={self.units}, frequencies={self.frequencies}"

    return PeriodicModule


def to_torch(words: TorchWords, layer: PeriodicEmbedding) -> list[tuple[str, Config]]:
    assert layer.input_shape is not None
    return [("PeriodicModule", {"features": layer.input_shape[0], **layer.config()})]


def from_torch(words: TorchWords, module: Any) -> list[Part]:
    layer = PeriodicEmbedding(module.units, module.frequencies, module.sigma, module.columns)
    names = {"f": module.f, "p": module.p, "V": module.V, "c": module.c}
    return [Part(layer, {name: words.array(own).T for name, own in names.items()})]


def _angles(layer: PeriodicEmbedding, of: int) -> tuple[Array, Array]:
    """W and b so that a = x·W + b are the angles of all waves: of ``of`` columns, or of all."""
    m, k = layer.f.shape
    rows = range(m) if of == m else layer.embedded
    W = np.zeros((of, m * k), layer.dtype)
    for j, row in enumerate(rows):
        W[row, j * k : (j + 1) * k] = TURN * layer.f[j].astype(np.float64)
    return W, layer.p.ravel()


def _mixtures(layer: PeriodicEmbedding) -> tuple[Array, Array]:
    """W and b so that e = t·W + b are the mixtures of all waves, column by column."""
    m, k, u = layer.V.shape
    W = np.zeros((m * k, m * u), layer.dtype)
    for j in range(m):
        W[j * k : (j + 1) * k, j * u : (j + 1) * u] = layer.V[j]
    return W, layer.c.ravel()


def to_onnx(graph: OnnxGraph, layer: PeriodicEmbedding, x: str) -> str:
    columns = graph.constant("columns", np.array(layer.embedded), np.int64)
    here = graph.add("Gather", x, columns, axis=1)
    W, b = _angles(layer, len(layer.embedded))
    a = graph.add("Gemm", here, graph.constant("f", W), graph.constant("p", b))
    V, c = _mixtures(layer)
    t = graph.add("Cos", a)
    e = graph.add("Gemm", t, graph.constant("V", V), graph.constant("c", c))
    return graph.add("Concat", x, e, axis=1)


def to_keras(words: KerasWords, layer: PeriodicEmbedding) -> list[KerasPiece]:
    """A product for the angles, Keras's operation cos, a product for the mixtures."""
    assert layer.input_shape is not None and layer.output_shape is not None
    d, waves = layer.input_shape[0], layer.f.size

    def dense(W: Array, b: Array, reads: int) -> KerasPiece:
        settings = {"units": len(b), "activation": "linear", "use_bias": True}
        return KerasPiece("Dense", settings, (len(b),), (reads,), {"kernel": W, "bias": b})

    return [
        dense(*_angles(layer, d), -1),
        KerasPiece("Cos", {}, (waves,), (0,), module="keras.src.ops.numpy"),
        dense(*_mixtures(layer), 1),
        KerasPiece("Concatenate", {"axis": -1}, layer.output_shape, (-1, 2)),
    ]


def to_python(source: PythonSource, layer: PeriodicEmbedding, x: str) -> str:
    count = source.next("periodic")
    kept = [source.keep(name.upper(), getattr(layer, name), count) for name in "fpVc"]
    return source.step(source.call(PYTHON, x, repr(layer.embedded), *kept))


def to_c(source: CSource, layer: PeriodicEmbedding, x: str) -> str:
    assert layer.input_shape is not None and layer.output_shape is not None
    count = source.next("periodic")
    kept = [source.keep("columns", np.array(layer.embedded, layer.dtype), count)]
    kept += [source.keep(name.upper(), getattr(layer, name), count) for name in "fpVc"]
    sizes = [layer.input_shape[0], *layer.V.shape, layer.output_shape[0]]
    return source.call(C, sizes, x, *kept)


FORMATS = {
    "periodic_embedding": Formats(
        onnx=to_onnx,
        keras=to_keras,
        torch=to_torch,
        torch_weights={"f": "f", "p": "p", "V": "V", "c": "c"},
        torch_module=torch_module,
        python=to_python,
        c=to_c,
    )
}
READERS = Readers(torch={"PeriodicModule": from_torch})
