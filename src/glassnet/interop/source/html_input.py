"""How a page asks for one sample: a drawing, a row of a table, a point, or plain numbers."""

from __future__ import annotations

from math import isqrt, prod
from typing import Any

from glassnet.data.features import CategoryColumn, DateColumn, FeatureColumn, NumberColumn
from glassnet.data.preprocessing import Preprocessor
from glassnet.model import Sequential
from glassnet.vision.forms import form_of

LEAST_SIDE, MOST_SIDE = 7, 128  # of what can be drawn
BYTES = 1 / 100  # a network that begins by making numbers so much smaller takes bytes


def input_of(model: Sequential) -> dict[str, Any]:
    """What the page is told of the network's input."""
    if model.table is not None:
        return _row(model.table)
    shape = model.input_shape or ()
    if shape == (2,):
        return {"kind": "point"}
    return _drawing(model, shape) or {"kind": "numbers", "count": prod(shape)}


def _drawing(model: Sequential, shape: tuple[int, ...]) -> dict[str, Any] | None:
    """Of images, and of as many numbers as a square has that is large enough to draw in."""
    side = isqrt(prod(shape))
    height, width, channels = (*shape, 1)[:3] if len(shape) > 1 else (side, side, 1)
    if prod(shape) != height * width * channels or channels not in (1, 3):
        return None
    if not LEAST_SIDE <= min(height, width) <= max(height, width) <= MOST_SIDE:
        return None
    smaller = abs(float(model.layers[0].get_config().get("scale", 1.0)))
    form = form_of(max(height, width))
    return {
        "kind": "drawing", "height": height, "width": width, "channels": channels,
        "ink": 255 if smaller < BYTES else 1,
        "form": {"side": form.side, "box": form.box, "mass": form.mass, "pen": form.pen},
    }  # fmt: skip


def _row(rows: Preprocessor) -> dict[str, Any]:
    columns = [_column(column) for column in rows.columns]
    plane = len(columns) == 2 and all(c["holds"] == "number" and not c["gap"] for c in columns)
    return {
        "kind": "row", "columns": columns, "strict": rows.unknown == "error", "plane": plane,
    }  # fmt: skip


def _column(column: FeatureColumn) -> dict[str, Any]:
    said: dict[str, Any] = {"holds": column.holds, "name": column.name}
    if isinstance(column, NumberColumn):
        return said | {
            "mean": float(column.mean), "scale": float(column.scale), "gap": column.gap,
            "fill": None if column.fill is None else float(column.fill),
        }  # fmt: skip
    if isinstance(column, CategoryColumn):
        return said | {"categories": list(column.categories), "missing": column.missing}
    if isinstance(column, DateColumn):
        names = [part.name.removeprefix(f"{column.name}.") for part in column.parts]
        parts = [_column(part) | {"part": name} for part, name in zip(column.parts, names)]
        return said | {"parts": parts}
    return said
