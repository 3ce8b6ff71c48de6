"""How a result shows itself: as text, and in a notebook with its picture."""

from __future__ import annotations

import io
from abc import abstractmethod
from html import escape
from typing import TYPE_CHECKING, Any

from glassnet import texts
from glassnet._core import notebook
from glassnet._core.strict_json import to_json
from glassnet._core.terminal import without_colours

if TYPE_CHECKING:  # importing it takes a third of a second
    from matplotlib.figure import Figure


def say(key: str, language: str = "en", **values: Any) -> str:
    """A sentence of this package, in the language of a reader."""
    return texts.text(f"insight.{key}", language, **values)


def _said(line: str) -> Any:
    """A line of which no "%" goes without its number."""
    from rich.text import Text

    return Text(line.replace(" %", "\u00a0%"))


class Shown:
    """Text, HTML, JSON and a picture of one result."""

    @abstractmethod
    def headline(self, language: str = "en") -> str:
        """What is shown, on one line."""

    @abstractmethod
    def rows(self) -> tuple[list[str], list[list[str]]]:
        """The head and the lines of a table."""

    @abstractmethod
    def plot(self) -> Figure:
        """The picture."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""

    def sentences(self, language: str = "en") -> list[str]:
        """What it says, in words."""
        return []

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        head, lines = self.rows()
        table = Table(box=None, padding=(0, 2), pad_edge=False)
        for i, name in enumerate(head):
            table.add_column(
                Text(texts.word(name)), justify="right" if i else "left", overflow="fold"
            )
        for line in lines:
            table.add_row(*(Text(texts.word(cell)) for cell in line))
        now = texts.PICTURES.get()
        return Group(Text(self.headline(now), "bold"), table, *map(_said, self.sentences(now)))

    def __str__(self) -> str:
        return without_colours(self)

    def _repr_html_(self) -> str:
        png = io.BytesIO()
        self.plot().savefig(png, format="png")
        now = texts.PICTURES.get()
        said = "".join(f"<p>{escape(line)}</p>" for line in self.sentences(now))
        inner = f"<h3>{escape(self.headline(now))}</h3>{said}"
        return notebook.block(inner + notebook.picture(png.getvalue(), self.headline(now)))

    def to_json(self) -> str:
        """``to_dict`` as JSON text."""
        return to_json(self.to_dict())
