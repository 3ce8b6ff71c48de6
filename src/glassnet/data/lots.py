"""A lot for each row of a table, made of its number alone: which rows are held out, which fold.

Rows that come in another order, or a second time, draw the same lot again, and nothing has to be
kept of those that came before. The mixing is that of splitmix64 (Steele, Lea and Flood 2014). Rows
that are to share a lot with their copies draw by :func:`keys`, which are made of what they hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet._core.types import Array

Rows = NDArray[np.int64]


def lots(rows: Rows, seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) for each row.

    >>> drawn = lots(np.arange(10_000), 0)
    >>> bool(abs(drawn.mean() - 0.5) < 0.01), lots(np.array([7]), 0)[0] == drawn[7]
    (True, np.True_)
    """
    z = rows.astype(np.uint64) + np.uint64(1)
    with np.errstate(over="ignore"):
        z *= np.uint64(0x9E3779B97F4A7C15)
        z += np.uint64(seed % 2**64) * np.uint64(0xD1B54A32D192ED03)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    found: NDArray[np.float64] = (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return found


def keys(x: Array) -> Rows:
    """A number for each row, the same for rows that hold the same: Σ bits·odd number mod 2⁶⁴.

    >>> same, other, again = keys(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -0.0]], np.float32))
    >>> bool(same == again != other)
    True
    """
    bits = (x + 0.0).view(f"u{x.itemsize}").astype(np.uint64)  # one 0, not -0
    odd = np.random.default_rng(0).integers(2**63, size=x.shape[1], dtype=np.uint64)
    found: Rows = np.einsum("nj,j->n", bits, 2 * odd + np.uint64(1)).view(np.int64)
    return found


def folds(rows: Rows, count: int, seed: int) -> Rows:
    """The fold of each row, 0 … count - 1, by its number or its key; independent of its lot."""
    return (lots(rows, seed + 1_000_003) * count).astype(np.int64)


@dataclass(frozen=True)
class Draw:
    """Which rows are held out, and which of those that are not are the sample that is looked at.

    Args:
        held_out, sample: shares of the rows.
        seed: another one draws others.
    """

    held_out: float = 0.0
    sample: float = 1.0
    seed: int = 0

    def parts(self, rows: Rows) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which rows are held out, and which are of the sample, if they are not held out.

        ``rows`` are their numbers, or of what they hold (``doubles.marks``).
        """
        drawn = lots(rows, self.seed)
        share = self.sample / (1.0 - self.held_out)
        return drawn < self.held_out, drawn < share + 1e-9
