"""The gradients beside the differences."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from glassnet.explain.data import Check, LayerStep
from glassnet.explain.probe import Along

if TYPE_CHECKING:
    from glassnet.explain.explanation import StepExplanation

Array = NDArray[Any]

MAX_PARAMETERS = 2000  # differences of one explanation: two forward passes each
MAX_INNER = 400  # differences of z and of the input, beside those


def agree(backward: float, numerical: float, scale: float, single: bool) -> bool:
    """Whether the two are the same number, seen with the digits that there are.

    ``scale`` is the largest of their neighbours: float32 rounds a sum by the size of its terms.
    """
    if not (math.isfinite(backward) and math.isfinite(numerical)):
        return False
    of_itself, of_scale, least = (2e-3, 1e-4, 1e-6) if single else (1e-5, 1e-7, 1e-8)
    size = max(abs(backward), abs(numerical))
    return abs(backward - numerical) <= of_itself * size + of_scale * scale + least


def verdict(backward: float, numerical: float, scale: float, single: bool, along: Along) -> str:
    """ "ok", "off", or "kink" where the loss has a corner just there."""
    if agree(backward, numerical, scale, single):
        return "ok"
    if agree(backward, along.slope(along.h / 100), scale, single):
        return "ok"  # a corner lay between -h and h
    low, high = along.sides()
    between = low - 1e-6 - 1e-3 * abs(low) <= backward <= high + 1e-6 + 1e-3 * abs(high)
    corner = high - low > 1e-3 * max(abs(low), abs(high), 1e-6)
    if corner and not between:  # of several corners at once each has its own side
        beside = along.below_corners()
        between = abs(backward - beside) <= 1e-6 + 1e-3 * max(abs(backward), abs(beside))
    return "kink" if between and corner else "off"


def check_parameters(explanation: StepExplanation) -> StepExplanation:
    """Differences of the loss for the parameters: all of them, or some of each if many."""
    total = explanation.probe.model.parameters.size
    layers, checks = [], []
    for step in explanation.layers:
        quantities = dict(step.quantities)
        for name in step.parameters:
            q = quantities[f"d{name}"]
            places = _spread(q.value.size, total)
            found = np.full(q.value.size, np.nan)
            for i in places:
                place = tuple(int(k) for k in np.unravel_index(i, q.shape))
                along = explanation.along(step, f"d{name}", place)
                assert along is not None
                found[i] = along.slope()
            numerical = found.reshape(q.shape)
            numerical.flags.writeable = False
            quantities[f"d{name}"] = replace(q, numerical=numerical)
            checks.append(_check(explanation, step, name, q.value, numerical, places))
        layers.append(replace(step, quantities=quantities))
    return replace(explanation, layers=tuple(layers), checks=tuple(checks))


def _spread(size: int, total: int) -> list[int]:
    """Which numbers of an array are checked: all, or its share of MAX_PARAMETERS, spread out."""
    if total <= MAX_PARAMETERS:
        return list(range(size))
    share = max(1, min(size, MAX_PARAMETERS * size // total))
    return sorted({int(i) for i in np.linspace(0, size - 1, share)})


def _check(
    explanation: StepExplanation, step: LayerStep, name: str, gradient: Array, numerical: Array,
    places: list[int],
) -> Check:  # fmt: skip
    flat, beside = gradient.reshape(-1).astype(np.float64), numerical.reshape(-1)
    known = beside[places]
    finite = np.abs(known[np.isfinite(known)])
    scale = float(finite.max()) if finite.size else 0.0
    single = explanation.dtype == "float32"
    verdicts: dict[int, str] = {}
    for i in places:
        place = tuple(int(k) for k in np.unravel_index(i, gradient.shape))
        along = explanation.along(step, f"d{name}", place)
        assert along is not None
        verdicts[i] = verdict(float(flat[i]), float(beside[i]), scale, single, along)
    off = [i for i in places if verdicts[i] == "off"]
    looked_at = off or places
    errors = [abs(flat[i] - beside[i]) for i in looked_at]
    worst = looked_at[int(np.nanargmax(errors))] if np.isfinite(errors).any() else looked_at[0]
    worst_of_all = "off" if off else "kink" if "kink" in verdicts.values() else "ok"
    if worst_of_all == "kink":
        worst = next(i for i in places if verdicts[i] == "kink")
    return Check(
        parameter=f"{step.name}/{name}",
        size=flat.size,
        checked=len(places),
        verdict=worst_of_all,
        worst=tuple(int(i) for i in np.unravel_index(worst, gradient.shape)),
        backward=float(flat[worst]),
        numerical=float(beside[worst]),
        error=float(abs(flat[worst] - beside[worst])),
        off=len(off),
    )


def fill_inner(explanation: StepExplanation) -> StepExplanation:
    """Differences for dz and dx as well, where they are few."""
    layers = []
    left = MAX_INNER
    for step in reversed(explanation.layers):
        quantities = dict(step.quantities)
        for name in ("dz", "dx"):
            q = quantities.get(name)
            if q is None or q.value.size > left:
                continue
            left -= q.value.size
            found = np.empty(q.shape)
            for index in np.ndindex(q.shape):
                along = explanation.along(step, name, index)
                assert along is not None
                found[index] = along.slope()
            found.flags.writeable = False
            quantities[name] = replace(q, numerical=found)
        layers.append(replace(step, quantities=quantities))
    return replace(explanation, layers=tuple(reversed(layers)))
