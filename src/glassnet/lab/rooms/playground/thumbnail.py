"""A page in small, for the wall of a class: its map, and how far it is."""

from __future__ import annotations

import base64
import math
from typing import Any

from glassnet.lab.rooms.playground import measure
from glassnet.lab.session.state import Session

SIDE = 28  # cells


def thumbnail(session: Session, seen: tuple[Any, ...] = ()) -> dict[str, Any]:
    """What the wall shows of a page; only ``seen`` where nothing changed since it was that."""
    if not session.ready:
        return {}
    trainer, values = session.trainer, session.values
    now = (sum(session.versions.values()), session.model.optimizer.steps, trainer.epoch,
           len(session.done))  # fmt: skip
    if now == seen:
        return {"seen": now}
    measured = trainer.measured
    numbers = {name: _plain(measured[name]) for name in ("loss", "accuracy", "test_accuracy")}
    return {
        "seen": now,
        "epoch": trainer.epoch,
        "data": session.samples.name,
        "room": values["room"],
        "lesson": values["lesson"],
        "passed": _passed(session),
        **numbers,
        **_map(session),
    }


def _passed(session: Session) -> bool:
    """Whether the lesson that the page shows was done on it."""
    name = session.values["lesson"].partition("/")[0]
    return bool(name) and (name in session.done or f"lab:{name}" in session.done)


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _map(session: Session) -> dict[str, Any]:
    """Classes and how sure it is, (2, SIDE, SIDE), or values, (1, SIDE, SIDE), as bytes."""
    plane, samples = session.plane, session.samples
    if plane.kind == "line":
        scale = measure.value_scale(samples)
        line = measure.line(session.model, plane)[:: max(1, 100 // SIDE)]
        return {"line": [_plain(v / scale) for v in line.tolist()]}
    cells = measure.large_map(session.model, plane, samples, session.values["features"], SIDE)
    return {"side": SIDE, "map": base64.b64encode(cells.tobytes()).decode()}
