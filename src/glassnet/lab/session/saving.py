"""A state as a file: the fields, the dropped table, the weights; plain JSON."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.lab import fields
from glassnet.lab.kinds import is_real, is_whole
from glassnet.lab.protocol import RefusedError
from glassnet.lab.session import building, features, samples
from glassnet.lab.session.comparing import Other
from glassnet.lab.session.curves import MOST_POINTS, SERIES, Curves
from glassnet.lab.session.state import Session
from glassnet.lab.session.table import Table
from glassnet.lab.session.trainer import Trainer
from glassnet.optimizers import Optimizer

FORMAT = "glassnet lab"
VERSION = 1


def save(session: Session) -> dict[str, Any]:
    """Everything that :func:`load` needs."""
    table = session.table
    return {
        "format": FORMAT,
        "version": VERSION,
        "fields": session.values,
        "table": None
        if table is None
        else {"name": table.name, "text": table.text, "encoding": table.encoding},
        **_training(session.trainer),
        "other": None if session.other is None else _other(session.other),
    }


def _training(trainer: Trainer) -> dict[str, Any]:
    """Where a training stands."""
    parameters = trainer.model.parameters
    weights = np.concatenate([parameters.values, parameters.state])
    return {
        "weights": _text(weights),
        "optimizer": _memories(trainer.model.optimizer),
        "epoch": trainer.epoch,
        "kept": trainer.kept or not trainer.fresh,
        "by_hand": trainer.by_hand,
        "curves": [
            [None if math.isnan(v) else float(v) for v in row] for row in trainer.curves.array().T
        ],
    }


def _other(other: Other) -> dict[str, Any]:
    """The network of a comparison that is not the page's own."""
    return {
        **_training(other.trainer),
        "start": other.start,
        "since": other.since,
        "changed": other.changed,
        "grown": other.kept,
    }


def _text(numbers: Array) -> str:
    return base64.b64encode(numbers.astype("<f4").tobytes()).decode()


def _memories(optimizer: Optimizer) -> dict[str, Any]:
    """What it remembers of the steps before, as momentum does."""
    state = optimizer.get_state()
    vectors = {name: _text(vector) for name, vector in state["vectors"].items()}
    return {"steps": state["steps"], "scalars": state["scalars"], "vectors": vectors}


def _remember(optimizer: Optimizer, memories: Any) -> None:
    """Take memories that fit; of others it begins without, as a file of before them does."""
    try:
        vectors = {name: np.frombuffer(base64.b64decode(text, validate=True), "<f4")
                   for name, text in memories["vectors"].items()}  # fmt: skip
        steps, scalars = memories["steps"], memories["scalars"]
        known = [*vectors.values(), np.array(list(scalars.values()), float)]
        if is_whole(steps) and 0 <= steps < 10**9 and all(np.isfinite(v).all() for v in known):
            optimizer.set_state(
                optimizer.get_state() | {"steps": steps, "scalars": scalars, "vectors": vectors}
            )
    except (TypeError, KeyError, AttributeError, ValueError):
        return


def load(session: Session, file: dict[str, Any]) -> None:
    """Take the state of a saved file.

    Raises:
        RefusedError: not such a file, of a newer version, or damaged; nothing has changed.
    """
    if file.get("format") != FORMAT or not isinstance(file.get("fields"), dict):
        raise RefusedError("This is not a saved state of the lab.", "problem.file")
    if file.get("version") != VERSION:
        raise RefusedError("This state was saved by a newer version.", "problem.version")
    values, wrong = fields.check(file["fields"])
    if wrong:
        raise RefusedError("The saved state is damaged: " + wrong[0], "problem.file")
    fresh = session.versions["values"] == 1  # a page that was reloaded: all of it is its own
    keep = {} if fresh else {name: session.values[name] for name in ("language", "theme")}
    values = fields.defaults() | values | keep
    table = _table(file.get("table"), values["own_header"])
    weights = _weights(file, values, table)
    beside = _beside(file.get("other"), values, table)
    session.table = table
    session.adopt(values)
    _stand(session.trainer, file, weights)
    if session.other is not None and beside is not None:
        part, its_weights = beside
        _stand(session.other.trainer, part, its_weights)
        session.other.start, session.other.since = part["start"], dict(part["since"])
        session.other.changed = part.get("changed") is True
        session.other.kept = part.get("grown") is True


def _stand(trainer: Trainer, file: dict[str, Any], weights: Array) -> None:
    """Bring a training to where the one of the file stood."""
    parameters = trainer.model.parameters
    parameters.values[...] = weights[: parameters.size]
    parameters.state[...] = weights[parameters.size :]
    _remember(trainer.model.optimizer, file.get("optimizer"))
    epoch = file.get("epoch")
    if is_whole(epoch) and 0 <= epoch < 10**9:
        trainer.stands_at(epoch, _curves(file.get("curves"), epoch))
    trainer.touched()
    trainer.kept = file.get("kept") is not False
    trainer.by_hand = file.get("by_hand") is True


def _beside(
    part: Any, values: dict[str, Any], table: Table | None
) -> tuple[dict[str, Any], Array] | None:
    """What the file says of the other network of a comparison, with its weights."""
    if part is None or not values["compared"]:
        return None
    since = part.get("since") if isinstance(part, dict) else None
    whole = isinstance(since, dict) and all(is_whole(e) for e in (
        part.get("start"), part.get("epoch"), *since.values()))  # fmt: skip
    if not whole:
        raise RefusedError("The comparison in this file is damaged.", "problem.file")
    return part, _weights(part, values | dict(values["compared"]), table)


def _curves(rows: Any, epoch: int) -> Curves | None:
    """The curves of the file up to its epoch; None: it has none that are any."""
    if not isinstance(rows, list) or len(rows) > 2 * MOST_POINTS:
        return None
    curves = Curves()
    for row in rows:
        if not isinstance(row, list) or len(row) != 1 + len(SERIES):
            return None
        numbers = [math.nan if v is None else v for v in row]
        if not all(is_real(v) or v != v for v in numbers) or not 0 <= numbers[0] <= epoch:
            return None
        curves.add(int(numbers[0]), tuple(float(v) for v in numbers[1:]))
    return curves if curves.epochs else None


def _table(table: Any, header: str) -> Table | None:
    if table is None:
        return None
    if not isinstance(table, dict) or not isinstance(table.get("text"), str):
        raise RefusedError("The table in this file is damaged.", "problem.file")
    encoding = "cp949" if table.get("encoding") == "cp949" else "utf-8"
    return Table.from_text(
        str(table.get("name", "table.csv"))[:200], table["text"], encoding, header
    )


def _weights(file: dict[str, Any], values: dict[str, Any], table: Table | None) -> Array:
    """The weights of the file, if they fit the network that its fields describe."""
    data = samples.make(values, table)
    inputs = len(features.names_for(data.columns, values["features"]))
    parameters = building.build(values, data, inputs).parameters
    try:
        weights = np.frombuffer(base64.b64decode(file.get("weights", ""), validate=True), "<f4")
    except (binascii.Error, ValueError, TypeError):
        raise RefusedError("The weights in this file are damaged.", "problem.file") from None
    if len(weights) != parameters.size + parameters.state.size or not np.isfinite(weights).all():
        raise RefusedError("The weights in this file do not fit its network.", "problem.file")
    return weights
