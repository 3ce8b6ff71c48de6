"""The drawing of the room One step: columns, what is lit, where a press on it leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.explain import LayerStep
from glassnet.lab.protocol import Args
from glassnet.lab.rooms.step.explaining import Tour, tour_of
from glassnet.lab.rooms.step.walk import INPUTS, Place, Stop, begins_column, in_order, units
from glassnet.lab.session.state import Session

MOST_LINES = 2500  # between two columns; of more, only those in question are drawn


def find(session: Session, args: Args) -> dict[str, Any]:
    """The stop nearest to a unit or a line of the drawing, in a phase of the walk.

    ``column`` and ``unit``; for a line also ``to``, the unit of the next column.
    """
    tour = tour_of(session)
    phase = args.choice("phase", ("forward", "loss", "backward", "update"))
    column, unit = args.whole("column", 0, 100), args.whole("unit", 0, 10_000)
    to = args.whole("to", -1, 10_000, -1)
    phase = "forward" if phase == "loss" else phase
    if to >= 0:
        column, target = column + 1, to
    else:
        target = unit
    best = None
    for i, stop in enumerate(tour.stops):
        if stop.phase != phase or stop.layer == "loss":
            continue
        if column == 0 and stop.unit == INPUTS:
            return {"at": i, "row": min(target, len(stop.numbers) - 1)}
        if stop.unit != target or tour.columns[stop.layer] != column:
            continue
        rows = [row for row, (_, name, index) in enumerate(stop.numbers)
                if to >= 0 and name in ("dW", "W_new") and index == (unit, to)]  # fmt: skip
        if rows or best is None:
            best = {"at": i, "row": rows[0] if rows else 0}
        if phase == "backward" and to < 0:
            break  # the first in the order of the walk
    return best or {"at": None, "row": 0}


def columns(tour: Tour) -> Iterator[dict[str, Any]]:
    """The inputs and each Dense with what follows it: its numbers, and the lines that lead to it.

    ``forward`` and ``backward`` are outputs and gradients of the sample, from -1 to 1 by the
    largest of all columns (:func:`scales`); ``reached`` says at which stop each is computed.
    """
    step, s = tour.step, tour.shown
    scale = scales(tour)
    first = next(layer for layer in step.layers if units(layer))
    x = first["x"][s]
    dx = first["dx"][s] if "dx" in first.quantities else np.zeros_like(x)
    end = next((i for i, stop in enumerate(tour.stops) if stop.unit == INPUTS), len(tour.stops))
    yield {"name": "inputs", "units": len(x), "labels": list(tour.subject.names),
           "side": tour.subject.side,
           "forward": _shares(x, None if tour.subject.side else scale["forward"]),
           "backward": _shares(dx, None if tour.subject.side else scale["backward"]),
           "reached": [[0, end]] * len(x)}  # fmt: skip
    drawn = _drawn(tour)
    classes = tour.subject.classes
    for layer, last in drawn:
        yield {
            "name": layer.name,
            "units": units(layer),
            "labels": list(classes) if layer is drawn[-1][0] and len(classes) > 2 else None,
            "forward": _shares(last["y"][s], scale["forward"]),
            "backward": _shares(layer["dz"][s], scale["backward"]),
            "reached": [_reached(tour, layer, last, unit) for unit in range(units(layer))],
            "weights": layer["W"].tolist() if layer["W"].size <= MOST_LINES else None,
            "skip": bool(step.inside(last)),
        }


def scales(tour: Tour) -> dict[str, float]:
    """The largest output and the largest gradient that is drawn, of a picture's pixels apart."""
    s, first = tour.shown, next(layer for layer in tour.step.layers if units(layer))
    ways = {"forward": [last["y"][s] for _, last in _drawn(tour)],
            "backward": [layer["dz"][s] for layer, _ in _drawn(tour)]}  # fmt: skip
    if not tour.subject.side:
        ways["forward"].append(first["x"][s])
        ways["backward"] += [first["dx"][s]] if "dx" in first.quantities else []
    return {way: max(map(_largest, rows)) for way, rows in ways.items()}


def _drawn(tour: Tour) -> list[tuple[LayerStep, LayerStep]]:
    """Each column: the layer that begins it, and the last that lies in it."""
    rows = list(in_order(tour.step))
    dense = [layer for layer in tour.step.layers if begins_column(layer)]
    return [
        (layer, [other for other in rows if tour.columns[other.name] == column][-1])
        for column, layer in enumerate(dense, 1)
    ]


def _largest(numbers: Any) -> float:
    return float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0))


def _shares(numbers: Any, scale: float | None) -> list[float]:
    largest = (_largest(numbers) if scale is None else scale) or 1.0
    shares: list[float] = np.nan_to_num(numbers / largest).clip(-1, 1).tolist()
    return shares


def _reached(tour: Tour, layer: LayerStep, last: LayerStep, unit: int) -> list[int]:
    name = last.name if units(last) else layer.name
    forward = tour.places.get((name, "y", (tour.shown, unit)), (0, 0))[0]
    back = tour.places.get((layer.name, "dz", (tour.shown, unit)), (0, 0))[0]
    s = tour.shown
    seen = tour.step.loss["gradient"][s]
    if tour.columns[layer.name] == tour.columns["loss"] and np.array_equal(seen, layer["dz"][s]):
        # the loss reads z, and its gradient is the outputs' own
        back = tour.places.get(("loss", "gradient", (tour.shown, unit)), (back, 0))[0]
    return [forward, back]


def _reads_column_before(tour: Tour, layer: str) -> bool:
    step = tour.step.layer(layer)
    return begins_column(step) or bool(tour.step.inside(step))


def lit(tour: Tour, stop: Stop, places: tuple[Place, ...]) -> dict[str, Any]:
    """The unit in question, and what the number in question was made of: units and lines."""
    here = tour.columns[stop.layer]
    of_units, lines = set(), set()
    for layer, name, index in places:
        column = tour.columns[layer]
        if layer == "loss":  # of the outputs
            of_units |= {(column, index[-1])} if index and name != "l" else set()
            continue
        root = name.removeprefix("d").removesuffix("_new")
        if root == "W" and len(index) == 2:
            lines.add((column - 1, *index))
        elif name in ("x", "dx") and _reads_column_before(tour, layer):
            of_units.add((column - 1, index[-1]))
        elif index:
            of_units.add((column, index[-1]))
    unit = None if stop.unit is None or stop.unit == INPUTS else [here, stop.unit]
    matrices = {tour.columns[layer.name] - 1: layer["W"] for layer in tour.step.layers
                if begins_column(layer)}  # fmt: skip
    drawn = [[*line, float(matrices[line[0]][line[1:]])] for line in sorted(lines)]
    return {"unit": unit, "units": sorted(of_units), "lines": drawn}
