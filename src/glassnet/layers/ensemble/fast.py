"""Answers of an ensemble behind a piecewise-linear encoding, for many rows on all cores.

Of the features of a column all bins below the number are 1 and all above it are 0.  So a product
x·W over them is the sum of the rows of W up to the bin, which is known beforehand, and a share of
the row of the bin itself: instead of some 50 rows of W for a column three are read.  460 features,
24 networks of 96, 96 and 3 units, 100,000 rows: 150·10⁹ multiplications become 27·10⁹.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from glassnet._core.attributes import is_ours
from glassnet._core.jit import kernel
from glassnet._core.team import TEAM, cores_to_ourselves
from glassnet._core.types import Array
from glassnet.layers.base import Layer, goes_as
from glassnet.layers.dense.layer import Dense, product
from glassnet.layers.encoding.kernels import clipped, encode
from glassnet.layers.encoding.layer import PiecewiseLinearEncoding, Tables, tables_of
from glassnet.layers.ensemble.kernels import add_weighted
from glassnet.layers.ensemble.layer import Ensemble
from glassnet.layers.periodic.layer import PeriodicEmbedding

FEWEST = 256  # rows from which on the tables are worth making
BLOCK = 256  # rows at a time: with the tables of one member they stay in the second cache
SHARE = 2048  # rows that a thread takes at a time
FOUR = 4  # rows of the table that are added at once


class Places(NamedTuple):
    """Which rows of the table of sums each row of numbers reads, and how much of each.

    which, share: (rows, most), of which the first ``used`` of each row hold something.
    """

    which: Array
    share: Array
    used: Array


class Sums(NamedTuple):
    """What a dense layer makes of the features, and of which weights it was made.

    Of the rows of its W those of the features; more may follow.

    base: its output where all features are 0.  table: two rows for each feature f: the row 2f is
    what 1 of it adds, and 2f + 1 that and all before it of its column.
    """

    base: Array
    table: Array
    W: Array
    b: Array | None
    tables: Tables

    @classmethod
    def of(cls, dense: Dense, tables: Tables) -> Sums:
        """Of the weights as they are now."""
        b = dense.b.copy() if dense.use_bias else None
        return cls(*table_of_sums(dense, tables), dense.W[: len(tables.mean)].copy(), b, tables)

    def holds(self, dense: Dense, tables: Tables) -> bool:
        """Whether they are still of these weights."""
        return (
            self.tables is tables
            and np.array_equal(self.W, dense.W[: len(self.W)])
            and (self.b is None or np.array_equal(self.b, dense.b))
        )


class EncodedEnsemble:
    """The two layers in one pass, where nothing is learned.

    Attributes:
        cuts_rows: it keeps nothing but the output, and cuts many rows into blocks itself.
    """

    def __init__(self, encoding: PiecewiseLinearEncoding, ensemble: Ensemble) -> None:
        self.encoding, self.ensemble = encoding, ensemble
        # what does nothing when a network answers is left out
        self.stacks: list[list[Any]] = [
            [layer for layer in member.sublayers() if not layer.random_in_training]
            for member in ensemble.members
        ]
        self.waves: list[PeriodicEmbedding | None] = [
            stack.pop(0) if stack and type(stack[0]) is PeriodicEmbedding else None
            for stack in self.stacks
        ]
        self._sums: list[Sums | None] = [None] * len(self.stacks)

    @classmethod
    def of(cls, first: Layer, second: Layer) -> EncodedEnsemble | None:
        """The two in one pass; None where the members are not dense layers, or waves and such."""
        if not (
            isinstance(first, PiecewiseLinearEncoding)
            and isinstance(second, Ensemble)
            and goes_as(first, PiecewiseLinearEncoding)
            and goes_as(second, Ensemble)
        ):
            return None
        made = cls(first, second)
        fits = all(stack and all(_known(layer) for layer in stack) for stack in made.stacks)
        return made if fits else None

    cuts_rows = True

    def numbers_kept(self) -> int:
        """How many numbers a step of training keeps for one sample."""
        return self.encoding.numbers_kept() + self.ensemble.numbers_kept()

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        """Through both layers, one by one."""
        dx = self.ensemble.backward(dy, need_dx)
        return None if dx is None else self.encoding.backward(dx)

    def forward(self, x: Array, training: bool = False) -> Array:
        """The ensemble's output; what the layers keep is then that of the forward before."""
        if training or len(x) < FEWEST:
            return self.ensemble.forward(self.encoding.forward(x, training), training)
        encoding, ensemble = self.encoding, self.ensemble
        x = np.ascontiguousarray(encoding.take_input(x))
        assert ensemble.output_shape is not None
        out = ensemble.work.array("sum", (len(x), *ensemble.output_shape), x.dtype)
        tables = tables_of(encoding)
        sums = [self._sums_of(k, tables) for k in range(len(self.stacks))]

        def answer(part: int, thread: int) -> None:
            rows = slice(part * SHARE, (part + 1) * SHARE)
            self._answer(x[rows], tables, sums, out[rows])

        with cores_to_ourselves():
            TEAM.run(answer, -(-len(x) // SHARE))
        return out

    forward_logits = forward
    backward_logits = backward

    def _sums_of(self, k: int, tables: Tables) -> Sums:
        """Those of member k; made anew where it has other weights than when they were made.

        To compare them takes a tenth of the time.
        """
        dense, known = self.stacks[k][0], self._sums[k]
        if known is None or not known.holds(dense, tables):
            known = self._sums[k] = Sums.of(dense, tables)
        return known

    def _answer(self, x: Array, tables: Tables, sums: list[Sums], out: Array) -> None:
        # Whole blocks: a product of one shape adds in one order, so that the answer for a row does
        # not depend on how many others there are.
        rows = -(-len(x) // BLOCK) * BLOCK
        places = places_of(x, tables, self.encoding.clip, rows)
        features = self._features(x, tables, rows) if any(self.waves) else None
        for k, stack in enumerate(self.stacks):
            base, table = sums[k].base, sums[k].table
            weight, waves = self.ensemble.member_weights[k], self.waves[k]
            for start in range(0, rows, BLOCK):
                here = slice(start, start + BLOCK)
                h = np.empty((BLOCK, len(base)), x.dtype)
                add_rows(places.which[here], places.share[here], places.used[here], table, h)
                if waves is not None and features is not None:
                    a, t = np.empty((2, BLOCK, *waves.f.shape), x.dtype)
                    e = np.empty((BLOCK, waves.c.size), x.dtype)
                    waves.mixtures(features[here], a, t, e)
                    h += product(e, stack[0].W[features.shape[1] :], np.empty_like(h))
                stack[0].activation.biased_forward_(h, base)
                for layer in stack[1:]:
                    z = product(h, layer.W, np.empty((len(h), layer.units), h.dtype))
                    if layer.use_bias:
                        layer.activation.biased_forward_(z, layer.b)
                    else:
                        layer.activation.forward_(z)
                    h = z
                add_weighted(h[: len(out) - start], weight, out[here], k == 0)

    def _features(self, x: Array, t: Tables, rows: int) -> Array:
        """What the encoding makes of x; of further rows 0."""
        found = np.zeros((rows, len(t.mean)), x.dtype)
        encode(x, t.first, t.low, t.inverse, t.mean, t.scale, self.encoding.clip or 0.0,
               found[: len(x)])  # fmt: skip
        return found


def _known(layer: Layer) -> bool:
    """Whether it computes f(x·W + b), with an f that threads may share."""
    return (
        isinstance(layer, Dense)
        and goes_as(layer, Dense)
        and is_ours(type(layer.activation).__module__)
    )


def table_of_sums(dense: Dense, tables: Tables) -> tuple[Array, Array]:
    """The base and the table of :class:`Sums`."""
    each = dense.W[: len(tables.mean)].astype(np.float64) * tables.scale[:, None]
    base = -(tables.mean @ each)
    if dense.use_bias:
        base += dense.b
    table = np.empty((2 * len(each), dense.units), dense.dtype)
    table[::2] = each
    fill_sums(each, tables.first, table)
    return base.astype(dense.dtype), table


@kernel
def fill_sums(each: Array, first: Array, table: Array) -> None:
    """table[2f + 1] ← Σ each of the bins of f's column up to f.  each: float64"""
    units = each.shape[1]
    total = np.empty(units, each.dtype)
    for j in range(len(first) - 1):
        total[:] = 0
        for f in range(first[j], first[j + 1]):
            for u in range(units):
                total[u] += each[f, u] if f > first[j] else 0.0
                table[2 * f + 1, u] = total[u]


def places_of(x: Array, tables: Tables, clip: float | None, rows: int) -> Places:
    """Where each number of x lies among the edges of its column; further rows read nothing."""
    n, d = x.shape
    most = -(-3 * d // FOUR) * FOUR
    which, share = np.empty((rows, most), np.int64), np.empty((rows, most), x.dtype)
    used = np.empty(rows, np.int64)
    used[n:] = 0
    find_places(
        x, tables.first.astype(np.int64), tables.low, tables.high, tables.inverse, clip or 0.0,
        which, share, used,
    )  # fmt: skip
    return Places(which, share, used)


@kernel
def find_places(
    x: Array, first: Array, low: Array, high: Array, inverse: Array, clip: float,
    which: Array, share: Array, used: Array,
) -> None:  # fmt: skip
    """The rows of the table for each number: itself; all bins below it; its share of its own."""
    n, d = x.shape
    zero, one, top = x.dtype.type(0), x.dtype.type(1), x.dtype.type(clip)
    for i in range(n):
        k = 0
        for j in range(d):
            number, at, end = x[i, j], first[j], first[j + 1]
            raw = number
            if end - at > 1 and top > zero:
                raw = clipped(raw, top)
            if raw != zero:
                which[i, k], share[i, k] = 2 * at, raw
                k += 1
            if end - at == 1:
                continue
            below, above = at, end  # bins up to ``below`` end at or below the number
            while above - below > 1:
                middle = (below + above) // 2
                if high[middle] <= number:
                    below = middle
                else:
                    above = middle
            if below > at:
                which[i, k], share[i, k] = 2 * below + 1, one
                k += 1
            if above < end:
                v = (number - low[above]) * inverse[above]
                v = zero if v < zero else v
                v = one if v > one else v
                if v != zero:
                    which[i, k], share[i, k] = 2 * above, v
                    k += 1
        used[i] = k
        for rest in range(k, -(-k // FOUR) * FOUR):  # they are read as well
            which[i, rest], share[i, rest] = 0, zero


@kernel
def add_rows(which: Array, share: Array, used: Array, table: Array, out: Array) -> None:
    """out ← Σ share·(the rows of the table)"""
    n, units = out.shape
    total = np.empty(units, out.dtype)
    for i in range(n):
        for u in range(units):
            total[u] = 0
        for k in range(0, used[i], FOUR):
            # four at a time: the sum is read and written once for them
            a, b = table[which[i, k]], table[which[i, k + 1]]
            c, d = table[which[i, k + 2]], table[which[i, k + 3]]
            s, t, v, w = share[i, k], share[i, k + 1], share[i, k + 2], share[i, k + 3]
            for u in range(units):
                total[u] += s * a[u] + t * b[u] + v * c[u] + w * d[u]
        for u in range(units):
            out[i, u] = total[u]
