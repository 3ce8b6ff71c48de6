"""What an experiment is given, and what it gives."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet._core import notebook
from glassnet._core.storage import PathLike, write_text
from glassnet._core.strict_json import to_json
from glassnet.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[[], "Figure"]


@dataclass(frozen=True)
class Setting:
    """What all experiments may be given; each reads what it needs.

    Attributes:
        seed: the same seed gives the same numbers (times aside).
        data_dir: a folder with the files of MNIST; without it the digits of scikit-learn are
            used where an experiment can do with them.
        weights: a file of trained weights, where an experiment reads one.
        say: is told, in a line each, what goes on.
    """

    seed: int = 0
    data_dir: str | None = None
    weights: str | None = None
    say: Callable[[str], None] = lambda line: None


@dataclass(frozen=True)
class Claim:
    """What is to be seen, with the measured numbers in it, and whether it was so this time."""

    text: str
    holds: bool


@dataclass(frozen=True)
class Result:
    """What an experiment found.

    Attributes:
        numbers: name -> a number, a text, or a dict of such (a row of a table).
        claims: what is to be seen.
        pictures: file name without suffix -> a function that draws it.
    """

    numbers: dict[str, Any]
    claims: tuple[Claim, ...]
    pictures: Mapping[str, Draw] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether all was seen that is to be seen."""
        return all(claim.holds for claim in self.claims)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and claims as plain data."""
        return {
            "numbers": self.numbers,
            "claims": [{"text": claim.text, "holds": bool(claim.holds)} for claim in self.claims],
        }

    def _repr_html_(self) -> str:
        """What was to be seen, and the pictures of it."""
        from glassnet.plots import showing

        parts = []
        for claim in self.claims:
            sign, style = ("✓", "good") if claim.holds else ("✗", "bad")
            parts.append(f'<p><span class="{style}">{sign}</span> {escape(claim.text)}</p>')
        for name, draw in self.pictures.items():
            png, figure = io.BytesIO(), draw()
            figure.savefig(png, format="png")
            showing.withdraw(figure)
            parts.append(f"<p>{notebook.picture(png.getvalue(), name)}</p>")
        return notebook.block("".join(parts))


def folder_for(path: PathLike) -> Path:
    """The folder to write into, if it can be; nothing is made yet.

    Raises:
        ConfigError: it is a file, or lies in one, or cannot be written.
    """
    folder = Path(path)
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise ConfigError(f"{there}: is a file; name a folder for the pictures.")
    if not os.access(there, os.W_OK):
        raise ConfigError(f"{there}: cannot be written to; name another folder.")
    return folder


def save(result: Result, folder: PathLike) -> list[Path]:
    """Draw the pictures into ``folder`` as PNG, and write numbers.json; returns the pictures.

    What an earlier run left under these names is replaced.

    Raises:
        ConfigError: as ``folder_for``.
    """
    from glassnet import plots
    from glassnet.plots import showing

    place = folder_for(folder)
    write_text(place / "numbers.json", to_json(result.to_dict()) + "\n")
    written = []
    for name, draw in result.pictures.items():
        figure = draw()
        written.append(plots.save(figure, place / f"{name}.png"))
        showing.withdraw(figure)
    return written
