"""A row of one's own for a run on a table: the form of its columns, and the answer to it.

It needs nothing but what is kept in the model: no data.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np

from glassnet.data import Preprocessor
from glassnet.data.columns import as_table
from glassnet.data.unfamiliar import familiar
from glassnet.errors import GlassnetError
from glassnet.lab.protocol import Args, RefusedError
from glassnet.lab.session import saved
from glassnet.lab.session.state import Session

MOST_COLUMNS = 100
MOST_CHOICES = 200
LEVEL = 0.9  # of the interval beside a value


def form(session: Session, args: Args) -> dict[str, Any] | None:
    """The columns that the model reads, each with a value to begin with; None: it has none.

    ``holds``: number, flag, category or date; ``choices``: the words of a category.
    """
    rows = saved.open_named(session, session.values["run"]).model.table
    if rows is None or len(rows.columns) > MOST_COLUMNS:
        return None
    columns = [
        {"name": column.name, "holds": column.holds, **_begin(column)} for column in rows.columns
    ]
    return {"target": rows.target.name, "columns": columns}


def _begin(column: Any) -> dict[str, Any]:
    """The middle of a number or a date; the first word of a category."""
    if column.holds == "category":
        words = list(column.categories[:MOST_CHOICES])
        return {"value": words[0] if words else "", "choices": [*words, ""]}
    if column.holds == "flag":
        return {"value": "true", "choices": ["true", "false"]}
    if column.holds == "date":
        days = next((p.mean for p in column.parts if p.name.endswith(".days")), 0.0)
        day = date(1970, 1, 1) + timedelta(days=round(days))
        return {"value": day.strftime(column.form or "%Y-%m-%d"), "choices": None}
    return {"value": f"{column.mean:.4g}", "choices": None}


def try_row(session: Session, args: Args) -> dict[str, Any]:
    """What the model answers for a row: its probabilities, or a value with its interval."""
    model = saved.open_named(session, session.values["run"]).model
    rows = model.table
    if rows is None:
        raise RefusedError("This run is not about the rows of a table.", "model.no_table")
    given = args.texts("values", MOST_COLUMNS, 200)
    if len(given) != len(rows.columns):
        raise RefusedError("The row has other columns than the model.", "model.other_row")
    named = {c.name: [_read(c, text.strip())] for c, text in zip(rows.columns, given)}
    try:
        known, strange = familiar(rows, as_table(named), 1)
        outputs = model.predict(rows.transform(known, unknown="zeros"))
    except GlassnetError as error:
        raise RefusedError(str(error), "model.row_refused", why=str(error)) from None
    return _answer(rows, model, outputs) | {"strange": sorted({one.column for one in strange})}


def _answer(rows: Preprocessor, model: Any, outputs: Any) -> dict[str, Any]:
    if rows.target.class_names is not None:
        p = model.loss.class_probabilities(outputs)[0].astype(float)
        best = np.argsort(-p, kind="stable")[:10]
        names = rows.target.class_names
        return {"classes": [{"name": names[k], "share": float(p[k])} for k in best]}
    value = float(rows.decode_target(outputs[:, 0])[0])
    found: dict[str, Any] = {"value": value, "interval": None}
    if rows.target.error_quantiles:
        low, high = rows.interval([value], LEVEL)
        found["interval"] = [float(low[0]), float(high[0])]
    return found


def _read(column: Any, text: str) -> Any:
    """What was written into a field of the form; None: nothing."""
    if not text:
        return None
    if column.holds != "number":
        return text
    try:
        number = float(text.replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        said = f"{column.name} is {text!r}, but must be a number."
        raise RefusedError(said, "model.no_number", column=column.name, value=text)
    return number
