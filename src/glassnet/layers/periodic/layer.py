"""Periodic embedding of the numbers of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from glassnet import initializers
from glassnet._core.attributes import set_directly
from glassnet._core.parameters import Weight
from glassnet._core.settings import number, whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers.base import Layer, Shape
from glassnet.layers.periodic import kernels

NAME = "PeriodicEmbedding"
TURN = 2 * math.pi


class PeriodicSaved(NamedTuple):
    """The numbers x of the last forward, the angles a = 2π·f·x + p and t = cos a."""

    x: Array
    a: Array
    t: Array


class PeriodicEmbedding(Layer):
    """y = (x, e): the row itself, and behind it each number as some waves of it.

    Of the number x in column j there are cosines of learned frequencies and phases, and a few
    mixtures of them::

        a = 2π·f_j·x + p_j,  t = cos a,  e_j = t·V_j + c_j

    A network behind it can follow a function that goes up and down many times along one column,
    which is what small networks are slow to learn (Gorishniy, Rubachev and Babenko, 2022: On
    Embeddings for Numerical Features in Tabular Deep Learning; Rahimi and Recht, 2007).

    Shapes: x (n, d), y (n, d + columns·units), f and p (columns, frequencies),
    V (columns, frequencies, units), c (columns, units).

    Args:
        units: how many mixtures of each number.
        frequencies: how many cosines of each number.
        sigma: the spread of the frequencies to begin with, in turns for each unit of x.
        columns: which columns are embedded, from 0; None for all.

    Raises:
        ConfigError: a setting out of its range, or a column given twice.
        ShapeError: an input that is no rows, or has not all of the columns.

    >>> layer = PeriodicEmbedding(units=2, frequencies=3, columns=[1])
    >>> layer([[0.5, 1.0]]).shape
    (1, 4)
    """

    kind: ClassVar[str] = "periodic_embedding"

    f: Array
    p: Array
    V: Array
    c: Array
    df: Array
    dp: Array
    dV: Array
    dc: Array

    def __init__(
        self,
        units: int = 4,
        frequencies: int = 16,
        sigma: float = 0.5,
        columns: Sequence[int] | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name, trainable)
        self.units = whole_number(NAME, "units", units)
        self.frequencies = whole_number(NAME, "frequencies", frequencies)
        self.sigma = number(NAME, "sigma", sigma, above=0.0)
        self.columns = None if columns is None else _checked(columns)
        self._saved: tuple[Array, Array, Array] | None = None

    @property
    def embedded(self) -> list[int]:
        """The columns that are embedded, once the shape of the input is known."""
        if self.columns is not None:
            return list(self.columns)
        assert self.input_shape is not None
        return list(range(self.input_shape[0]))

    def output_for(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise ShapeError(
                f"{self.title}: one sample has shape {input_shape}, but it takes a row of numbers. "
                "Put Flatten() before it."
            )
        d = input_shape[0]
        columns = range(d) if self.columns is None else self.columns
        if columns and max(columns) >= d:
            raise ShapeError(
                f"{self.title}: columns has {max(columns)}, but a row has {d} numbers, "
                f"0 to {d - 1}."
            )
        return (d + len(columns) * self.units,)

    def weights(self) -> list[Weight]:
        m, k, u = len(self.embedded), self.frequencies, self.units
        normal = initializers.RandomNormal
        return [
            Weight("f", (m, k), normal(stddev=self.sigma)),
            Weight("p", (m, k), initializers.RandomUniform(-math.pi, math.pi)),
            Weight("V", (m, k, u), normal(stddev=1 / math.sqrt(k))),
            Weight("c", (m, u), initializers.Zeros()),
        ]

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        (n, d), (m, k, u) = x.shape, self.V.shape
        a = self.work.array("a", (n, m, k), x.dtype)
        t = self.work.array("t", (n, m, k), x.dtype)
        y = self.work.array("y", (n, d + m * u), x.dtype)
        y[:, :d] = x
        self.mixtures(x, a, t, y[:, d:])
        set_directly(self, "_saved", (x, a, t))
        return y

    def mixtures(self, x: Array, a: Array, t: Array, out: Array) -> None:
        """out ← e of each row; a and t (n, columns, frequencies) are written, too."""
        turns = x.dtype.type(TURN) * self.f
        kernels.angles(x, self._places(), turns, self.p, a)  # a = 2π·f·x + p
        np.cos(a, out=t)
        e = t.transpose(1, 0, 2) @ self.V
        kernels.side_by_side(e, self.c, out)  # e = t·V + c

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            raise self.no_forward()
        x, a, t = self._saved
        dy = self.take_gradient(dy)
        (n, d), (m, _, u) = x.shape, self.V.shape
        de = np.ascontiguousarray(dy[:, d:].reshape(n, m, u).transpose(1, 0, 2))
        self.dV[...] = t.transpose(1, 2, 0) @ de  # dL/dV = tᵀ·dL/de
        self.dc[...] = dy[:, d:].sum(axis=0).reshape(m, u)  # dL/dc = Σ dL/de, over the samples
        da = np.sin(a, out=self.work.array("da", a.shape, a.dtype))
        da *= (de @ -self.V.transpose(0, 2, 1)).transpose(1, 0, 2)  # dL/da = -sin a·(dL/de·Vᵀ)
        # dL/dp = Σ dL/da and dL/df = Σ 2π·x·dL/da: one product with the columns (1, x)
        beside = self.work.array("beside", (m, n, 2), x.dtype)
        beside[..., 0], beside[..., 1] = 1, x[:, self.embedded].T
        sums, turn = da.transpose(1, 2, 0) @ beside, x.dtype.type(TURN)
        self.dp[...], self.df[...] = sums[..., 0], turn * sums[..., 1]
        if not need_dx:
            return None
        dx = self.work.array("dx", x.shape, x.dtype)
        dx[...] = dy[:, :d]
        dx[:, self.embedded] += turn * (da * self.f).sum(axis=2)  # + Σ 2π·f·dL/da
        return dx

    def _places(self) -> Array:
        """The embedded columns, as the loops take them."""
        return np.asarray(self.embedded, np.int64)

    @property
    def saved(self) -> PeriodicSaved | None:
        return None if self._saved is None else PeriodicSaved(*self._saved)

    def multiplications(self) -> int:
        return int(self.f.size + self.V.size)

    def numbers_kept(self) -> int:
        """Those of a and t and their gradients, too."""
        return super().numbers_kept() + 4 * len(self.embedded) * self.frequencies

    def config(self) -> dict[str, Any]:
        return {
            "units": self.units,
            "frequencies": self.frequencies,
            "sigma": self.sigma,
            "columns": None if self.columns is None else list(self.columns),
        }


def _checked(columns: Sequence[int]) -> tuple[int, ...]:
    try:
        given = list(columns)
    except TypeError:
        raise ConfigError(
            f"{NAME}: columns is {columns!r}, but must be a list of the columns, from 0; or None "
            "for all."
        ) from None
    found = tuple(whole_number(NAME, "columns", one, minimum=0) for one in given)
    if not found:
        raise ConfigError(f"{NAME}: columns is empty; expected one at least, or None for all.")
    if len(set(found)) < len(found):
        raise ConfigError(f"{NAME}: columns has {list(found)}, and each may be there once.")
    return found
