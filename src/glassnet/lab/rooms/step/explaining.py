"""A network, explained for the samples that were chosen; made once, kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet import Sequential
from glassnet._core.types import Array
from glassnet.explain import MISTAKES, StepExplanation, explain_step
from glassnet.lab.protocol import RefusedError
from glassnet.lab.rooms.step.subject import Subject, subject_of
from glassnet.lab.rooms.step.walk import Stop, column_of, walk
from glassnet.lab.session.state import Session

MOST_PARAMETERS = 200_000  # kept six times in float64: 10 MB; of many only some are checked


@dataclass
class Tour:
    """One step, explained, and the walk through its numbers.

    Attributes:
        version: counts the changes of what is explained.
        subject: whose step it is.
        chosen: the numbers of the samples among the training samples.
        shown: which of them the walk is about.
        x, y: the batch, edits included.
        stops: the walk; ``places`` finds a number among them: (stop, row).
        columns: in which column of the drawing a layer lies.
    """

    version: int
    subject: Subject
    chosen: range
    shown: int
    x: Array
    y: Array
    step: StepExplanation
    stops: list[Stop]
    columns: dict[str, int]
    places: dict[tuple[Any, ...], tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for i, stop in enumerate(self.stops):
            for row, place in enumerate(stop.numbers):
                self.places.setdefault(place, (i, row))


def tour_of(session: Session) -> Tour:
    """The step as the session stands now.

    Raises:
        RefusedError: the network is too large to follow every number.
    """
    values, memory = session.values, _memory(session)
    subject = subject_of(session)
    reason = too_large(subject.model)
    if reason is not None:
        raise reason
    chosen = batch_of(session, subject)
    part = slice(chosen.start, chosen.stop)
    x, y = subject.x[part].astype(np.float64), subject.y[part]
    for (row, column), value in _edits(session, subject, chosen).items():
        x[row, column] = value
    shown = min(values["step_sample"], len(chosen) - 1)
    mistakes = mistakes_of(session, subject.model)
    key = (
        subject.run,
        subject.member,
        *_fingerprint(session, subject.model),
        x.tobytes(),
        y.tobytes(),
        mistakes,
        shown,
    )
    if memory.get("key") != key:
        # float64: the digits of the gradient are then those of the differences
        step = explain_step(subject.model.copy("float64"), x, y, mistakes=mistakes)
        memory["version"] = memory.get("version", 0) + 1
        memory["tour"] = Tour(
            memory["version"],
            subject,
            chosen,
            shown,
            x,
            y,
            step,
            walk(step, shown),
            column_of(step),
        )
        memory["key"] = key
    tour: Tour = memory["tour"]
    return tour


def too_large(model: Sequential) -> RefusedError | None:
    """Why a network has too many numbers to follow each; None: it has not."""
    size = model.parameters.size
    if size <= MOST_PARAMETERS:
        return None
    return RefusedError(
        f"This network has {size} parameters; up to {MOST_PARAMETERS} can be followed one by "
        "one. Take out units, layers or inputs in the playground.",
        "limit.step", size=size, most=MOST_PARAMETERS,
    )  # fmt: skip


def mistakes_of(session: Session, model: Sequential) -> tuple[str, ...]:
    """Those that are switched on and that this network can make."""
    chosen: tuple[str, ...] = session.values["mistakes"]
    return tuple(name for name in chosen if not MISTAKES[name]().refuse(model))


def batch_of(session: Session, subject: Subject) -> range:
    """Which training samples are in the batch: as many as asked for, as far as there are."""
    total = len(subject.x)
    size = min(session.values["step_batch"], total)
    first = min(session.values["step_first"], total - size)
    return range(first, first + size)


def edit(session: Session, tour: Tour, row: int, column: int, value: float | None) -> None:
    """Put another number in the place of an input (None: the sample's own again)."""
    edits = _edits(session, tour.subject, tour.chosen)
    if value is None:
        edits.clear()
    else:
        edits[row, column] = value


def _edits(session: Session, subject: Subject, chosen: range) -> dict[tuple[int, int], float]:
    """The inputs that were set by hand; forgotten when other samples or data are chosen."""
    memory = _memory(session)
    about = (chosen, subject.run, subject.member, id(session.samples), subject.names)
    if memory.get("edits_of") != about:
        memory["edits_of"], memory["edits"] = about, {}
    edits: dict[tuple[int, int], float] = memory["edits"]
    return edits


def _memory(session: Session) -> dict[str, Any]:
    memory: dict[str, Any] = session.room_state.setdefault("step", {})
    return memory


def _fingerprint(session: Session, model: Sequential) -> tuple[Any, ...]:
    """What the step depends on beside the samples."""
    values = session.values
    optimizer = model.optimizer
    return (
        session.versions["structure"],
        model.parameters.values.tobytes(),
        model.parameters.state.tobytes(),
        repr(optimizer.get_config()),
        optimizer.steps,
        *(vector.tobytes() for vector in optimizer.state.values()),
        repr(model.rng.bit_generator.state),
        (values["l1"], values["l2"]),
    )
