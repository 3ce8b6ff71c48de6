"""A lesson's text: Markdown as MyST reads it, taken apart by the labels above its headings.

The parts below a label ``(<name>-hints)=`` and so on are lists:

    (relu-checks)=      - `key`: what is checked
    (relu-hints)=       1. first hint
    (relu-questions)=   ### question, then - [x] or - [ ] choice, and its reason indented below
    (relu-mistakes)=    - `name`: **title.** why

What stands before the first of them is the lesson itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from glassnet.course.lesson import Lesson

PARTS = ("hints", "questions", "checks", "mistakes")
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
ITEM = re.compile(r"^- `([\w.]+)`: (.*(?:\n  .*)*)", re.MULTILINE)
HINT = re.compile(r"^\d+\. (.*(?:\n   .*)*)", re.MULTILINE)
CHOICE = re.compile(r"^- \[([ x])\] (.*(?:\n  .*|\n(?=\n  ))*)", re.MULTILINE)
QUOTE = re.compile(r"^(?:> ?.*(?:\n|\Z))+", re.MULTILINE)


class Choice(NamedTuple):
    """An answer to choose, and why it is right or wrong."""

    text: str
    right: bool
    reason: str


class Question(NamedTuple):
    """A question with choices."""

    text: str
    choices: list[Choice]


@dataclass(frozen=True)
class LessonText:
    """A lesson's text in one language.

    Attributes:
        front: the lines of its head, by name.
        title, question, body: the heading, the question at the top, and the whole lesson.
        cells: the code in it.
        hints, questions: in order.
        checks: what each check checks, by name.
        mistakes: title and reason of the known mistakes, by name.
    """

    front: dict[str, str]
    title: str
    question: str
    body: str
    cells: list[str]
    hints: list[str]
    questions: list[Question]
    checks: dict[str, str]
    mistakes: dict[str, tuple[str, str]]


def one_line(text: str) -> str:
    """Its lines joined."""
    return " ".join(text.split())


def quotation(text: str) -> str:
    """The first block quote of a text, in one line and not bold; empty if it has none."""
    found = QUOTE.search(text)
    if found is None:
        return ""
    return one_line(re.sub("^> ?", "", found[0], flags=re.MULTILINE).replace("**", ""))


def choices_of(text: str) -> list[Choice]:
    """The choices in a question's text, each with its reason."""
    choices = []
    for mark, lines in CHOICE.findall(text + "\n"):
        said, _, reason = lines.partition("\n\n")
        choices.append(Choice(one_line(said), mark == "x", one_line(reason)))
    return choices


def digest(text: str) -> str:
    """What a translation carries of the text that it mirrors: 7 signs of sha256 without spaces."""
    bare = "".join(FRONT.sub("", text).split())
    return hashlib.sha256(bare.encode()).hexdigest()[:7]


def read(lesson: Lesson, language: str, formulas: Callable[[str], str] | None = None) -> LessonText:
    """A lesson's text; ``formulas`` writes those in it, as those of ``course.formulas`` do."""
    text = lesson.text_file(language).read_text(encoding="utf-8")
    return parse(text if formulas is None else formulas(text), lesson.name)


def parse(text: str, name: str) -> LessonText:
    """A text of the lesson called ``name``, taken apart."""
    head = FRONT.match(text)
    lines = head[1].splitlines() if head else []
    front = dict(line.split(": ", 1) for line in lines if ": " in line)
    rest = FRONT.sub("", text)
    pieces = re.split(rf"^\({name}-({'|'.join(PARTS)})\)=\n## .*\n", rest, flags=re.MULTILINE)
    body = pieces[0].strip()
    parts = dict(zip(pieces[1::2], pieces[2::2]))
    title = re.search(r"^# (.*)$", body, re.MULTILINE)
    return LessonText(
        front=front,
        title=title[1] if title else "",
        question=quotation(body),
        body=LABEL.sub("", body),
        cells=CELL.findall(body),
        hints=[one_line(hint) for hint in HINT.findall(parts.get("hints", ""))],
        questions=[_question(part) for part in _headed(parts.get("questions", ""))],
        checks={key: one_line(text) for key, text in ITEM.findall(parts.get("checks", ""))},
        mistakes={
            key: _titled(one_line(text)) for key, text in ITEM.findall(parts.get("mistakes", ""))
        },
    )


def _headed(text: str) -> list[str]:
    return re.split(r"^### ", text, flags=re.MULTILINE)[1:]


def _question(text: str) -> Question:
    return Question(one_line(text[: text.index("\n- [")]), choices_of(text))


def _titled(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"\*\*(.*?)[.:]?\*\*\s*(.*)", text)
    return (found[1], found[2]) if found else (text, "")
