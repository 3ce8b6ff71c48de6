"""What a browser must not break at its hyphens: ``--layers``, 784-128-10, 3.0e-07."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes

LONGEST = 30  # longer ones would not fit on a phone
CLASS = "unbroken"
NUMBERS = re.compile(r"\w-\d|^[\d.,]+ [a-zµ%]{1,3}$", re.IGNORECASE)  # 2-4-3, 0.0108 s


def mark(app: Any, doctree: nodes.document) -> None:
    """A class for short words of code, and for cells of numbers with hyphens between them."""
    for code in doctree.findall(nodes.literal):
        if len(code.astext()) <= LONGEST and " " not in code.astext():
            code["classes"].append(CLASS)
    for cell in doctree.findall(nodes.entry):
        if len(cell.astext()) <= LONGEST and NUMBERS.search(cell.astext()):
            cell["classes"].append(CLASS)


def setup(app: Any) -> dict[str, bool]:
    app.connect("doctree-read", mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
