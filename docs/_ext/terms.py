"""``{terms}``: the table of terms, as ``wording`` has it."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive

from wording import rows


class Terms(Directive):
    """The table, in the order of the English words."""

    def run(self) -> list[nodes.Node]:
        korean = self.state.document.settings.env.config.language == "ko"
        head = (
            ("용어", "영어", "뜻", "쓰지 않는 말")
            if korean
            else ("English", "Korean", "What it is", "Not used")
        )
        group = nodes.tgroup(cols=4)
        group += [nodes.colspec(colwidth=width) for width in (2, 2, 6, 2)]
        top, body = nodes.thead(), nodes.tbody()
        top += _row(head)
        for english, word, says, other in rows("ko" if korean else "en"):
            first = (word, english) if korean else (english, word)
            body += _row((*first, says, other))
        group += [top, body]
        table = nodes.table("", group)
        return [table]


def _row(cells: tuple[str, ...]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        row += nodes.entry("", nodes.paragraph("", cell))
    return row


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("terms", Terms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
