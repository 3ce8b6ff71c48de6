"""What every classic mistake has: a name, its texts, and where it reaches into the step."""

from __future__ import annotations

from typing import ClassVar

from glassnet._core.types import Array
from glassnet.explain.recorder import Hooks
from glassnet.model import Sequential
from glassnet.texts import text


class Message:
    """A text of a mistake, from the catalogue of the language."""

    def __init__(self, part: str) -> None:
        self.part = part

    def __get__(self, mistake: Mistake | None, kind: type[Mistake]) -> str:
        return kind.message(self.part)


class Mistake(Hooks):
    """One mistake.

    Attributes:
        name: in the table.
        what: how it looks in code.
        title: in a few words.
        why: why it is wrong.
        caught: what goes red.
        coarse_check: the mistake is in the differences, not in the network.
    """

    name: ClassVar[str]
    what: ClassVar[str]
    title = Message("title")
    why = Message("why")
    caught = Message("caught")
    coarse_check: ClassVar[bool] = False

    @classmethod
    def message(cls, part: str, language: str = "en") -> str:
        """One of ``title``, ``why`` and ``caught`` in a language."""
        return text(f"mistakes.{cls.name}.{part}", language)

    def refuse(self, model: Sequential) -> str:
        """Why this network cannot make it; empty if it can."""
        return ""

    def remark(self, n: int) -> str:
        """What to know about it in this step."""
        return ""

    def prepare(self, model: Sequential, x: Array, y: Array, weights: Array | None) -> Sequential:
        """The model before the step that is shown: ``model``, or one that has moved on."""
        return model
