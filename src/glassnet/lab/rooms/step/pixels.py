"""What a unit that looks at a picture computes, as pictures: pixels, weights, their products."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.lab.rooms.step.explaining import Tour
from glassnet.lab.rooms.step.walk import INPUTS, Stop, units

DIGITS = 5  # that are sent of each number


def pictures_of(tour: Tour, stop: Stop, row: int) -> dict[str, Any] | None:
    """The pictures of a stop at the layer that reads the pixels; None: another stop.

    forward: x, w and x·w, whose sum with the bias is z.  backward: x and ∂L/∂w = x·∂L/∂z; of the
    inputs: x and ∂L/∂x.  update: w, and how it changes.  ``rows``: the number of the stop at which
    the first pixel stands, if each pixel has a number there; ``at``: the pixel in question.
    """
    side = tour.subject.side
    first = next((layer for layer in tour.step.layers if units(layer)), None)
    if side is None or first is None or stop.layer != first.name or "W" not in first.parameters:
        return None
    x, W = first["x"][tour.shown], first["W"]
    found: dict[str, Any] = {"side": side, "rows": None, "at": None, "phase": stop.phase}
    matrix = {"backward": "dx" if stop.unit == INPUTS else "dW", "update": "W_new"}
    name = matrix.get(stop.phase)
    if name is not None:
        places = [i for i, number in enumerate(stop.numbers) if number[1] == name]
        found["rows"] = places[0] if len(places) == side * side else None
        if found["rows"] is not None and 0 <= row - found["rows"] < side * side:
            found["at"] = row - found["rows"]
    unit = stop.unit or 0
    if stop.phase == "forward":
        w = W[:, unit]
        b = float(first["b"][unit]) if "b" in first.parameters else 0.0
        total = float(np.dot(x, w))
        found |= {"sum": total, "bias": b, "z": total + b}
        parts = [("pixels", x), ("weights", w), ("products", x * w)]
    elif stop.unit == INPUTS:
        parts = [("pixels", x), ("dx", first["dx"][tour.shown])]
    elif stop.phase == "backward":
        parts = [("pixels", x), ("dw", first["dW"][:, unit])]
    elif stop.phase == "update":
        w = W[:, unit]
        parts = [("weights", w), ("change", first["W_new"][:, unit] - w)]
    else:
        return None
    return found | {"parts": [_part(name, values) for name, values in parts]}


def _part(name: str, values: Array) -> dict[str, Any]:
    known = np.nan_to_num(np.asarray(values, np.float64))
    return {"name": name, "scale": float(np.abs(known).max()),
            "values": [float(f"{v:.{DIGITS}g}") for v in known]}  # fmt: skip
