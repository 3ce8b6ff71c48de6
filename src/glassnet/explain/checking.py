"""Checks the gradients of a step against the differences of the loss."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeVar

import numpy as np

from glassnet._core.formula import Index
from glassnet.explain.data import Check, LayerStep, Quantity
from glassnet.explain.probe import LossAlong
from glassnet.explain.trace import StepTrace

Trace = TypeVar("Trace", bound=StepTrace)

MAX_PARAMETERS = 2000  # differences of one explanation: two forward passes each
MAX_INNER = 400  # differences of z and of the input, beside those
SHOWN = 6  # of an array that is larger than that: those that are shown with their formulas
WORK = 4_000_000_000  # multiplications of all these passes: some seconds
LEAST = 60  # differences that are worth any time


def agree(backward: float, numerical: float, scale: float, single: bool) -> bool:
    """Whether the two are the same number, seen with the digits that there are.

    ``scale`` is the largest of their neighbours: float32 rounds a sum by the size of its terms.
    """
    if not (math.isfinite(backward) and math.isfinite(numerical)):
        return False
    of_itself, of_scale, least = (2e-3, 1e-4, 1e-6) if single else (1e-5, 1e-7, 1e-8)
    size = max(abs(backward), abs(numerical))
    return abs(backward - numerical) <= of_itself * size + of_scale * scale + least


def verdict(backward: float, numerical: float, scale: float, single: bool, along: LossAlong) -> str:
    """ "ok", "off", or "kink" where the loss has a corner just there."""
    if agree(backward, numerical, scale, single):
        return "ok"
    if agree(backward, along.slope(along.h / 100), scale, single):
        return "ok"  # a corner lay between -h and h
    low, high = along.sides()
    between = low - 1e-6 - 1e-3 * abs(low) <= backward <= high + 1e-6 + 1e-3 * abs(high)
    corner = high - low > max(1e-3 * max(abs(low), abs(high), 1e-6), along.noise())
    if corner and not between:  # of several corners at once each has its own side
        beside = along.below_corners()
        between = abs(backward - beside) <= 1e-6 + 1e-3 * max(abs(backward), abs(beside))
    return "kink" if between and corner else "off"


def verdict_on(
    trace: StepTrace, step: LayerStep, q: Quantity, place: Index, numerical: float
) -> str:
    """The verdict on one number that has a difference beside it."""
    finite = np.abs(q.value[np.isfinite(q.value)])
    scale = float(finite.max()) if finite.size else 0.0
    along = _along(trace, step, q.name, place)
    return verdict(float(q.value[place]), numerical, scale, trace.dtype == "float32", along)


def verdict_at(trace: StepTrace, layer: str, q: Quantity, place: Index) -> str:
    """The same for a difference that was computed with the step."""
    assert q.numerical is not None
    return verdict_on(trace, trace.layer(layer), q, place, float(q.numerical[place]))


def _along(trace: StepTrace, step: LayerStep, quantity: str, place: Index) -> LossAlong:
    along = trace.along(step, quantity, place)
    assert along is not None
    return along


def check_parameters(trace: Trace) -> Trace:
    """Differences of the loss for the parameters: all of them, or some of each if many."""
    total, most = trace.probe.model.parameters.size, _affordable(trace)
    layers, checks = [], []
    for step in trace.layers:
        quantities = dict(step.quantities)
        for name in step.parameters:
            q = quantities[f"d{name}"]
            places = [_unravel(i, q.shape) for i in _spread(q.value.size, total, most)]
            q = quantities[q.name] = _with_differences(trace, step, q, places)
            checks.append(_check(trace, step, name, q, places))
        layers.append(replace(step, quantities=quantities))
    return replace(trace, layers=tuple(layers), checks=tuple(checks))


def fill_inner(trace: Trace) -> Trace:
    """Differences for dz and dx as well: of all where they are few, else of those shown."""
    layers = []
    left = min(MAX_INNER, _affordable(trace))
    for step in reversed(trace.layers):
        quantities = dict(step.quantities)
        for name in ("dz", "dx"):
            q = quantities.get(name)
            if q is None:
                continue
            all_of_it = q.value.size <= left
            left -= q.value.size if all_of_it else 0
            places = list(np.ndindex(q.shape)) if all_of_it else q.places(SHOWN)
            quantities[name] = _with_differences(trace, step, q, places)
        layers.append(replace(step, quantities=quantities))
    return replace(trace, layers=tuple(reversed(layers)))


def _with_differences(
    trace: StepTrace, step: LayerStep, q: Quantity, places: list[Index]
) -> Quantity:
    """The quantity with the differences at these places, NaN elsewhere."""
    numerical = np.full(q.shape, np.nan)
    for place in places:
        numerical[place] = _along(trace, step, q.name, place).slope()
    numerical.flags.writeable = False
    return replace(q, numerical=numerical)


def _unravel(i: int, shape: tuple[int, ...]) -> Index:
    return tuple(int(k) for k in np.unravel_index(i, shape))


def _affordable(trace: StepTrace) -> int:
    """How many differences the checks may take."""
    model = trace.probe.model
    one = trace.samples * sum(layer.multiplications() for layer in model.layers)
    return max(LEAST, min(MAX_PARAMETERS, WORK // (2 * max(one, 1))))


def _spread(size: int, total: int, most: int) -> list[int]:
    """Which numbers of an array are checked: all, or its share of ``most``, spread out."""
    if total <= most:
        return list(range(size))
    share = max(1, min(size, most * size // total))
    return sorted({int(i) for i in np.linspace(0, size - 1, share)})


def _check(trace: StepTrace, step: LayerStep, name: str, q: Quantity, places: list[Index]) -> Check:
    """What came of all places of one parameter; ``worst`` is the one to look at first."""
    assert q.numerical is not None
    gradient, numerical = q.value.astype(np.float64), q.numerical
    known = np.array([numerical[place] for place in places])
    scale = float(np.abs(known[np.isfinite(known)]).max(initial=0.0))
    single = trace.dtype == "float32"
    verdicts = [
        verdict(
            float(gradient[place]), float(numerical[place]), scale, single,
            _along(trace, step, q.name, place),
        )
        for place in places
    ]  # fmt: skip
    off = [place for place, said in zip(places, verdicts) if said == "off"]
    if not off and "kink" in verdicts:
        worst = places[verdicts.index("kink")]
    else:
        looked_at = off or places
        errors = np.array([abs(gradient[place] - numerical[place]) for place in looked_at])
        worst = looked_at[int(np.nanargmax(errors)) if np.isfinite(errors).any() else 0]
    return Check(
        parameter=f"{step.name}/{name}",
        size=gradient.size,
        checked=len(places),
        verdict="off" if off else "kink" if "kink" in verdicts else "ok",
        worst=worst,
        backward=float(gradient[worst]),
        numerical=float(numerical[worst]),
        error=float(abs(gradient[worst] - numerical[worst])),
        off=len(off),
    )
