"""The JSON that everything is written in: files, reports, the command line, the lab's page."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np


def to_json(value: Any, *, indent: int | None = None, for_page: bool = False) -> str:
    """JSON that every reader accepts; NumPy's numbers and arrays become plain ones.

    JSON has no NaN and no infinity. In a file they are texts that ``float`` reads back, so that
    a checkpoint goes on with what it had; ``for_page``, they are null, and there are no spaces.
    """
    plain = _jsonable(value, for_page)
    written = partial(
        json.dumps, plain, allow_nan=False, indent=indent,
        separators=(",", ":") if for_page else None,
    )  # fmt: skip
    text = written(ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a file's name that is not UTF-8: \udcff reads back as it was
        return written(ensure_ascii=True)
    return text


def _jsonable(value: Any, for_page: bool) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _jsonable(v, for_page) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(v, for_page) for v in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return _jsonable(value.tolist(), for_page)
    if isinstance(value, float) and not math.isfinite(value):
        return None if for_page else repr(value)  # 'nan', 'inf', '-inf'
    return value
