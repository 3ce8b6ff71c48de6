"""A saved run in the playground: its data, its network, its weights, where they fit.

What is opened there is also what the room of one step takes apart.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import Sequential, data
from glassnet.lab import fields
from glassnet.lab.kinds import MOST_LAYERS, MOST_UNITS
from glassnet.lab.protocol import RefusedError
from glassnet.lab.samples import PLANAR, TABLES
from glassnet.lab.saved import FORM, Saved
from glassnet.layers import Activation, BatchNormalization, Dense, Dropout, Layer

if TYPE_CHECKING:
    from glassnet.lab.session import Session

OUTPUTS = ("softmax", "sigmoid", "linear")


@dataclass
class Column:
    """A Dense layer and what belongs to it."""

    dense: Dense
    activation: str
    norm: BatchNormalization | None = None
    dropout: float = 0.0


def why_not(found: Saved) -> RefusedError | None:
    """Why the playground cannot take it; None: it can."""
    name = "" if found.facts is None else found.facts.name
    if found.settings is None or name not in (*PLANAR, *TABLES):
        if found.facts is None:
            return _refused("It is a model file without a run: its data are not known.", "no_facts")
        text = f"The playground has no data called {name}."
        return _refused(text, "no_data", data=name)
    columns = columns_of(found.model.layers)
    if isinstance(columns, RefusedError):
        return columns
    *hidden, last = columns
    if len(hidden) > MOST_LAYERS:
        text = f"It has {len(hidden)} hidden layers; the playground draws {MOST_LAYERS}."
        return _refused(text, "many_layers", layers=len(hidden), most=MOST_LAYERS)
    for column in hidden:
        if column.dense.units > MOST_UNITS:
            text = f"A layer has {column.dense.units} units; the playground draws {MOST_UNITS}."
            return _refused(text, "many_units", units=column.dense.units, most=MOST_UNITS)
        if column.activation not in fields.ACTIVATIONS:
            text = f"The playground has no activation called {column.activation}."
            return _refused(text, "no_activation", name=column.activation)
    if last.activation not in OUTPUTS or last.norm is not None:
        text = f"Its outputs have the activation {last.activation}."
        return _refused(text, "no_activation", name=last.activation)
    return None


def _refused(text: str, key: str, **values: Any) -> RefusedError:
    return RefusedError(text, f"model.{key}", **values)


def columns_of(layers: list[Layer]) -> list[Column] | RefusedError:
    """The Dense layers with what follows each, as the playground builds them."""
    found: list[Column] = []
    for layer in layers:
        last = found[-1] if found else None
        if isinstance(layer, Dense) and layer.use_bias:
            found.append(Column(layer, layer.activation.name))
        elif isinstance(layer, FORM) and last is None:
            continue  # the playground scales pictures by itself
        elif isinstance(layer, BatchNormalization) and last and last.norm is None:
            last.norm = layer
        elif isinstance(layer, Activation) and last and last.activation == "linear":
            last.activation = layer.activation.name
        elif isinstance(layer, Dropout) and last and not last.dropout:
            last.dropout = layer.rate
        else:
            text = f"The playground does not build its layer {layer.name}."
            return _refused(text, "no_layer", name=layer.name)
    return found or _refused("It has no Dense layer.", "no_layer", name="–")


def into_playground(session: Session, found: Saved) -> None:
    """Take the run's data, network and weights.

    Raises:
        RefusedError: it does not fit; nothing has changed.
    """
    reason = why_not(found)
    if reason is not None:
        raise reason
    columns = columns_of(found.model.layers)
    assert isinstance(columns, list)
    session.adopt(_values(session, found, columns))
    if (len(session.inputs),) != (found.inputs,):
        raise _refused("It reads other inputs than its data have.", "no_layer", name="input")
    _copy(columns, session.model)
    if found.history is not None and found.history.epoch:
        session.trainer.epoch = found.history.epoch[-1] + 1
    session.trainer.touched()


def _values(session: Session, found: Saved, columns: list[Column]) -> dict[str, Any]:
    settings, name = found.settings, found.facts.name if found.facts else ""
    assert settings is not None
    keep = {n: session.values[n] for n in ("language", "theme", "run", "digits_run")}
    values = fields.defaults() | keep | {"room": "playground", "data": name}
    values["data_seed"] = values["seed"] = min(settings.seed, 9999)
    values["test_share"] = 0.2  # as the runs hold out
    if name in PLANAR:
        signature = inspect.signature(getattr(data, name)).parameters
        values["noise"] = float(signature["noise"].default)
        values["samples"] = 100
    values["layers"] = tuple(
        (c.dense.units, c.activation, round(c.dropout, 2), c.norm is not None) for c in columns[:-1]
    )
    if settings.optimizer in fields.field("optimizer").choices:
        values["optimizer"] = settings.optimizer
    if settings.schedule in fields.field("schedule").choices:
        values["schedule"] = settings.schedule
    for field, number in (
        ("learning_rate", settings.learning_rate), ("batch_size", settings.batch_size),
        ("schedule_epochs", settings.epochs), ("l2", settings.l2),
    ):  # fmt: skip
        low = 0 if fields.field(field).zero and not number else fields.field(field).low
        values[field] = min(max(number, low), fields.field(field).high)
    good, wrong = fields.check(values)
    if wrong:
        raise RefusedError(wrong[0])
    return good


def _copy(columns: list[Column], model: Sequential) -> None:
    """The weights, layer by layer."""
    mine = [layer for layer in model.layers if isinstance(layer, Dense)]
    norms = [layer for layer in model.layers if isinstance(layer, BatchNormalization)]
    for column, dense in zip(columns, mine, strict=True):
        W, b = column.dense.W, column.dense.b
        if dense.units == 1 and column.dense.units == 2:
            # Softmax over two outputs is a sigmoid of their difference: e^b / (e^a + e^b) is
            # 1 / (1 + e^(a - b)).
            W, b = W[:, 1:] - W[:, :1], b[1:] - b[:1]
        dense.W[...], dense.b[...] = W, b
    for norm, other in zip(norms, [c.norm for c in columns if c.norm is not None], strict=True):
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        for name in names:
            there = model.parameters.view(f"{norm.name}/{name}")
            there[...] = np.asarray(getattr(other, name))
