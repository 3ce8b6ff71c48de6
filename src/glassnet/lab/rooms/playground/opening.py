"""A saved run in the playground: its data, its network, its weights, where they fit.

What is opened there is also what the room of one step takes apart.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any

from glassnet import Sequential, data, schedules
from glassnet._core.types import Array
from glassnet.lab import fields
from glassnet.lab.catalogues import ACTIVATIONS
from glassnet.lab.protocol import RefusedError
from glassnet.lab.session import features, samples
from glassnet.lab.session.building import blocks_of
from glassnet.lab.session.curves import of_history
from glassnet.lab.session.samples import PLANAR, TABLES
from glassnet.lab.session.saved import Saved, no_data
from glassnet.lab.session.stack import MOST_BETWEEN, MOST_LAYERS, WIDEST, between
from glassnet.lab.session.state import Session
from glassnet.layers import Dense, Layer

OUTPUTS = ("softmax", "sigmoid", "linear")


@dataclass
class Column:
    """A Dense layer and what belongs to it; ``block``: the name of the Residual around it and /."""

    dense: Dense
    activation: str
    norm: Layer | None = None
    dropout: float = 0.0
    block: str = ""

    @property
    def skip(self) -> bool:
        return self.block != ""


def why_not(run: Saved) -> RefusedError | None:
    """Why the playground cannot take it; None: it can."""
    name = "" if run.facts is None else run.facts.name
    if run.settings is None or name not in (*PLANAR, *TABLES):
        if run.facts is None:
            return no_data(run)
        if run.given:
            return _refused("The playground makes its data itself; this has its own.", "own_data")
        text = f"The playground has no data called {name}."
        return _refused(text, "no_data", data=name)
    columns = columns_of(run.model.layers)
    if isinstance(columns, RefusedError):
        return columns
    *hidden, last = columns
    if len(hidden) > MOST_LAYERS:
        text = f"It has {len(hidden)} hidden layers; the playground draws {MOST_LAYERS}."
        return _refused(text, "many_layers", layers=len(hidden), most=MOST_LAYERS)
    for column in hidden:
        if column.dense.units > WIDEST:
            text = f"A layer has {column.dense.units} units; the playground takes up to {WIDEST}."
            return _refused(text, "many_units", units=column.dense.units, most=WIDEST)
        if column.activation not in ACTIVATIONS:
            text = f"The playground has no activation called {column.activation}."
            return _refused(text, "no_activation", name=column.activation)
    joined = between([column.dense.units for column in hidden])
    if joined > MOST_BETWEEN:
        text = f"{joined} weights join its hidden layers; the playground takes {MOST_BETWEEN}."
        return _refused(text, "many_weights", weights=joined, most=MOST_BETWEEN)
    if last.skip:
        return _unbuilt(last.dense)
    if last.activation not in OUTPUTS or last.norm is not None:
        text = f"Its outputs have the activation {last.activation}."
        return _refused(text, "no_activation", name=last.activation)
    return None


def _refused(text: str, key: str, **values: Any) -> RefusedError:
    return RefusedError(text, f"model.{key}", **values)


def _unbuilt(layer: Layer) -> RefusedError:
    text = f"The playground does not build its layer {layer.name}."
    return _refused(text, "no_layer", name=layer.name)


def columns_of(layers: list[Layer]) -> list[Column] | RefusedError:
    """The Dense layers with what follows each: batch norm, activation, dropout, in that order."""
    columns: list[Column] = []
    for layer in layers:
        last = columns[-1] if columns and not columns[-1].skip else None  # nothing joins a block
        bare = last is not None and last.activation == "linear" and not last.dropout
        its: Any = layer  # what it has depends on its kind
        match layer.kind:
            case "residual":
                inside = columns_of(layer.sublayers())
                if isinstance(inside, RefusedError):
                    return inside
                if len(inside) > 1 or layer.sublayers()[0].kind != "dense":
                    return _unbuilt(layer)
                columns.append(replace(inside[0], block=f"{layer.name}/"))
            case "dense" if its.use_bias:
                columns.append(Column(its, its.activation.name))
            case "batch_normalization" if last and bare and last.norm is None:
                last.norm = layer
            case "activation" if last and bare:
                last.activation = its.activation.name
            case "dropout" if last and not last.dropout:
                last.dropout = its.rate
            case _ if not layer.changes_scale_or_shape_only or columns:
                return _unbuilt(layer)
            case _:
                pass  # the playground scales pictures by itself
    return columns or _refused("It has no Dense layer.", "no_layer", name="–")


def into_playground(session: Session, run: Saved) -> None:
    """Take the run's data, network and weights.

    Raises:
        RefusedError: it does not fit; nothing has changed.
    """
    reason = why_not(run)
    if reason is not None:
        raise reason
    columns = columns_of(run.model.layers)
    assert isinstance(columns, list)
    values = _values(session, run, columns)
    inputs = features.names_for(samples.make(values).columns, values["features"])
    if len(inputs) != run.inputs:
        raise _refused("It reads other inputs than its data have.", "no_layer", name="input")
    session.adopt(values)
    _copy(columns, run, session.model)
    trainer = session.trainer
    trainer.opened = run.name
    if run.history is not None and run.history.epoch:
        trainer.stands_at(run.history.epoch[-1] + 1, of_history(run.history))
    if run.optimizer_state or not session.model.optimizer.state:
        session.model.optimizer.steps = trainer.epoch * trainer.steps_per_epoch
    trainer.touched()
    rate = f"{session.values['learning_rate']:g}"
    new = session.values["data"] in PLANAR
    if run.settings is not None and _is_over(run):
        key = "model.schedule_over_new" if new else "model.schedule_over"
        text = f"Its schedule had come to its end; here it learns on at a constant {rate}."
        session.tell(key, text, rate=rate, schedule=run.settings.schedule)
    elif new:
        session.tell("model.new_points", "The points here are new ones of the same kind.")


def _is_over(run: Saved) -> bool:
    """Whether the run's learning rate has come down to nothing."""
    settings, done = run.settings, len(run.history.epoch) if run.history else 0
    if settings is None or settings.schedule == "constant":
        return False
    rate = schedules.by_name(settings.schedule, settings.learning_rate, settings.epochs)
    return rate(done) < 0.02 * settings.learning_rate


