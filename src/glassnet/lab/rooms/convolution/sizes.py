"""How large the output of windows is: the formula, with the numbers."""

from __future__ import annotations

from typing import Any

from glassnet.layers.windows import Windows


def formula(layer: Any) -> dict[str, Any] | None:
    """⌊(n + p - k)/s⌋ + 1 along the columns of a layer with windows; None of other layers.

    p: the zeros that padding puts before and behind, together.
    """
    windows: tuple[Windows, ...] = getattr(layer, "windows", ())
    if not windows:
        return None
    axis = windows[-1]
    n, p, k, s = axis.length, sum(axis.padding), axis.span, axis.stride
    return {
        "layer": layer.name,
        "length": n, "size": k, "stride": s, "before": axis.padding[0], "after": axis.padding[1],
        "count": axis.count,
        "latex": r"\left\lfloor \frac{n + p - k}{s} \right\rfloor + 1",
        "with_numbers": rf"\left\lfloor \frac{{{n} + {p} - {k}}}{{{s}}} \right\rfloor + 1"
                        rf" = {axis.count}",
    }  # fmt: skip
