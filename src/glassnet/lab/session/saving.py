"""A state as a file: the fields, the dropped table, the weights; plain JSON."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.lab import fields
from glassnet.lab.kinds import is_whole
from glassnet.lab.protocol import RefusedError
from glassnet.lab.session import building, features, samples
from glassnet.lab.session.state import Session
from glassnet.lab.session.table import Table

FORMAT = "glassnet lab"
VERSION = 1


def save(session: Session) -> dict[str, Any]:
    """Everything that :func:`load` needs."""
    table = session.table
    weights = np.concatenate([session.model.parameters.values, session.model.parameters.state])
    return {
        "format": FORMAT,
        "version": VERSION,
        "fields": session.values,
        "table": None
        if table is None
        else {"name": table.name, "text": table.text, "encoding": table.encoding},
        "weights": base64.b64encode(weights.astype("<f4").tobytes()).decode(),
        "epoch": session.trainer.epoch,
    }


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
    keep = {name: session.values[name] for name in ("language", "theme")}
    values = fields.defaults() | values | keep
    table = _table(file.get("table"), values["own_header"])
    weights = _weights(file, values, table)
    session.table = table
    session.adopt(values)
    parameters = session.model.parameters
    parameters.values[...] = weights[: parameters.size]
    parameters.state[...] = weights[parameters.size :]
    epoch = file.get("epoch")
    if is_whole(epoch) and 0 <= epoch < 10**9:
        session.trainer.stands_at(epoch)
    session.trainer.touched()


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
