"""What the room of functions can be asked: curves, and one point of a curve.

Everything is read from the session's fields; the answers hold every number that is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.calculus.step_size import Kind, differences, step_errors
from glassnet.calculus.tangent import TangentLine
from glassnet.lab.catalogues import CURVES
from glassnet.lab.protocol import Args, by_name
from glassnet.lab.rooms.functions import curves
from glassnet.lab.session.state import Session

POINTS = 401
STEPS = np.array([float(f"{m}e{p}") for p in range(-16, 1) for m in (1, 2, 5)] + [10.0])
KINDS: tuple[Kind, ...] = ("central", "forward")
TYPES: dict[str, np.dtype[Any]] = {name: np.dtype(name) for name in ("float64", "float32")}
DIGITS = {"float64": 17, "float32": 9}  # significant, enough to tell neighbours apart
FINE = {"float64": 1e-6, "float32": 1e-3}  # an error that a reader may call small


def drawn(session: Session, args: Args) -> dict[str, Any]:
    """Every curve with its derivative, and the ranges of the three axes."""
    values = session.values
    low, high = curves.span(values)
    x = np.linspace(low, high, POINTS)
    drawings = [_drawn(curves.curve(values, name), x) for name in curves.names(values)]
    most = 6.0 if high < 1 else (high - low) / 2  # as high as the picture is wide
    heights = {part: _height([c[part] for c in drawings], most) for part in ("y", "slope")}
    target = None if values["curves"] == "activations" else curves.target(values)
    return {
        "variable": curves.variable(values),
        "on": curves.chosen(values),
        "target": target,
        "goal": target if values["predicts"] in ("value", "count") else None,  # on the axis
        "compared": {name: list(known) for name, (known, _) in curves.COMPARED.items()},
        "range": [low, high],
        "y_range": heights["y"],
        "slope_range": heights["slope"],
        "x": x.round(6).tolist(),
        "curves": drawings,
    }


def _drawn(curve: curves.Curve, x: NDArray[np.float64]) -> dict[str, Any]:
    y, slope = curve.value(x), curve.slope(x)
    return {
        "name": curve.name,
        "y": _short(y),
        "slope": _short(slope),
        "y_jumps": curves.jumps(curve.value, x, y),
        "slope_jumps": curves.jumps(curve.slope, x, slope),
        "latex": curve.latex,
        "formula": curve.formula,
        "slope_latex": curve.derivative_latex,
        "slope_formula": curve.derivative_formula,
    }


def _short(values: NDArray[Any]) -> list[float]:
    """Six digits are more than a picture shows."""
    return [float(f"{v:.6g}") for v in values]


def _height(rows: list[list[float]], most: float) -> list[float]:
    """The ends of a vertical axis: all curves, as far as ``most``."""
    values = np.clip(np.array(rows), -most, most)
    low, high = min(-0.2, float(values.min())), max(1.2, float(values.max()))
    margin = 0.06 * (high - low)
    return [low - margin, high + margin]


def point(session: Session, args: Args) -> dict[str, Any]:
    """One point of one curve: its exact slope, its slope by differences, and their errors."""
    values = session.values
    curve = curves.curve(values, curves.chosen(values))
    low, high = curves.span(values)
    asked = values["tangent_at"]
    inside = low <= asked <= high
    x = asked if inside else (0.3 if high < 1 else min(max(asked, low), high))
    at = np.array([x])
    y, slope = float(curve.value(at)[0]), float(curve.slope(at)[0])
    errors: dict[str, dict[str, list[float]]] = {
        name: {kind: _errors(curve, slope, x, kind, name) for kind in KINDS} for name in TYPES
    }
    measured = {kind: _difference(values, curve, slope, x, kind) for kind in KINDS}
    line = TangentLine(x, y, measured["central"]["slope"])
    return {
        "on": curve.name,
        "variable": curves.variable(values),
        "range": [low, high],
        "tangent": [[end, line(end)] for end in (low, high)],
        "asked": asked,
        "x": x,
        "y": y,
        "slope": slope,
        "differences": measured,
        "verdict": _verdict(values, errors, measured["central"], slope),
        "h": values["tangent_h"],
        "float_type": values["float_type"],
        "steps": STEPS.tolist(),
        "errors": errors,
    }


def _errors(curve: curves.Curve, slope: float, x: float, kind: Kind, name: str) -> list[float]:
    return [float(f"{e:.4g}") for e in
            step_errors(curve.value, slope, x, STEPS, kind, TYPES[name])]  # fmt: skip


def _difference(
    values: Mapping[str, Any], curve: curves.Curve, slope: float, x: float, kind: Kind
) -> dict[str, Any]:
    """A difference with everything that it is made of; the two values of f digit by digit."""
    name = values["float_type"]
    d = differences(curve.value, x, [values["tangent_h"]], kind, TYPES[name])
    texts = [_digits(float(v[0]), DIGITS[name]) for v in (d.f_above, d.f_below)]
    return {
        "above": float(d.above[0]),
        "below": float(d.below[0]),
        "f_above": float(d.f_above[0]),
        "f_below": float(d.f_below[0]),
        "texts": texts,
        "same": _same(*texts),
        "top": float(d.f_above[0] - d.f_below[0]),
        "width": float(d.width[0]),
        "slope": float(d.slope[0]),
        "error": abs(float(d.slope[0]) - slope),
    }


def _digits(value: float, digits: int) -> str:
    """All digits, without exponent where that is readable."""
    if not np.isfinite(value):
        return str(value)
    if value == 0 or 1e-5 < abs(value) < 1e9:
        places = digits - 1 - (int(np.floor(np.log10(abs(value)))) if value else 0)
        return f"{value:.{max(0, min(places, 20))}f}"
    return f"{value:.{digits - 1}e}"


def _same(one: str, other: str) -> int:
    """How many characters two numbers share at their beginning."""
    count = 0
    for a, b in zip(one, other):
        if a != b:
            break
        count += 1
    return count if len(one) == len(other) else 0


def _verdict(
    values: Mapping[str, Any],
    errors: Mapping[str, Mapping[str, list[float]]],
    measured: Mapping[str, Any],
    slope: float,
) -> dict[str, Any]:
    """What the step is: lost, too small, about right, too large, or in vain; and the best one."""
    h, name = values["tangent_h"], values["float_type"]
    curve = np.array(errors[name]["central"])
    # Of the steps, the largest that is as good as the best but for chance.
    least = float(np.nanmin(curve))
    chance = float(np.finfo(TYPES[name]).eps) ** (2 / 3) * max(1.0, abs(slope))
    best = float(STEPS[np.flatnonzero(curve <= max(3 * least, chance)).max()])
    best_error = float(curve[np.argmax(best == STEPS)])
    small = FINE[name] * max(1.0, abs(slope))
    if best_error > small:
        word = "corner"  # there is no slope that any step could find
    elif measured["above"] == measured["below"]:
        word = "lost"
    elif not np.isfinite(measured["error"]):
        word = "no_number"
    elif measured["error"] <= max(30 * best_error, small):
        word = "right"
    else:
        word = "large" if h > best else "small"
    return {"word": word, "best_h": best, "best_error": best_error}


QUESTIONS = by_name(drawn, point)

# What compiles in float64: every curve, once.
_CURVES: list[dict[str, Any]] = [
    *({"activations": [name], "tangent_on": name} for name in CURVES),
    *({"curves": "losses", "predicts": kind} for kind in curves.COMPARED),
]
WARM = [(what, change) for change in _CURVES for what in ("drawn", "point")]
