"""What the descent room can be asked: the surface, the race on it, and a point of it.

Everything is read from the session's fields; the start may come with the question, while it
is dragged.  A formula or a start that cannot be used comes back as ``{"problem": {key, values,
text}}``, so that the page can say it beside the field.  There is a surface all the same: the
formula that the question names as ``instead``, the last one that the page has drawn, or the
field's default.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.calculus import Descent, Formula, gradient_descent
from glassnet.calculus.grammar import FormulaError
from glassnet.errors import DataError, GlassnetError
from glassnet.lab import fields
from glassnet.lab.protocol import Args, by_name
from glassnet.lab.rooms.descent import contours
from glassnet.lab.rooms.descent.around import SIDE, Around
from glassnet.lab.rooms.descent.landscapes import (
    FINE,
    LANDSCAPES,
    LESSONS,
    Height,
    Land,
    NowhereError,
    chosen,
    heights,
    plain,
    spread,
    suggestion,
)
from glassnet.lab.session.state import Session
from glassnet.optimizers import OPTIMIZERS

Grid = NDArray[np.float64]

COARSE = 61  # points along each axis of the surface in space
ARROWS = (17, 13)  # across and up
REACH = (-100.0, 100.0)  # of a start
NEAR = 0.01  # of the steepest slope: a walk that only wants some more steps
AT_ONCE = 0.08  # seconds of computing for one answer
FAR = 1e6  # a coordinate beyond this is drawn nowhere


def offers(session: Session, args: Args) -> dict[str, Any]:
    """What there is to choose: fields to set for each surface, and for each lesson."""
    return {"surfaces": {name: suggestion(name) for name in LANDSCAPES}, "lessons": LESSONS}


def surface(session: Session, args: Args) -> dict[str, Any]:
    """The surface: its formula, contours, shades, arrows, and its heights in space."""
    land, problem = _land(session, args)
    f, z, height = land.f, land.z, land.height
    x, y = spread(land.x, FINE), spread(land.y, FINE)
    levels = contours.levels(z)
    space = heights(f, spread(land.x, COARSE), spread(land.y, COARSE))
    return problem | {
        "text": f.text,
        "latex": f.latex,
        "x": list(land.x),
        "y": list(land.y),
        "lines": [_flat(pieces) for pieces in contours.lines(x, y, z, levels)],
        "levels": [plain(level) for level in levels],
        "shade": {"side": FINE, "bytes": _shades(z, levels)},
        "arrows": _arrows(f, spread(land.x, ARROWS[0], 0.03), spread(land.y, ARROWS[1], 0.04)),
        "space": [[plain(v) for v in row] for row in height(space)],
        "z": [plain(height.low), plain(height.high)],
    }


def race(session: Session, args: Args) -> dict[str, Any]:
    """Every racer's path, and how it ended."""
    values = session.values
    land, problem = _land(session, args)
    start = [
        args.number("x", *REACH, values["start_x"]),
        args.number("y", *REACH, values["start_y"]),
    ]
    runs = []
    for name, rate, steps in values["race"]:
        settings: dict[str, Any] = {"name": name, "learning_rate": rate}
        if name == "adagrad":  # its sum from 0, as it was published
            settings["initial_accumulator_value"] = 0.0
        try:
            descent = gradient_descent(
                land.f, start, step_num=steps, optimizer=settings, gradient=land.f.gradient
            )
        except DataError as error:
            nowhere = _problem("descent.no_start", str(error))
            return nowhere | problem | {"start": start, "runs": []}
        runs.append(_run(descent, name, rate, land.height))
    return problem | {"start": start, "runs": runs}


def around(session: Session, args: Args) -> dict[str, Any]:
    """The real loss around the path of the playground's network.

    It is computed bit by bit: until it is there, the answer says how much of it is ``done``.
    ``again``: of the path as it is now.
    """
    made: Around | None = session.room_state.get("descent")
    if args.flag("again", False) or made is None or made.model is not session.model:
        try:
            made = session.room_state["descent"] = Around(session.trainer)
        except ValueError:
            session.room_state.pop("descent", None)
            return _problem("descent.path_none", "The network has not learned yet.")
    made.go_on(AT_ONCE)
    if made.done < made.of:
        return {"done": made.done, "of": made.of}
    return _around(made, session.values["log_height"])


def _around(made: Around, log_height: bool) -> dict[str, Any]:
    z, path = made.z, made.plane.path
    if not np.isfinite(z).any():
        return _problem("descent.nowhere", "The loss is a finite number nowhere here.")
    x, y = spread(made.x, SIDE), spread(made.y, SIDE)
    levels, height = contours.levels(z), Height(z, log_height)
    rows = [m.row[0] for m in made.moments]
    return {
        "done": made.done,
        "of": made.of,
        "x": list(made.x),
        "y": list(made.y),
        "lines": [_flat(pieces) for pieces in contours.lines(x, y, z, levels)],
        "shade": {"side": SIDE, "bytes": _shades(z, levels)},
        "arrows": _slopes(x, y, z),
        "space": [[plain(v) for v in row] for row in height(z)],
        "values": [[plain(v) for v in row] for row in z],
        "path": [[plain(a), plain(b), plain(height(own))]
                 for (a, b), own in zip(path, made.own, strict=True)],
        "epochs": [m.epoch for m in made.moments],
        "plane": [plain(v) for v in made.own],
        "own": [plain(v) for v in rows],
        "shares": [plain(share) for share in made.plane.shares],
        "samples": len(made.samples.x),
        "parameters": len(made.plane.end),
    }  # fmt: skip


