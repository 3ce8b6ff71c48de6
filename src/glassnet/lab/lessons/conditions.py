"""When a step is done: ``epoch >= 5 and test_accuracy >= 95``, of fields and of facts."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glassnet.course.lesson import CourseError
from glassnet.lab import fields

if TYPE_CHECKING:
    from glassnet.lab.session.state import Session

Value = float | str | tuple[str, ...]

# longest first, so that ">=" is not read as ">"
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge, "<=": operator.le, "!=": operator.ne,
    ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip
PART = re.compile(r"\s*(\w+)\s*(>=|<=|!=|>|<|=)\s*(\S+)\s*")
NUMBERS = ("number", "log", "whole", "flag")
MOST_PARTS = 8


def _measured(name: str, factor: float = 1.0) -> Callable[[Session], Value]:
    return lambda session: factor * session.trainer.measured[name]


def _dead(session: Session) -> Value:
    from glassnet.lab.rooms.playground.measure import dead_units

    inputs = len(session.inputs)
    return float(dead_units(session.model, session.blocks, session.trainer.x, inputs).sum())


def _digits(session: Session) -> Value:
    """The epochs of the network of the room Digits; 0 before there is one."""
    network = session.room_state.get("digits")
    trainer = getattr(network, "trainer", None)
    return float(trainer.epoch) if trainer is not None else 0.0


# What can be asked beside the fields; accuracies in percent, as the page shows them.
FACTS: dict[str, Callable[[Any], Value]] = {
    "epoch": lambda session: float(session.trainer.epoch),
    "steps": lambda session: float(session.model.optimizer.steps),
    "loss": _measured("loss"),
    "test_loss": _measured("test_loss"),
    "accuracy": _measured("accuracy", 100),
    "test_accuracy": _measured("test_accuracy", 100),
    "hidden_layers": lambda session: float(len(session.values["layers"])),
    "units": lambda session: float(sum(units for units, *_ in session.values["layers"])),
    "parameters": lambda session: float(session.model.parameters.size),
    "inputs": lambda session: float(len(session.inputs)),
    "dead": _dead,
    "by_hand": lambda session: float(session.trainer.by_hand),
    "own_table": lambda session: float(session.table is not None),
    "drawn": lambda session: float(len(session.values["drawing"])),
    "digits_epoch": _digits,
}


@dataclass(frozen=True)
class Condition:
    """Comparisons that must all hold: (what, sign, value)."""

    parts: tuple[tuple[str, str, Value], ...]

    def holds(self, session: Session) -> bool:
        """Whether all of them do, now; a loss that is not a number reaches nothing."""
        return all(
            compare(FACTS[name](session) if name in FACTS else session.values[name], sign, value)
            for name, sign, value in self.parts
        )


def compare(now: Any, sign: str, value: Value) -> bool:
    """One comparison; a list of names equals one that is in it."""
    if isinstance(now, tuple):
        return (value in now) == (sign == "=")
    return SIGNS[sign](now, value)


def parse(text: str) -> Condition:
    """The condition that is written in ``text``.

    >>> parse("epoch >= 5 and data = spiral").parts
    (('epoch', '>=', 5.0), ('data', '=', 'spiral'))

    Raises:
        CourseError: it has another form, or names what there is not.
    """
    pieces = re.split(r"\s+and\s+", text)
    if len(pieces) > MOST_PARTS:
        raise CourseError("lab_file.long_condition", most=MOST_PARTS)
    return Condition(tuple(_part(piece) for piece in pieces))


def _part(text: str) -> tuple[str, str, Value]:
    found = PART.fullmatch(text)
    if found is None:
        raise CourseError("lab_file.condition", text=text[:80])
    name, sign, word = found.groups()
    if name in FACTS:
        return name, sign, _number(name, word)
    field = fields.FIELDS.get(name)
    if field is None or field.kind not in (*NUMBERS, "choice", "text", "names"):
        raise CourseError("lab_file.fact", name=name, facts=", ".join(FACTS))
    if field.kind in NUMBERS:
        return name, sign, _number(name, word)
    if sign not in ("=", "!="):
        raise CourseError("lab_file.sign", name=name, sign=sign)
    if field.choices and word not in field.choices:
        raise CourseError("lab_file.choice", name=name, word=word, all=", ".join(field.choices))
    return name, sign, word


def _number(name: str, word: str) -> float:
    try:
        value = float(word[:30])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CourseError("lab_file.number", name=name, word=word[:40])
    return value
