"""The surfaces of the descent room: their formulas, where to look at them, where to start."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.calculus import Formula
from glassnet.errors import GlassnetError
from glassnet.lab.rooms.descent.racers import Racer

Grid = NDArray[np.float64]
Range = tuple[float, float]

FINE = 121  # points along each axis of a picture


@dataclass(frozen=True)
class Landscape:
    """A surface as it is offered.

    Attributes:
        formula: f(x0, x1).
        x, y: the ends of the picture.
        start, race: where to start, and optimizers with rates that suit it.
        log_height: show the logarithm of the height in space.
    """

    formula: str
    x: Range
    y: Range
    start: tuple[float, float]
    race: tuple[Racer, ...]
    log_height: bool = False


def _all(sgd: float, momentum: float, adagrad: float, adam: float, steps: int) -> tuple[Racer, ...]:
    rates = {"sgd": sgd, "momentum": momentum, "adagrad": adagrad, "adam": adam}
    return tuple((name, rate, steps) for name, rate in rates.items())


# After Deep Learning from Scratch (chapter 6), Rosenbrock (1960), Himmelblau (1972).
LANDSCAPES: dict[str, Landscape] = {
    "valley": Landscape("x0^2/20 + x1^2", (-10, 10), (-6, 6), (-7, 2),
                        _all(0.95, 0.1, 1.5, 0.3, 30)),
    "bowl": Landscape("x0^2 + x1^2", (-4, 4), (-4, 4), (-3, 2.5),
                      _all(0.1, 0.02, 1.0, 0.3, 40)),
    "saddle": Landscape("x0^2/2 - x1^2 + x1^4/8", (-4, 4), (-3.2, 3.2), (-3.5, 0.02),
                        _all(0.1, 0.02, 0.5, 0.2, 60)),
    "banana": Landscape("(1 - x0)^2 + 100*(x1 - x0^2)^2", (-2, 2), (-1, 3), (-1.5, 2.5),
                        _all(0.001, 0.0003, 0.5, 0.1, 200), log_height=True),
    "four": Landscape("(x0^2 + x1 - 11)^2 + (x0 + x1^2 - 7)^2", (-6, 6), (-6, 6), (0, -0.5),
                      _all(0.01, 0.003, 1.0, 0.3, 60), log_height=True),
    "waves": Landscape("(x0^2 + x1^2)/20 + 1 - cos(2*x0)*cos(2*x1)", (-5, 5), (-5, 5), (3.9, 3.4),
                       _all(0.1, 0.1, 1.5, 0.3, 80)),
    "plateau": Landscape("1 - exp(-(x0^2 + x1^2)/4)", (-6, 6), (-6, 6), (-4, 3),
                         _all(0.5, 0.5, 0.5, 0.3, 60)),
}  # fmt: skip

# What goes wrong, each as fields to set.
LESSONS: dict[str, dict[str, Any]] = {
    "race": {"surface": "valley", "start_x": -7.0, "start_y": 2.0,
             "race": LANDSCAPES["valley"].race},
    "large": {"surface": "bowl", "start_x": -3.0, "start_y": 2.5,
              "race": (("sgd", 0.1, 80), ("sgd", 0.95, 80), ("sgd", 1.0, 80), ("sgd", 1.02, 80))},
    "small": {"surface": "bowl", "start_x": -3.0, "start_y": 2.5,
              "race": (("sgd", 0.1, 80), ("sgd", 0.01, 80), ("sgd", 1e-5, 40))},
    "few": {"surface": "valley", "start_x": -7.0, "start_y": 2.0,
            "race": (("sgd", 0.5, 3), ("sgd", 0.5, 30), ("sgd", 0.5, 300))},
    "saddle": {"surface": "saddle", "start_x": -3.5, "start_y": 0.0,
               "race": _all(0.1, 0.02, 0.5, 0.2, 300)},
}  # fmt: skip


class Height:
    """How high a value is drawn in space; near poles it is cut off.

    As it is, or log(1 + (z - low)/s): the lowest tenth of the plane stays as it is, so that
    the bottom of a valley is not torn down.
    """

    def __init__(self, z: Grid, logarithm: bool) -> None:
        finite = z[np.isfinite(z)]
        low, q05, q10, q95, high = np.quantile(finite, [0, 0.05, 0.1, 0.95, 1])
        room = 8 * (q95 - q05) or 1.0
        self.low, self.high = max(float(low), q05 - room), min(float(high), q95 + room)
        self.scale = float(q10 - self.low) or 1.0
        self.logarithm = logarithm

    def __call__(self, z: Any) -> Any:
        cut = np.clip(z, self.low, self.high)
        return np.log1p((cut - self.low) / self.scale) if self.logarithm else cut


class NowhereError(GlassnetError, ValueError):
    """A formula that is a finite number nowhere in its picture."""


@dataclass(frozen=True)
class Land:
    """A surface with what its picture and the race on it have in common.

    Attributes:
        f: the formula; x, y: the ends of its picture.
        z: (FINE, FINE) f over the picture, rows for y; NaN where it is not finite.
        height: how high a value is drawn in space.
    """

    f: Formula
    x: Range
    y: Range
    z: Grid
    height: Height


def chosen(values: Mapping[str, Any]) -> Land:
    """The surface of the fields.

    Raises:
        FormulaError: an own formula that is none.
        NowhereError: one that is a finite number nowhere.
    """
    own = values["surface"] == "own"
    return _land(
        values["surface"],
        values["surface_formula"] if own else "",
        values["surface_reach"] if own else 0.0,
        values["log_height"],
    )


@lru_cache(maxsize=16)  # a race asks for it with every move of the start
def _land(surface: str, text: str, reach: float, log_height: bool) -> Land:
    if surface == "own":
        x = y = (-reach, reach)
    else:
        known = LANDSCAPES[surface]
        text, x, y = known.formula, known.x, known.y
    f = Formula.parse(text, 2)
    z = heights(f, spread(x, FINE), spread(y, FINE))
    if not np.isfinite(z).any():
        raise NowhereError("f is a finite number nowhere in this range.")
    return Land(f, x, y, z, Height(z, log_height))


def heights(f: Formula, x: Grid, y: Grid) -> Grid:
    """f at each point of a grid: (rows, columns) for y and x; NaN where it is not finite."""
    z = np.asarray(f(*np.meshgrid(x, y)), dtype=np.float64)
    z[np.abs(z) > 1e150] = np.nan  # their differences would be infinite
    return np.where(np.isfinite(z), z, np.nan)


def suggestion(name: str) -> dict[str, Any]:
    """What to set with a surface."""
    known = LANDSCAPES[name]
    return {"surface": name, "start_x": known.start[0], "start_y": known.start[1],
            "race": known.race, "log_height": known.log_height}  # fmt: skip


def spread(ends: Range, count: int, margin: float = 0.0) -> Grid:
    """``count`` places between two ends, a share ``margin`` of the way from each."""
    low, high = ends
    off = margin * (high - low)
    return np.linspace(low + off, high - off, count)


def plain(value: float) -> float:
    """Six digits; more are not drawn."""
    return float(f"{value:.6g}") if math.isfinite(value) else value
