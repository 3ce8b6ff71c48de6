"""A block of a product of matrices, in the registers of one core.

    forward          y  = max(x·W + b, floor)     a block: ROWS samples and two vectors of units
    input gradient   dx = dz·Wᵀ                   ROWS samples and two vectors of inputs
    weight gradient  dW = xᵀ·dz                   ROWS inputs and two vectors of units

Every block is computed from whole rows and columns, so that none needs another.  The matrices are
read where they lie: a vector of W that begins before the end of its row goes on into the next
one, and what comes of that belongs to units that there are not.  So outputs and their gradients
have rows of whole vectors (``padded``), and behind the weights there is room for two more.
"""

from __future__ import annotations

from glassnet._core.jit import kernel
from glassnet._core.tile import ROWS, VECTOR, lanes, tile
from glassnet._core.types import Array

FEW = 64


def padded(units: int, itemsize: int) -> int:
    """``units``, rounded up to whole vectors."""
    return -(-units // lanes(itemsize)) * lanes(itemsize)


@kernel
def block(
    width: int, row: int, rows: int, row_step: int,
    x: Array, at: int, places: Array, own: int, start: Array, length: int, x_step: int,
    w: Array, w_at: int, w_step: int, begin: Array, begin_at: int, floor: float,
    out: Array, out_at: int, out_step: int,
) -> None:  # fmt: skip
    """out_rj ← max(begin_j + Σₖ x_rk·w_kj, floor) for ROWS rows, and one vector of j or two.

    All arrays are flat.  x_rk lies at at + r·row_step + k·x_step, r from ``row`` on; behind
    ``rows`` the last row counts again.  w_kj lies at w_at + k·w_step + j.  There are two vectors
    if ``width`` is more than one.  places: room for ROWS whole
    numbers, from ``own`` on.  start: one 0.
    """
    for r in range(ROWS):
        places[own + r] = min(row + r, rows - 1) * row_step
    lowest = x.dtype.type(floor)
    if width > VECTOR // x.itemsize:
        tile(
            ROWS, 2, x, at, places, own, start, length, x_step, w, w_at, w_step,
            begin, begin_at, 0, lowest, out, out_at, out_step,
        )  # fmt: skip
    else:
        tile(
            ROWS, 1, x, at, places, own, start, length, x_step, w, w_at, w_step,
            begin, begin_at, 0, lowest, out, out_at, out_step,
        )  # fmt: skip


@kernel
def fill_panel(W: Array, w_at: int, p: int, q: int, unit: int, panel: Array, at: int) -> None:
    """Two columns of vectors of Wᵀ, from ``unit`` on: panel[j·width + i] ← W[unit + i, j]"""
    width = 2 * (VECTOR // W.itemsize)
    for first in range(0, q, FEW):  # so many rows of the panel stay in the first cache
        for i in range(min(width, p - unit)):
            row = w_at + (unit + i) * q
            for j in range(first, min(first + FEW, q)):
                panel[at + j * width + i] = W[row + j]
