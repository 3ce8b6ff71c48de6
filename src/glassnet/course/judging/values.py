"""What a learner's code returned: whether it is numbers, and whether two answers are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.course.lesson import CourseError

FloatArray = NDArray[np.float64]


def snapshot(value: Any) -> Any:
    """A copy that later changes do not reach; other things than numbers as they are."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: snapshot(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return (
            type(value)(snapshot(one) for one in value) if type(value) in (list, tuple) else value
        )
    return value


def alike(a: Any, b: Any) -> bool:
    """Whether two answers are the same, but for rounding."""
    if isinstance(a, dict) or isinstance(b, dict):
        return (
            isinstance(a, dict) and isinstance(b, dict) and list(a) == list(b)
            and all(alike(a[key], b[key]) for key in a)
        )  # fmt: skip
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, (str, type(None))) or isinstance(b, (str, type(None))):
        return type(a) is type(b) and bool(a == b)
    try:
        x, y = np.asarray(a), np.asarray(b)
        with np.errstate(all="ignore"):
            return x.shape == y.shape and bool(
                np.allclose(x, y, rtol=1e-7, atol=1e-10, equal_nan=True)
            )
    except (TypeError, ValueError):
        return type(a) is type(b)


def numbers(value: Any, called: str) -> FloatArray:
    """What was returned, as float64.

    Raises:
        CourseError: it is None, text, a list or anything else that is no number or array.
    """
    if value is None:
        raise CourseError("returned_none", call=called)
    if isinstance(value, str):
        raise CourseError("returned_text", call=called, value=repr(value)[:40])
    if isinstance(value, (list, tuple)):
        raise CourseError("returned_list", call=called, kind=type(value).__name__)
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise CourseError("returned_thing", call=called, kind=type(value).__name__) from None


def shown(value: Any, digits: int = 10) -> str:
    """A number as people read it, a small array whole, a large one by its shape."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return repr(value)[:60]
    if array.ndim == 0:
        return f"{array[()]:.{digits}g}"
    if array.size > 8:
        return f"array{array.shape}"
    lines = np.array2string(array, precision=6, separator=", ", suppress_small=False)
    return " ".join(lines.split())


def place(index: tuple[int, ...]) -> str:
    """``[0, 2]``; nothing for a single number."""
    return f"[{', '.join(map(str, index))}]" if index else ""
