"""The questions of the rooms: which function of which room answers one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from glassnet._core.registry import lookup
from glassnet.lab.fields import HOME, ROOMS
from glassnet.lab.lessons import answers as lessons
from glassnet.lab.protocol import Args
from glassnet.lab.rooms.playground import view
from glassnet.lab.session.state import Session

Answer = Callable[[Session, Args], Any]


def answer(session: Session, room: str, what: str, args: Args) -> Any:
    """The answer to a question (UnknownNameError: nobody can answer it)."""
    return lookup("question", {**questions(room), **lessons.QUESTIONS}, what)(session, args)


def frame(session: Session, want: Sequence[str]) -> bytes:
    """The frame of the room whose sections are wanted; as a rule the playground's."""
    for name, room in ROOMS.items():
        if not set(room.sections).isdisjoint(want):
            drawn: bytes = _module(name).frame(session, want)
            return drawn
    return view.frame(session, want)


def questions(room: str) -> dict[str, Answer]:
    """Every question that a room answers, by name."""
    questions_: dict[str, Answer] = _module(room).QUESTIONS
    return questions_


def warm_questions(room: str) -> Sequence[tuple[str, dict[str, Any]]]:
    """Questions to ask a room ahead of time, each with fields to set: it reads nothing else."""
    found: Sequence[tuple[str, dict[str, Any]]] = getattr(_module(room), "WARM", ())
    return found


def _module(room: str) -> Any:
    lookup("room", ROOMS, room)
    return import_module(f"{HOME}.{room}.questions")
