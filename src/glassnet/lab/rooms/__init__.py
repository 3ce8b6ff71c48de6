"""What each room can be asked: room → question → function(session, args) -> plain JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassnet._core.registry import lookup
from glassnet.lab.protocol import Args
from glassnet.lab.rooms import descent, digits, functions, model, playground, step
from glassnet.lab.session import Session

Answer = Callable[[Session, Args], Any]

ANSWERS: dict[str, dict[str, Answer]] = {
    "playground": playground.ANSWERS,
    "functions": functions.ANSWERS,
    "descent": descent.ANSWERS,
    "digits": digits.ANSWERS,
    "step": step.ANSWERS,
    "model": model.ANSWERS,
}


def answer(session: Session, room: str, what: str, args: Args) -> Any:
    """The answer to a question (UnknownNameError: nobody can answer it)."""
    return lookup("question", lookup("room", ANSWERS, room), what)(session, args)
