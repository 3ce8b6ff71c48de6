"""Which rows of a large table are held out: all copies of a row, or none of them.

A row draws its lot by what it holds, so that its copies, wherever they lie, draw the same; nothing
has to be kept of the others. What many rows hold, as in a table of all cases that there are, draws
by the numbers of its rows: else a few cases would be judged and the others not at all. How often
something stands in the table is told by the rows that the numbers draw.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from glassnet.data.columns import Table
from glassnet.data.lots import Draw, Rows

OFTEN = 0.002  # share of the rows from which on one thing is held by many
FEW = 10  # rows that may hold the same in any case
MOST = 200_000  # candidates that are kept; then what most of them hold draws by number


class Held(NamedTuple):
    """The rows held out: as a table, their numbers (rising), and those of the file.

    ``copies``: how many of them are copies of another one.
    """

    table: Table
    rows: Rows
    in_file: Rows
    copies: int


class Candidates:
    """The rows that may be held out, piece by piece."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self._tables: list[Table] = []
        self._arrays: list[NDArray[np.int64]] = []  # (4, n): number, in the file, mark, drawn
        self._often = np.empty(0, np.int64)
        self._count = 0

    def look(self, piece: Table, rows: Rows, in_file: Rows, what: Rows) -> None:
        """Take over what the next rows of the table have of them; ``what``: the mark of each."""
        drawn = self.draw.parts(rows)[0]
        chosen = np.flatnonzero(self.draw.parts(what)[0] | drawn)
        self._tables.append(piece.take(pa.array(chosen)))
        kept = np.stack([rows, in_file, what, drawn.astype(np.int64)])[:, chosen]
        self._arrays.append(kept)
        self._count += len(chosen)
        if self._count > MOST:
            self._thin_out()

    def finish(self, empty: Table) -> Held:
        """Those that are held out; ``empty`` has the columns of the table."""
        rows, in_file, what, drawn = self._all()
        own, counts = np.unique(what[drawn > 0], return_counts=True)
        many = own[counts > max(FEW, OFTEN * int(drawn.sum()))]
        often = np.isin(what, np.concatenate([self._often, many]))
        by_key = self.draw.parts(what)[0]
        held = np.where(often, drawn > 0, by_key)
        table = pa.concat_tables([empty, *self._tables]).filter(pa.array(held)).combine_chunks()
        alone = what[held & ~often]
        return Held(table, rows[held], in_file[held], len(alone) - len(np.unique(alone)))

    def _all(self) -> NDArray[np.int64]:
        return np.concatenate([np.empty((4, 0), np.int64), *self._arrays], axis=1)

    def _thin_out(self) -> None:
        """Let what most of them hold draw by number: so many as fit are left."""
        both = self._all()
        own, counts = np.unique(both[2], return_counts=True)
        order = np.argsort(-counts, kind="stable")
        enough = 1 + int(np.searchsorted(np.cumsum(counts[order]), self._count - MOST // 2))
        self._often = np.union1d(self._often, own[order[:enough]])
        left = ~np.isin(both[2], self._often) | (both[3] > 0)
        self._tables = [pa.concat_tables(self._tables).filter(pa.array(left)).combine_chunks()]
        self._arrays, self._count = [both[:, left]], int(left.sum())


def places(held: Any, rows: Rows) -> NDArray[np.bool_]:
    """Which of some consecutive rows are among those held out, whose numbers rise."""
    out = np.zeros(len(rows), np.bool_)
    if len(rows):
        first, last = np.searchsorted(held, [rows[0], rows[-1] + 1])
        out[held[first:last] - rows[0]] = True
    return out
