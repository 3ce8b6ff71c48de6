"""Piecewise-linear encoding of the numbers of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.attributes import set_directly
from glassnet._core.settings import number, whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers.base import Layer, Shape
from glassnet.layers.encoding.kernels import encode, encode_backward
from glassnet.layers.encoding.learning import Edges, edges_of, scales_of
from glassnet.layers.encoding.settings import (
    NAME,
    checked_edges,
    checked_groups,
    checked_numbers,
    checked_rows,
)


class EncodingSaved(NamedTuple):
    """The numbers x of the last forward."""

    x: Array


class Tables(NamedTuple):
    """The settings as the loops read them: see ``kernels``."""

    first: Array
    low: Array
    high: Array
    inverse: Array
    mean: Array
    scale: Array


class PiecewiseLinearEncoding(Layer):
    """Each number of a row as itself and as its place among the edges of its column.

    A column with the edges e₀ < e₁ < … < e_T becomes 1 + T features,

        c(x) = x/√(1 + (x/clip)²)
        v_t  = (x - e_{t-1})/(e_t - e_{t-1}), not below 0 and not above 1,  for t = 1 … T

    and a column without edges stays one: x.  Of each feature (v - mean)·scale goes on.  A network
    behind it is linear in x within a bin and may bend at every edge, which is what it lacks on
    tables (Gorishniy, Rubachev and Babenko, 2022: On Embeddings for Numerical Features in Tabular
    Deep Learning).  Nothing in it is trained; :meth:`adapt` learns the settings from rows.

    Shapes: x (n, columns), y (n, features).

    Args:
        edges: for each column its edges, at least two, or None to pass it on.
        clip: of c(x), which grows like x around 0 and ends at ±clip; None for c(x) = x.
        means, scales: of each feature; None for 0 and 1.

    Raises:
        ConfigError: edges that do not rise, or a setting out of its range.
        ShapeError: an input that has not one number for each column.

    >>> layer = PiecewiseLinearEncoding([[0.0, 1.0, 3.0], None], clip=None)
    >>> layer([[2.0, 7.0]])
    array([[2. , 1. , 0.5, 7. ]])
    """

    kind: ClassVar[str] = "piecewise_linear_encoding"

    def __init__(
        self,
        edges: Sequence[Sequence[float] | None] | None = None,
        clip: float | None = 3.0,
        means: Sequence[float] | None = None,
        scales: Sequence[float] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.edges = None if edges is None else checked_edges(edges)
        self.clip = None if clip is None else number(NAME, "clip", clip, above=0.0)
        features = None if self.edges is None else self.features
        self.means = checked_numbers("means", means, features)
        self.scales = checked_numbers("scales", scales, features)
        self._tables: Tables | None = None
        self._saved: Array | None = None

    # ---- learning the settings ---------------------------------------------------------

    def adapt(
        self,
        x: ArrayLike,
        bins: int = 48,
        rows_per_bin: int = 25,
        groups: Sequence[int] | None = None,
    ) -> Self:
        """Learn edges, means and scales from the rows ``x``, before the network is built.

        The edges of a column are quantiles of its rows and of its distinct values; where there
        are at most as many distinct values as bins, they are the edges.  A column of one or two
        values gets none.  The scales give the number of a column, its bins, and each group of
        columns without edges a variance of 1 together; a group of rare ones stays smaller.

        Args:
            bins: at most so many by the rows, and half as many by the distinct values.
            rows_per_bin: at least so many, on average.
            groups: how many columns, one after the other, are one column of the table, such as
                the places of a category; None: each for itself.

        Returns:
            The layer itself.

        Raises:
            ConfigError: the layer is built already, or groups that are not all columns.
            DataError: no rows, or NaN or infinite numbers in them.
            ShapeError: not rows of numbers.
        """
        if self.parameters is not None:
            raise ConfigError(
                f"{self.title} is built: what stands behind it has learned from its features. "
                "Make a new layer, and adapt that."
            )
        rows = checked_rows(x)
        bins = whole_number(f"{NAME}.adapt", "bins", bins, minimum=2)
        per_bin = whole_number(f"{NAME}.adapt", "rows_per_bin", rows_per_bin)
        sizes = checked_groups(groups, rows.shape[1])
        edges = tuple(edges_of(column, bins, per_bin) for column in rows.T)
        plain = PiecewiseLinearEncoding(edges, self.clip)
        encoded = plain.forward(rows)
        self.edges = edges
        self.means = tuple(encoded.mean(axis=0).tolist())
        self.scales = tuple(scales_of(encoded, edges, sizes).tolist())
        self._tables = None
        return self

    # ---- shapes --------------------------------------------------------------------------

    @property
    def features(self) -> int:
        """How many features a row becomes."""
        return sum(1 if own is None else len(own) for own in self._need_edges())

    @property
    def first(self) -> list[int]:
        """Where the features of each column begin; and the end of all."""
        sizes = [1 if own is None else len(own) for own in self._need_edges()]
        return [0, *np.cumsum(sizes).tolist()]

    def _need_edges(self) -> tuple[Edges, ...]:
        if self.edges is None:
            raise ConfigError(
                f"{self.title} has no edges yet: call adapt(x) with the rows to learn from, or "
                "give edges."
            )
        return self.edges

    @property
    def declared_input_shape(self) -> Shape | None:
        """One number for each column that there are edges for."""
        return self._declared if self.edges is None else (len(self.edges),)

    def output_for(self, input_shape: Shape) -> Shape:
        columns = len(self._need_edges())
        if input_shape != (columns,):
            raise ShapeError(
                f"{self.title}: one sample has shape {input_shape}, but there are edges for "
                f"{columns} columns: expected ({columns},)."
            )
        return (self.features,)

    # ---- forward and backward ------------------------------------------------------------

    def forward(self, x: Array, training: bool = False) -> Array:
        x = np.ascontiguousarray(self.take_input(x))
        t = tables_of(self)
        y = self.work.array("y", (len(x), len(t.mean)), x.dtype)
        encode(x, t.first, t.low, t.inverse, t.mean, t.scale, self.clip or 0.0, y)
        set_directly(self, "_saved", x)
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            raise self.no_forward()
        if not need_dx:
            return None
        x, t = self._saved, tables_of(self)
        dy = np.ascontiguousarray(self.take_gradient(dy))
        dx = self.work.array("dx", x.shape, x.dtype)
        slope = t.inverse * t.scale
        encode_backward(x, dy, t.first, t.low, t.high, slope, t.scale, self.clip or 0.0, dx)
        return dx

    @property
    def saved(self) -> EncodingSaved | None:
        return None if self._saved is None else EncodingSaved(self._saved)

    # ---- settings ------------------------------------------------------------------------

    def config(self) -> dict[str, Any]:
        edges = self.edges
        return {
            "edges": None if edges is None else [own and list(own) for own in edges],
            "clip": self.clip,
            "means": None if self.means is None else list(self.means),
            "scales": None if self.scales is None else list(self.scales),
        }

    def _has_changed(self, name: str) -> None:
        self._tables = None
        super()._has_changed(name)

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_tables": None}

    def __repr__(self) -> str:
        """With its sizes: the numbers would fill pages."""
        name = type(self).__name__
        if self.edges is None:
            return f"{name}()"
        return f"{name}({len(self.edges)} columns, {self.features} features, clip={self.clip!r})"


def tables_of(layer: PiecewiseLinearEncoding) -> Tables:
    """The settings as arrays of the network's type, one number for each feature."""
    known = layer._tables
    if known is None or known.mean.dtype != layer.dtype:
        known = layer._tables = _made(layer)
    return known


def _made(layer: PiecewiseLinearEncoding) -> Tables:
    edges, dtype, features = layer._need_edges(), layer.dtype, layer.features
    most = float(np.finfo(dtype).max)
    low, high = np.zeros(features), np.ones(features)
    for start, own in zip(layer.first, edges):
        if own is not None:
            low[start + 1 : start + len(own)] = own[:-1]
            high[start + 1 : start + len(own)] = own[1:]
    # a bin too narrow for the type is a step: 0 on its edge, 1 above it
    with np.errstate(over="ignore"):
        inverse = np.minimum(1 / (high - low), most)
    mean = np.zeros(features) if layer.means is None else np.array(layer.means)
    scale = np.ones(features) if layer.scales is None else np.array(layer.scales)
    first = np.array(layer.first, np.uint64)
    rest = (np.clip(a, -most, most).astype(dtype) for a in (low, high, inverse, mean, scale))
    return Tables(first, *rest)