def _slopes(x: Grid, y: Grid, z: Grid, every: int = 4) -> list[list[float]]:
    """Arrows at every fourth point of a grid, by its central differences."""
    up, across = (np.asarray(part) for part in np.gradient(z, y, x))
    arrows = []
    for i in range(every // 2, len(y), every):
        for j in range(every // 2, len(x), every):
            steep = float(np.hypot(across[i, j], up[i, j]))
            if np.isfinite(steep) and steep > 0:
                arrows.append([x[j], y[i], -across[i, j] / steep, -up[i, j] / steep, steep])
    return _lengths(arrows)


def here(session: Session, args: Args) -> dict[str, Any]:
    """f and its gradient at one point."""
    x, y = args.number("x", -1e3, 1e3), args.number("y", -1e3, 1e3)
    f = _land(session, args)[0].f
    try:
        gradient = f.gradient([x, y])
    except GlassnetError:
        return {"value": None, "gradient": None}
    return {"value": f([x, y]), "gradient": gradient.tolist()}


def _land(session: Session, args: Args) -> tuple[Land, dict[str, Any]]:
    """The surface of the fields; or what is wrong with it, and another one."""
    if session.values["surface"] == "network":  # that is `around`, and no formula
        return chosen(session.values | {"surface": "valley"}), {}
    try:
        return chosen(session.values), {}
    except FormulaError as error:
        problem = _formula_problem(error)
    except NowhereError as error:
        problem = _problem("descent.nowhere", str(error))
    default = fields.defaults()["surface_formula"]
    try:
        instead = args.text("instead", default=default)
        return chosen(session.values | {"surface_formula": instead}), problem
    except (FormulaError, NowhereError):
        return chosen(session.values | {"surface_formula": default}), problem


def _run(descent: Descent, name: str, rate: float, height: Height) -> dict[str, Any]:
    path = np.clip(descent.path, -FAR, FAR)
    near = descent.reason == "slow" and descent.slopes[-1] < NEAR * descent.slopes.max()
    return {
        "name": name,
        "rate": rate,
        "path": [[plain(a), plain(b)] for a, b in path],
        "values": [plain(v) for v in descent.values],
        "slopes": [plain(v) for v in descent.slopes],
        "space": [plain(v) for v in height(descent.values)],
        "status": descent.status,
        "reason": "near" if near else descent.reason,
        "message": descent.message,
    }


def _shades(z: Grid, levels: Grid) -> str:
    """How high each point is among the contours, as bytes from 1; 0 where f is no number."""
    if levels.size == 0:
        share = np.zeros_like(z)
    else:
        ends = np.concatenate([[np.nanmin(z)], levels, [np.nanmax(z)]])
        share = np.interp(z, ends, np.linspace(0, 1, len(ends)))
    bytes_ = np.where(np.isfinite(z), 1 + np.round(254 * np.nan_to_num(share)), 0)
    return base64.b64encode(bytes_.astype(np.uint8).tobytes()).decode()


def _flat(pieces: Grid) -> list[float]:
    return [float(f"{v:.5g}") for v in pieces.ravel()]


def _arrows(f: Formula, across: Grid, up: Grid) -> list[list[float]]:
    """Where each arrow stands, the way down, and its length from 0 to 1.

    The length goes with the root of the slope, so that gentle slopes are seen beside steep ones.
    """
    arrows = []
    for y in up:
        for x in across:
            try:
                slope = f.gradient([x, y])
            except DataError:
                continue  # f, or its slope, does not exist there
            steep = float(np.hypot(*slope))
            if steep > 0:
                arrows.append([x, y, -slope[0] / steep, -slope[1] / steep, steep])
    return _lengths(arrows)


def _lengths(arrows: list[list[float]]) -> list[list[float]]:
    longest = max((arrow[4] for arrow in arrows), default=1.0)
    return [[plain(v) for v in arrow[:4]] + [plain((arrow[4] / longest) ** 0.5)]
            for arrow in arrows]  # fmt: skip


def _formula_problem(error: FormulaError) -> dict[str, Any]:
    values = {n: f"{v:g}" if isinstance(v, float) else str(v) for n, v in error.values.items()}
    return _problem(f"formula.{error.code}", str(error), position=error.position, **values)


def _problem(key: str, text: str, **values: Any) -> dict[str, Any]:
    return {"problem": {"key": key, "text": text, "values": values}}


QUESTIONS = by_name(offers, surface, race, around, here)

WARM = [("race", {"race": [(name, 0.1, 1)]}) for name in OPTIMIZERS]  # each compiles its kernel
