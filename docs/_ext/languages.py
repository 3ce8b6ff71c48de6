"""The way from a page to the same page in the other language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

NAMES = {"en": "English", "ko": "한국어"}


def other_page(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    docs = Path(app.confdir)
    up = "../" * (page.count("/") + 1)
    links = []
    for code, name in NAMES.items():
        if code != app.config.language:
            there = any((docs / code / f"{page}{suffix}").exists() for suffix in (".md", ".rst"))
            links.append((code, name, f"{up}{code}/{page if there else 'index'}.html"))
    context["languages"] = links


def setup(app: Any) -> dict[str, bool]:
    app.connect("html-page-context", other_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
