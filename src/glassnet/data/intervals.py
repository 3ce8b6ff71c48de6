"""How far off a value may be: intervals that hold the truth as often as they promise.

From n rows that were not learned from, each with the error e = |truth - predicted|, the
interval predicted ± q with q the ⌈(n+1)·level⌉-th smallest e holds a new row's truth with a
probability of at least ``level``, whatever the model, if the rows come in no order (split conformal
prediction: V. Vovk, A. Gammerman, G. Shafer, 2005; J. Lei et al., 2018, theorem 2.2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import ConfigError, DataError

STEPS = 200  # levels by half a per cent


def error_quantiles(errors: ArrayLike) -> tuple[float, ...]:
    """k+1 numbers: the j-th is the error that a new row exceeds in at most 1 - j/k of the cases.

    It is the ⌈(n+1)·j/k⌉-th smallest of the n errors. k is 200, or n+1 where that is fewer: more
    levels could not be vouched for. The last one is the largest error seen, and promises nothing.

    >>> error_quantiles([3.0, -1.0, 2.0])
    (1.0, 1.0, 2.0, 3.0, 3.0)

    Raises:
        DataError: none, or not finite.
    """
    found = np.sort(np.abs(np.asarray(errors, np.float64).reshape(-1)))
    n = len(found)
    if not n or not np.isfinite(found).all():
        raise DataError("the errors must be finite numbers, one at least")
    k = min(STEPS, n + 1)
    # In whole numbers: ⌈(n+1)·j/k⌉ of a product that a float rounds up would be one too many.
    ranks = [-(-(n + 1) * j // k) for j in range(k + 1)]
    return tuple(float(found[min(max(rank, 1), n) - 1]) for rank in ranks)


def half_width(quantiles: Sequence[float], level: float) -> float:
    """q of the interval predicted ± q that holds the truth in a share ``level`` of the rows.

    Raises:
        ConfigError: no such share, or more than so few rows can vouch for.
        DataError: no errors are known.
    """
    if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0 < level < 1:
        raise ConfigError(f"an interval's level must lie between 0 and 1, as 0.9, got {level!r}")
    if not quantiles:
        raise DataError(
            "no interval is known: this model does not say how far off it was on rows that it "
            "had not learned from"
        )
    k = len(quantiles) - 1
    place = int(np.ceil(level * k - 1e-9))
    if place >= k:
        raise ConfigError(
            f"an interval of {level:g} is more than the {k - 1:,} rows can vouch for that the "
            f"errors are known of: at most {(k - 1) / k:.3g}"
            if k < STEPS
            else f"an interval's level goes up to {(k - 1) / k:g}, got {level:g}"
        )
    return float(quantiles[place])
