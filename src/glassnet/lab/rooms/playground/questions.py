"""What the playground can be asked."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.lab import fields
from glassnet.lab.protocol import Args, by_name
from glassnet.lab.rooms.playground import exporting
from glassnet.lab.session import samples, saving
from glassnet.lab.session.plane import plane_of
from glassnet.lab.session.state import Session


def link(session: Session, args: Args) -> dict[str, Any]:
    """The address of the state as it is, with some controls hidden.

    ``kept``: the weights on the page are not those that the address gives, drawn from its seed.
    """
    hidden = fields.field("hide").check(args.texts("hide", 60))
    values = session.values | {"hide": hidden}
    return {"address": fields.to_address(values), "kept": session.trainer.kept}


def file(session: Session, args: Args) -> dict[str, Any]:
    """The state as a file."""
    return saving.save(session)


def export(session: Session, args: Args) -> dict[str, Any]:
    """Weights, a figure, the script or a page, as a file."""
    what = args.choice("what", exporting.FILES)
    kind = args.choice("kind", tuple(exporting.TYPES))
    language = args.choice("language", exporting.LANGUAGES, "en")
    with session.shown():
        return exporting.export(session, what, kind, language)


def thumbnails(session: Session, args: Args) -> dict[str, Any]:
    """A few points of each data set, [x, y, class or value] with x and y from -1 to 1."""
    pictures: dict[str, Any] = {}
    for name in (*samples.PLANAR, *samples.TABLES):
        values = fields.defaults() | {"data": name, "samples": 40, "noise": 0.08}
        data = samples.make(values)
        plane = plane_of(data.x, data.columns)
        few = np.linspace(0, len(data.x) - 1, min(len(data.x), 90)).astype(int)
        places = plane.project(data.x[few])
        if plane.kind == "line":
            places[:, 1] = data.y[few]
        middle = (places.max(axis=0) + places.min(axis=0)) / 2
        half = (places.max(axis=0) - places.min(axis=0)) / 2
        if plane.kind != "line":
            half = half.max()
        rows = np.column_stack([(places - middle) / half, data.y[few]])
        pictures[name] = {"points": rows.round(3).tolist(), "values": data.regression}
    return pictures


QUESTIONS = by_name(link, file, export, thumbnails)
