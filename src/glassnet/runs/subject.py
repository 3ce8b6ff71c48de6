"""A run as its pictures see it, and what a kind of picture says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from glassnet.model import Sequential
from glassnet.runs.folder import Facts
from glassnet.runs.learned import study_of
from glassnet.runs.samples import Samples
from glassnet.training.history import History

if TYPE_CHECKING:  # of tables alone; it imports the explanations
    from glassnet.insight import Study


@dataclass(frozen=True)
class Subject:
    """What a picture may show; the data is loaded when a picture needs it."""

    model: Sequential
    facts: Facts
    history: History | None
    load: Callable[[], Samples]

    @cached_property
    def samples(self) -> Samples:
        """The run's data."""
        return self.load()

    @cached_property
    def study(self) -> Study:
        """What it has learned, looked at by the held-out rows of its table."""
        return study_of(self.model, self.samples, self.facts)

    @property
    def columns(self) -> bool:
        """Whether it learned from the columns of a table and predicts one of them."""
        return self.model.table is not None or (
            self.facts.feature_names is not None and self.facts.image_shape is None
        )

    @property
    def classes(self) -> bool:
        """Whether the answer is a class."""
        return self.facts.task == "classification"

    @property
    def images(self) -> bool:
        """Whether it looks at pictures."""
        return self.facts.image_shape is not None

    @property
    def title(self) -> str:
        """What a picture of the network's answers is called."""
        return f"What the network answers: {self.facts.name}"


@dataclass(frozen=True)
class Kind:
    """A picture: what it shows, when it fits, how it is drawn, whether ``train`` makes it.

    ``needs``: what a network lacks that it does not fit, in words.
    ``of_tables``: ``train`` makes it of tables only; ``of_series``: not of images.
    """

    shows: str
    fits: Callable[[Subject], bool]
    draw: Callable[[Subject], Figure]
    always: bool = True
    of_tables: bool = False
    of_series: bool = False
    needs: str = ""

    def made(self, s: Subject) -> bool:
        """Whether ``train`` makes it."""
        table = s.model.table is not None
        here = (table or not self.of_tables) and not (self.of_series and s.images)
        return self.always and here and self.fits(s)