def _values(session: Session, run: Saved, columns: list[Column]) -> dict[str, Any]:
    settings, name = run.settings, run.facts.name if run.facts else ""
    assert settings is not None
    keep = {n: session.values[n] for n in ("language", "theme", "run", "digits_run")}
    values = fields.defaults() | keep | {"room": "playground", "data": name}
    values["data_seed"] = values["seed"] = min(settings.seed, 9999)
    values["test_share"] = 0.2  # as the runs hold out
    if name in PLANAR:
        signature = inspect.signature(getattr(data, name)).parameters
        values["noise"] = float(signature["noise"].default)
        values["samples"] = 100
        # The run has learned from all points of its seed: others, so that the test is one.
        values["data_seed"] = (settings.seed + 1) % 10_000
    values["layers"] = tuple(
        (c.dense.units, c.activation, round(c.dropout, 2), c.norm is not None, c.skip)
        for c in columns[:-1]
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
    if _is_over(run):  # or it would learn no more
        least = fields.field("learning_rate").low
        values |= {"schedule": "constant", "learning_rate": max(settings.learning_rate / 10, least)}
    good, wrong = fields.check(values)
    if wrong:
        raise RefusedError(wrong[0])
    return good


def _copy(columns: list[Column], run: Saved, model: Sequential) -> None:
    """The weights and the optimizer's memories of them, layer by layer."""
    for column, here in zip(columns, blocks_of(model), strict=True):
        pairs: list[tuple[str, str, tuple[str, ...]]] = [(column.dense.name, here.name, ("W", "b"))]
        if column.norm is not None:
            parts = ("gamma", "beta", "moving_mean", "moving_variance")
            pairs.append((column.norm.name, f"{here.name}_norm", parts))
        for old, new, names in pairs:
            for name in names:
                _move(run, f"{column.block}{old}/{name}", model, f"{new}/{name}")


def _move(run: Saved, old: str, model: Sequential, new: str) -> None:
    its, mine = run.model.parameters, model.parameters
    there = mine.view(new)
    there[...] = _as_one(its.view(old), there.shape, difference=True)
    if new not in mine.slices:
        return
    for name, vector in run.optimizer_state.items():
        if name in model.optimizer.state:
            memory = vector[its.slices[old]].reshape(its.shapes[old])
            here = model.optimizer.state[name][mine.slices[new]]
            here[...] = _as_one(memory, there.shape).ravel()


def _as_one(array: Array, shape: tuple[int, ...], difference: bool = False) -> Array:
    """Of two outputs one, if ``shape`` has one.

    Softmax over two outputs is a sigmoid of their difference: e^b / (e^a + e^b) is
    1 / (1 + e^(a - b)); and the loss has the same derivative by b as by that difference.
    """
    if array.shape == shape:
        return array
    return array[..., 1:] - array[..., :1] if difference else array[..., 1:]
