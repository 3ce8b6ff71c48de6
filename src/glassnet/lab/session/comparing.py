"""Two networks side by side: A, with settings that are pinned, and B, the page's own.

Both learn from the same data, and from the same seed or from the same moment on; what differs is
said field by field. A keeps up with B, and is shown at B's epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from glassnet import Sequential
from glassnet.lab import fields
from glassnet.lab.session import building, features
from glassnet.lab.session.engine import Engine
from glassnet.lab.session.pins import Pinned
from glassnet.lab.session.samples import Samples
from glassnet.lab.session.timeline import Moment, Timeline
from glassnet.lab.session.trainer import Trainer


@dataclass
class Other:
    """A, the network that the page's own is compared with.

    Attributes:
        values: the fields of the page as they are for it.
        model, trainer: its network, and where its training stands.
        start: the epoch up to which both are the same.
        since: of the settings that differ, the epoch from which on they do.
        changed: its settings were changed after ``start``.
        kept: it did not begin with the weights that the seed gives.
        drawn: the map that was drawn last, and of what.
    """

    values: dict[str, Any]
    model: Sequential
    trainer: Trainer
    start: int = 0
    since: dict[str, int] = field(default_factory=dict)
    changed: bool = False
    kept: bool = False
    drawn: tuple[Any, Any] = (None, None)

    def at(self, epoch: int) -> Moment | None:
        """The moment to show beside an epoch of B; None: as it is now."""
        timeline = self.trainer.timeline
        if self.trainer.epoch <= epoch or timeline is None:
            return None
        return timeline.nearest(epoch)


class Compared(Protocol):
    """What a comparison asks of the session whose network is B."""

    values: dict[str, Any]
    samples: Samples
    model: Sequential
    trainer: Trainer
    other: Other | None
    engine: Engine
    versions: dict[str, int]

    def leave(self) -> None: ...

    def renew(self) -> None: ...

    def adopt_network(self, model: Sequential, trainer: Trainer) -> None: ...


def pinned(values: dict[str, Any]) -> Pinned:
    """The settings among all fields in which two networks may differ."""
    return tuple((name, values[name]) for name in fields.field("compared").describe()["of"])


def learning(values: dict[str, Any]) -> tuple[Any, ...]:
    """The settings among them that may change while a network learns, by name."""
    return tuple((name, value) for name, value in pinned(values)
                 if fields.field(name).rebuild == "live")  # fmt: skip


def make(session: Compared) -> Other | None:
    """A, new from the seed, as the field ``compared`` pins it; None: nothing is compared."""
    pins = session.values["compared"]
    if not pins:
        return None
    values = session.values | dict(pins)
    data = session.samples
    inputs = features.names_for(data.columns, values["features"])
    model = building.build(values, data, len(inputs))
    trainer = trainer_of(session, model, values)
    model.optimizer.learning_rate = building.rate(values, trainer.steps_per_epoch)
    return Other(values, model, trainer)


def trainer_of(session: Compared, model: Sequential, values: dict[str, Any]) -> Trainer:
    """A training of a network on the session's data, nobody watching."""
    data, chosen = session.samples, values["features"]
    y, y_test = building.targets(data, model.loss)
    return Trainer(
        model, features.apply(data.x, chosen), y, features.apply(data.x_test, chosen), y_test,
        values["batch_size"], timeline=Timeline(learning(values)),
    )  # fmt: skip


def beside(session: Compared, values: dict[str, Any]) -> Other:
    """The session's network as it is, put aside as A; the session needs another one then."""
    trainer = session.trainer
    trainer.watcher, trainer.until, trainer.beside = None, None, None
    if trainer.stopped == "reached":
        trainer.go_on()
    return Other(dict(values), session.model, trainer, kept=trainer.kept)


def begin(session: Compared) -> None:
    """What there is becomes A; B starts anew with the same seed and the same settings."""
    session.leave()
    session.engine.pause()
    session.other = beside(session, session.values)
    session.values["compared"] = pinned(session.values)
    session.renew()
    session.versions["values"] += 1


def end(session: Compared, keep: str) -> None:
    """Compare no more, and keep the network "a" or "b"."""
    session.leave()
    other = session.other
    if other is None:
        return
    session.engine.pause()
    session.other, session.trainer.beside = None, None
    session.values["compared"] = ()
    if keep == "a":
        session.values |= dict(pinned(other.values))
        session.adopt_network(other.model, other.trainer)
    session.versions["values"] += 1


def differences(session: Compared) -> list[dict[str, Any]]:
    """In what A and B differ: the field, the values of both, and since which epoch."""
    other = session.other
    if other is None:
        return []
    silent = {"schedule_epochs"} if _constant(session.values) and _constant(other.values) else set()
    return [
        {"field": name, "a": value, "b": session.values[name], "since": other.since.get(name, 0)}
        for name, value in pinned(other.values)
        if session.values[name] != value and name not in silent
    ]


def _constant(values: dict[str, Any]) -> bool:
    return bool(values["schedule"] == "constant")


def note(session: Compared, *names: str) -> None:
    """Fields were set: from now on B differs in them from A."""
    if session.other is not None:
        epoch = 0 if session.trainer.fresh else session.trainer.epoch
        session.other.since |= dict.fromkeys(names, epoch)


def describe(session: Compared) -> dict[str, Any] | None:
    """What the page is told of the comparison."""
    other = session.other
    if other is None:
        return None
    return {
        "differences": differences(session),
        "start": other.start,
        "changed": other.changed,
        "kept": other.kept and not other.start,
    }
