"""What a page is told of its session: structure and data as JSON, all that moves as a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet import texts
from glassnet._core.types import Array
from glassnet.lab.frames import pack
from glassnet.lab.rooms.playground import beside, measure
from glassnet.lab.rooms.playground.drawn import layout, weights
from glassnet.lab.session import features
from glassnet.lab.session.building import head_for
from glassnet.lab.session.state import Session


def structure(session: Session) -> dict[str, Any]:
    """The network as the page draws it: columns of units, and where each weight lies.

    ``columns``: inputs, hidden layers, outputs; how many units each has, how many of them are
    drawn (none of many inputs), and their place among the maps of a frame (``first`` + the
    unit's number).  ``parameters``: see :func:`~glassnet.lab.drawn.layout`.
    """
    inputs, model = session.inputs, session.model
    few = len(inputs) <= measure.MOST_INPUTS
    names = [features.SYMBOLS.get(name, name) for name in inputs]
    columns: list[dict[str, Any]] = [
        {
            "kind": "input",
            "names": names,
            "units": len(inputs),
            "drawn": len(inputs) if few else 0,
            "first": 0,
        }
    ]
    first = len(inputs) if few else 0
    for block in session.blocks:
        kind = "output" if block.name == "output" else "hidden"
        columns.append({"kind": kind, "name": block.name, "units": block.units,
                        "drawn": block.drawn, "first": first, "skip": block.skip,
                        "activation": block.activation})  # fmt: skip
        first += block.drawn
    return {
        "columns": columns,
        "features": features.SYMBOLS,
        "parameters": layout(model, session.blocks),
        "size": model.parameters.size,
        "loss": head_for(session.samples, session.values["loss"])[2],
        "task": "regression" if session.samples.regression else "classification",
        "classes": list(session.samples.classes),
        "plane": session.plane.describe(),
        "value_scale": measure.value_scale(session.samples) if session.samples.regression else 1.0,
        "value_unit": session.samples.value_unit,
        "steps_per_epoch": session.trainer.steps_per_epoch,
    }


def data(session: Session) -> dict[str, Any]:
    """The points of the plane: [a, b, class or value, in the test part?]."""
    samples = session.samples
    plane = session.plane
    points = plane.points(samples.x, samples.y)
    points += plane.points(samples.x_test, samples.y_test, test=1)
    return {
        "name": samples.name,
        "columns": list(samples.columns),
        "n_train": len(samples.x),
        "n_test": len(samples.x_test),
        "points": points,
        "table": None if session.table is None else session.table.name,
        "table_columns": [] if session.table is None else list(session.table.columns),
        "read": list(samples.read),
        "notes": [{code: note.said(code) for code in texts.languages()} for note in samples.notes],
        "encoding": None if session.table is None else session.table.encoding,
        "headless": session.table is not None and session.table.headless,
    }


def frame(session: Session, want: Sequence[str]) -> bytes:
    """The sections that are wanted, and the status."""
    with session.shown():
        sections = _sections(session, want)
    if session.other is not None:
        sections |= beside.sections(session, session.other, want)
    return pack(sections)


def _sections(session: Session, want: Sequence[str]) -> dict[str, Array]:
    trainer, model, samples = session.trainer, session.model, session.samples
    blocks, plane, chosen = session.blocks, session.plane, session.values["features"]
    sections: dict[str, Array] = {"status": _status(session)}
    if "units" in want:
        sections["units"], sections["scales"] = measure.unit_maps(model, blocks, plane, chosen)
    if "map" in want and plane.kind != "line":
        sections["map"] = measure.large_map(model, plane, samples, chosen)
    if "line" in want and plane.kind == "line":
        sections["line"] = measure.line(model, plane)
    if "weights" in want:
        sections["weights"] = weights(model, blocks)
    if "dead" in want:
        x = trainer.x
        sections["dead"] = measure.dead_units(model, blocks, x, len(session.inputs))
    if "curves" in want:
        sections["curves"] = trainer.curves.array()
    if "matrix" in want and not samples.regression:
        sections["matrix"] = measure.confusion(model, samples, trainer.x, trainer.x_test)
    if "values" in want:
        histograms = measure.histograms(model, blocks, trainer.x, trainer.y)
        sections["values"], sections["ranges"] = histograms
    return sections


def _status(session: Session) -> Array:
    """The numbers of now, or of the moment that is shown."""
    trainer, model, moment = session.trainer, session.model, session.looking
    timeline = trainer.timeline
    assert trainer.curves.last is not None and timeline is not None
    if moment is None:
        steps, rate = model.optimizer.steps, model.optimizer.current_learning_rate
        place, row, loss = (trainer.epoch, trainer.batch), trainer.curves.last[1], trainer.loss
    else:
        steps, rate = moment.optimizer["steps"], moment.rate
        place, row, loss = (moment.epoch, moment.batch), moment.row, moment.loss
    return np.array(
        [
            *place, steps, *row, loss, trainer.seconds, rate, float(session.playing),
            sum(session.versions.values()), float(moment is not None),
            timeline.moments[0].epoch, timeline.every, trainer.epoch,
        ],
        dtype=np.float64,
    )  # fmt: skip
