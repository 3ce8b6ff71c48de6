"""The rows that the model is surest wrong about, with what the table says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet._core.types import Array

if TYPE_CHECKING:
    from glassnet.insight.rows import Rows


def order_of_mistakes(true: Array, given: Array, classifies: bool) -> Array:
    """Row numbers: wrong answers, the surest first; of values all rows, the largest error first.

    Args:
        true: class numbers, or values.
        given: probabilities (n, classes), or values.
    """
    if not classifies:
        return np.argsort(-np.abs(given - true), kind="stable")
    number = given.argmax(axis=1)
    wrong = np.flatnonzero(number != true)
    sure = given[wrong, number[wrong]]
    found: Array = wrong[np.argsort(-sure, kind="stable")]
    return found


def surest_mistakes(rows: Rows, most: int = 20) -> list[dict[str, Any]]:
    """The first so many of them, as plain data: row, true, predicted, values by column.

    ``row`` is the number in the file, if that is known; ``place`` that among ``rows``, from 0. Of
    classes ``probability`` is that of the answer, and ``of_true`` that of the true class; of values
    ``error`` is predicted - true.
    """
    found = []
    for i in order_of_mistakes(rows.y, rows.given, rows.classifies)[:most]:
        values = {c.name: c.plain(rows.values(c)[i]) for c in rows.columns}
        given = rows.given[i]
        if rows.classifies:
            said, so = int(given.argmax()), int(rows.y[i])
            answer = {
                "true": rows.label(so), "predicted": rows.label(said),
                "probability": float(given[said]), "of_true": float(given[so]),
            }  # fmt: skip
        else:
            so_, said_ = float(rows.y[i]), float(given)
            answer = {"true": so_, "predicted": said_, "error": said_ - so_}
        row = int(i) if rows.numbers is None else int(rows.numbers[i])
        found.append({"row": row, "place": int(i), **answer, "values": values})
    return found
