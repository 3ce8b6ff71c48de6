"""What the frames show of the network that the page's own is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet._core.types import Array
from glassnet.lab.rooms.playground import measure
from glassnet.lab.session.comparing import Other
from glassnet.lab.session.state import Session
from glassnet.lab.session.timeline import showing


def sections(session: Session, other: Other, want: Sequence[str]) -> dict[str, Array]:
    """Its map, curves and numbers, at the epoch of the page's own network."""
    epoch = session.trainer.epoch if session.looking is None else session.looking.epoch
    moment, trainer = other.at(epoch), other.trainer
    at, row = (trainer.epoch, trainer.curves.last[1]) if trainer.curves.last else (0, (0.0,) * 4)
    if moment is not None:
        at, row = moment.epoch, moment.row
    found: dict[str, Array] = {"other_status": np.array([at, *row], dtype=np.float64)}
    if "curves" in want:
        found["other_curves"] = trainer.curves.array()
    plane = session.plane
    name = "line" if plane.kind == "line" else "map"
    if name in want:
        now = (moment, plane, trainer.epoch, trainer.batch, trainer.kept)
        if moment is None or other.drawn[0] != now:
            with showing(other.model, moment):
                other.drawn = (now, _drawn(session, other))
        found[f"other_{name}"] = other.drawn[1]
    return found


def _drawn(session: Session, other: Other) -> Array:
    plane, chosen = session.plane, other.values["features"]
    if plane.kind == "line":
        return measure.line(other.model, plane)
    return measure.large_map(other.model, plane, session.samples, chosen)
