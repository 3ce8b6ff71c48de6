"""Whose step is taken apart: the playground's network, a saved run, or one of its members."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import Sequential
from glassnet._core.types import Array
from glassnet.errors import GlassnetError
from glassnet.lab.protocol import RefusedError
from glassnet.lab.session import features, saved, saved_data
from glassnet.lab.session.saved import Saved
from glassnet.lab.session.state import Session
from glassnet.layers import Ensemble, Layer
from glassnet.layers.walk import of_class
from glassnet.model import saving

MOST_PICTURE = 64  # pixels at a side


@dataclass(frozen=True, eq=False)
class Subject:
    """A network, the samples that its step can be made with, and what they are called.

    Attributes:
        run: the saved run's name; "" for the playground's network.
        x: as the network's first layer with weights gets them.
        y: as the loss takes it; ``labels``: class numbers, or values.
        names: of the columns of x; ``classes``: empty for values.
        side: of the square pictures that the rows of x are; None: they are none.
        member, members: which network of the run's ensemble it is, of how many.
    """

    run: str
    model: Sequential
    x: Array
    y: Array
    labels: Array
    names: tuple[str, ...]
    classes: tuple[str, ...]
    side: int | None = None
    member: int = 0
    members: int = 0
    data: str = ""

    @property
    def regression(self) -> bool:
        """Whether y are values."""
        return not self.classes


def subject_of(session: Session) -> Subject:
    """What the fields ask for.

    Raises:
        RefusedError: no such run, or its data are not here, or it is no chain of Dense layers.
    """
    name = session.values["step_run"]
    if not name:
        return _playground(session)
    run = saved.open_named(session, name)
    number = session.values["step_member"]
    kept = session.room_state.get("step_subject")
    if kept is None or kept[0] is not run or kept[1] != number:
        kept = session.room_state["step_subject"] = (run, number, _of_run(session, run, number))
    subject: Subject = kept[2]
    return subject


def _playground(session: Session) -> Subject:
    samples, trainer = session.samples, session.trainer
    names = tuple(features.SYMBOLS.get(name, name) for name in session.inputs)
    side = square(samples.image_shape, trainer.x.shape[1])
    return Subject(
        "",
        session.model,
        trainer.x,
        trainer.y,
        samples.y,
        names,
        samples.classes,
        side,
        data=samples.name,
    )


def square(shape: tuple[int, ...] | None, inputs: int) -> int | None:
    """The side of a grey square picture of so many pixels."""
    if shape is None or len(shape) != 2 or shape[0] != shape[1] or math.prod(shape) != inputs:
        return None
    return shape[0] if shape[0] <= MOST_PICTURE else None


def members_of(model: Sequential) -> int:
    """How many networks its ensemble has; 0: it has none."""
    found = of_class(model.layers, Ensemble)
    return len(found[0].members) if len(found) == 1 else 0


def why_not(run: Saved) -> RefusedError | None:
    """Why no step of it can be taken apart, as far as its layers say; None: it can."""
    model = run.model.member(0) if members_of(run.model) else run.model
    place = first_of(model.layers)
    for layer in model.layers[place:]:
        if layer.kind not in ("dense", "activation", "dropout", "batch_normalization", "residual"):
            text = f"Its layer {layer.name} cannot be followed number by number here."
            return RefusedError(text, "model.no_step_layer", name=layer.name)
    if run.facts is None:
        return saved.no_data(run)
    return None


def first_of(layers: list[Layer]) -> int:
    """The place of the first layer with weights: what stands before it prepares the inputs."""
    for place, layer in enumerate(layers):
        if layer.kind == "dense" or layer.sublayers():
            return place
    return 0


def _of_run(session: Session, run: Saved, number: int) -> Subject:
    reason = why_not(run)
    if reason is not None:
        raise reason
    members = members_of(run.model)
    member = min(number, max(members - 1, 0))
    whole = run.model.member(member) if members else run.model
    rows = saved_data.data_of(session, run)
    place = first_of(whole.layers)
    try:
        x = whole.take_input(rows.x.reshape(len(rows.x), *(whole.input_shape or ())))
        for layer in whole.layers[:place]:
            x = np.array(layer.forward(x))
    except (GlassnetError, ValueError):
        text = f"The data of {run.name} have another form than its network reads."
        raise RefusedError(text, "model.other_inputs", name=run.name) from None
    assert run.facts is not None
    x = x.reshape(len(x), -1)
    names = _names(whole, place, x.shape[1], run.facts.feature_names)
    side = square(run.facts.image_shape, x.shape[1])
    classes = run.facts.class_names or ()
    y = rows.y if classes else rows.y.astype(np.float32)
    return Subject(run.name, behind(whole, place), x, y, y, names, tuple(classes), side,
                   member, members, run.facts.name)  # fmt: skip


def _names(
    model: Sequential, place: int, inputs: int, known: tuple[str, ...] | None
) -> tuple[str, ...]:
    """What the first layer with weights gets, by name: of an encoding also its bins."""
    rows = model.table
    names = list(known or ()) if rows is None else list(rows.feature_names)
    for layer in model.layers[:place]:
        its: Any = layer
        edges = getattr(its, "edges", None)
        if edges is not None and len(edges) == len(names):
            names = [
                part
                for name, ends in zip(names, edges)
                for part in (name, *(f"{name} [{t}]" for t in range(1, len(ends or (0,)))))
            ]
    return tuple(names) if len(names) == inputs else tuple(f"x{i + 1}" for i in range(inputs))


def behind(model: Sequential, place: int) -> Sequential:
    """The network from layer ``place`` on, with copies of the weights."""
    if not place:
        return model.copy()
    stack = model.layers[place:]
    config = saving.config_of(model)
    config |= {
        "layers": [layer.get_config() for layer in stack],
        "input_shape": [math.prod(model.layers[place - 1].output_shape or (0,))],
        "preprocessing": None,
    }
    made = saving.from_config(type(model), config)
    for there, here in zip(made.layers, stack, strict=True):
        there.set_weights(here.get_weights())
    return made
