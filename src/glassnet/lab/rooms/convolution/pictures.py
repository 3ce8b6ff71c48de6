"""The picture of the room: a shape, a digit out of a data set, or nothing, and lines over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.lab.rooms.digits import pictures as digits
from glassnet.lab.rooms.digits.drawing import FORMS, inked, picture
from glassnet.lab.rooms.digits.showing import strokes_of
from glassnet.lab.rooms.digits.strokes import Line
from glassnet.lab.session.state import Session

Drawn = tuple[Array, Array | None, dict[str, Any]]  # the picture, what is under it, about that

MADE_BY = ("conv_source", "conv_picture", "conv_side", "conv_data")
FINE = 4  # each pixel is the mean of FINE × FINE places

# From -1 to 1 to the right and down → where there is ink, 0 to 1.
SHAPES: dict[str, Callable[[Array, Array], Array]] = {
    "ring": lambda x, y: abs(np.hypot(x, y) - 0.55) < 0.17,
    "square": lambda x, y: np.maximum(abs(x), abs(y)) < 0.55,
    "triangle": lambda x, y: (y < 0.6) & (abs(x) < 0.45 * (y + 0.8)),
    "cross": lambda x, y: (np.minimum(abs(x), abs(y)) < 0.16) & (abs(x) + abs(y) < 0.9),
    "house": lambda x, y: np.where(
        y > -0.1, (abs(x) < 0.45) & (y < 0.7) & ~((abs(x) < 0.14) & (y > 0.2)),
        abs(x) < 0.85 * (y + 0.8),
    ),
    "stripes": lambda x, y: (3 * (x + y)) % 2 < 1,
    "board": lambda x, y: (np.floor(2.5 * (x + 1)) + np.floor(2.5 * (y + 1))) % 2 == 0,
    "ramp": lambda x, y: (x + 1) / 2,
    "step": lambda x, y: x > 0,
    "dot": lambda x, y: np.zeros_like(x),  # one pixel: see shape()
}  # fmt: skip


def shape(name: str, side: int) -> Array:
    """A drawn shape, (side, side) from 0 (paper) to 1 (ink)."""
    place = (np.arange(side * FINE) + 0.5) / (side * FINE) * 2 - 1
    y, x = np.meshgrid(place, place, indexing="ij")
    fine = np.asarray(SHAPES[name](x, y), np.float64)
    pixels: Array = fine.reshape(side, FINE, side, FINE).mean(axis=(1, 3))
    if name == "dot":
        pixels[side // 2, side // 2] = 1.0
    return pixels


def data_name(session: Session) -> str:
    """The digits to choose from: MNIST only where its files are."""
    name: str = session.values["conv_data"]
    return name if name == "digits" or digits.mnist_is_here(session.data_dir) else "digits"


def ground_of(session: Session, side: int | None) -> tuple[Array | None, dict[str, Any]]:
    """What is drawn on (None: blank paper), and what there is to say of it.

    Args:
        side: of the network's pictures; None: as the picture or the field has it.
    """
    values = session.values
    source, number = values["conv_source"], values["conv_picture"]
    if source == "shapes":
        names = list(SHAPES)
        name = names[number % len(names)]
        pixels = shape(name, side or values["conv_side"])
        return pixels, {"count": len(names), "name": name, "truth": None}
    if source == "digits":
        known = digits.load(data_name(session), session.data_dir)
        index = number % len(known.x_test)
        if side in (None, known.form.side):
            truth = int(known.y_test[index])
            about = {"count": len(known.x_test), "name": "", "truth": truth}
            return known.test_picture(index), about
    return None, {"count": 0, "name": "", "truth": None}


def drawn(session: Session, form_name: str | None) -> Drawn:
    """The picture, (side, side) from 0 to 1; what it was drawn on; and about that.

    It is made again when the fields or the lines have changed.

    Args:
        form_name: of the data set that a network learned from: lines on blank paper are brought
            into its form, as in the room of digits. None: they stay where they are.
    """
    lines = lines_of(session)
    key = (form_name, lines, *(session.values[name] for name in MADE_BY))
    kept = session.room_state.get("conv_picture")
    if kept is None or kept[0] != key:
        kept = session.room_state["conv_picture"] = (key, _drawn(session, form_name, lines))
    found: Drawn = kept[1]
    return found


def _drawn(session: Session, form_name: str | None, lines: tuple[Line, ...]) -> Drawn:
    form = None if form_name is None else FORMS[form_name]
    ground, about = ground_of(session, None if form is None else form.side)
    strokes = strokes_of(lines)
    if form is not None:
        return picture(strokes, form, ground), ground, about
    side = session.values["conv_side"] if ground is None else len(ground)
    return inked(strokes, side, ground), ground, about


def lines_of(session: Session) -> tuple[Line, ...]:
    """The lines of the field, or of a drawing that is still being made."""
    kept = session.room_state.get("conv_sketch")
    if kept is not None and kept[0] == session.versions["values"]:
        sketch: tuple[Line, ...] = kept[1]
        return sketch
    drawing: tuple[Line, ...] = session.values["conv_drawing"]
    return drawing


def sketch(session: Session, lines: tuple[Line, ...]) -> None:
    """Take these lines until any field changes."""
    session.room_state["conv_sketch"] = (session.versions["values"], lines)
