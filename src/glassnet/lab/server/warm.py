"""Imports and compiles ahead of time: the first picture while the browser starts, and what a
page will need next while it is idle.

Numba compiles a kernel when it is first called, and keeps the result on disk: this costs
some seconds once after an installation, and milliseconds afterwards.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import Any

from glassnet.errors import GlassnetError
from glassnet.explain import explain_step
from glassnet.lab import fields
from glassnet.lab.catalogues import ACTIVATIONS
from glassnet.lab.fields import ROOMS
from glassnet.lab.protocol import Args
from glassnet.lab.server.questions import answer, frame, warm_questions
from glassnet.lab.session import building, samples
from glassnet.lab.session.crowd import CROWD
from glassnet.lab.session.engine import Engine
from glassnet.lab.session.state import Session
from glassnet.lab.session.trainer import Trainer

FIRST = ("units", "map", "line", "weights", "dead", "curves")  # what the playground asks first
PATIENCE = 0.5  # seconds until it looks again whether a class plays

_done: set[str] = set()  # by this process
_begun = threading.Event()


def begin() -> None:
    """Do all the :func:`jobs` once, in a thread of their own: no page waits for them."""
    if not _begun.is_set():
        _begun.set()
        threading.Thread(target=_work, name="warm", daemon=True).start()


def _work() -> None:
    for job in jobs():
        while CROWD.plays:  # compiling would take the interpreter from every page of a class
            time.sleep(PATIENCE)
        with suppress(GlassnetError):  # a page that asks for it is told
            job()


def first_picture(state: str = "") -> None:
    """What a page will want to see first, made once for nobody, and its first two updates."""
    session = Session(Engine("warm"))
    session.open(state)
    frame(session, ROOMS[session.values["room"]].sections or FIRST)
    session.engine.close()
    _train({})  # so that Play answers as soon as there is something to see


def jobs() -> Iterator[Callable[[], None]]:
    """Small pieces of work, the likeliest first."""
    steps: list[dict[str, Any]] = [{}, {"data": "blobs"}, {"data": "sine"}]
    steps += [{"layers": ((2, name, 0.0, False, False),)} for name in ACTIVATIONS]
    steps += [{"layers": ((2, "relu", 0.2, True, True),)}, {"l2": 0.01}]
    steps += [{"optimizer": name} for name in fields.FIELDS["optimizer"].choices]
    steps += [{"loss": name} for name in fields.FIELDS["loss"].choices]
    for step in steps[:1]:
        if repr(step) not in _done:
            yield partial(_train, step)
    for step in steps[:3]:
        if f"explain {step}" not in _done:
            yield partial(_explain, step)
    for step in steps[1:]:
        if repr(step) not in _done:
            yield partial(_train, step)
    questions = [(room, *asked) for room in ROOMS for asked in warm_questions(room)]
    for asked in questions:
        if repr(asked) not in _done:
            yield partial(_ask, *asked)


def _explain(changes: dict[str, Any]) -> None:
    """One step of a small network, as the room One step has it explained: in float64."""
    _done.add(f"explain {changes}")
    values = fields.defaults() | {"samples": 10} | changes
    data = samples.make(values)
    model = building.build(values, data, data.x.shape[1])
    explain_step(model.copy("float64"), data.x[:1], data.y[:1])


def _ask(room: str, what: str, changes: dict[str, Any]) -> None:
    """One question to a room that reads nothing but the fields."""
    key = repr((room, what, changes))
    if key in _done:
        return
    _done.add(key)
    session: Any = SimpleNamespace(values=fields.defaults() | changes)
    answer(session, room, what, Args({}))


def _train(changes: dict[str, Any]) -> None:
    """Two batches of a small network with these fields."""
    key = repr(changes)
    if key in _done:
        return
    _done.add(key)
    values = fields.defaults() | {"samples": 10, "batch_size": 10} | changes
    data = samples.make(values)
    model = building.build(values, data, data.x.shape[1])
    y, y_test = building.targets(data, model.loss)
    trainer = Trainer(model, data.x, y, data.x_test, y_test, 10)
    trainer.one_batch()
    trainer.one_batch()
