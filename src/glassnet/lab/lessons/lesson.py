"""A lesson as the lab shows it: steps, each with a text, a state, and what is to be reached."""

from __future__ import annotations

from dataclasses import dataclass, field

from glassnet.course.reading import Question
from glassnet.lab.lessons.conditions import Condition


@dataclass
class Step:
    """One step.

    Attributes:
        title, text: the heading, and Markdown.
        state: what stands behind the #; empty keeps what is there.
        light: names of fields and parts of the page that are lit.
        until: when it is done; none of text only.
        questions: with a reason for every choice.
    """

    title: str
    text: str = ""
    state: str = ""
    light: tuple[str, ...] = ()
    until: Condition | None = None
    questions: list[Question] = field(default_factory=list)


@dataclass
class LabLesson:
    """A lesson or a level.

    Attributes:
        name, number, title, question: as addresses call it, its place, the heading, the question.
        steps: at least one.
        kind: "lab", "level", "course" or "own" (a teacher's file).
    """

    name: str
    title: str
    question: str
    steps: list[Step]
    kind: str = "lab"
    number: int = 0

    def state(self, number: int) -> str:
        """The state in which the step counted from 1 begins: its own, or that of one before it."""
        states = [step.state for step in self.steps[:number] if step.state]
        return states[-1] if states else ""
