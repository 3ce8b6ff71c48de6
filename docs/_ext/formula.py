"""{formula}`relu.backward` in a page: the formula that the kind itself has."""

from __future__ import annotations

from typing import Any

from glassnet.course.formulas import for_pages


def write(app: Any, docname: str, source: list[str]) -> None:
    source[0] = for_pages(source[0])


def setup(app: Any) -> dict[str, bool]:
    app.connect("source-read", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
