"""The way from a page to the same page in the other language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lessons

NAMES = {"en": "English", "ko": "한국어"}


# What Sphinx writes in each language without a file of ours.
EVERYWHERE = ("genindex", "search")


def is_there(docs: Path, language: str, page: str) -> bool:
    """Whether the language has the page, also if its build has not written it yet."""
    if page in EVERYWHERE or page.partition("/")[0] == lessons.FOLDER:
        return True
    return any((docs / language / f"{page}{suffix}").exists() for suffix in (".md", ".rst"))


def other_page(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    docs = Path(app.confdir)
    up = "../" * (page.count("/") + 1)
    links = []
    for code, name in NAMES.items():
        if code != app.config.language:
            there = page if is_there(docs, code, page) else "index"
            links.append((code, name, f"{up}{code}/{there}.html"))
    context["languages"] = links


def setup(app: Any) -> dict[str, bool]:
    app.connect("html-page-context", other_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
