"""Builds the network of the fields, and carries weights over into a changed network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet import Sequential, activations, layers, losses, optimizers, schedules
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.lab.session.samples import Samples
from glassnet.lab.session.stack import MOST_UNITS, Hidden
from glassnet.layers import L1L2, Layer
from glassnet.layers.columns import column
from glassnet.losses import Loss
from glassnet.optimizers.base import Optimizer

NORMALIZATION = partial(layers.BatchNormalization, momentum=0.9)
SPREADS = {"normal_0.01": 0.01, "normal_0.1": 0.1, "normal_1": 1.0}


@dataclass(frozen=True)
class Block:
    """A column of units on the page: a Dense and what stands behind it.

    Attributes:
        name: the Dense layer's, as its parameters begin.
        dense: the Dense layer.
        last: the place among the network's layers of the one whose output is the units' output.
        drawn: how many of the units are drawn: the first ones of a wide layer.
        skip: whether a way leads around it, y = x + F(x); that layer is a Residual then.
    """

    name: str
    dense: layers.Dense
    last: int
    units: int
    activation: str
    skip: bool = False

    @property
    def drawn(self) -> int:
        return self.units if self.name == "output" else min(self.units, MOST_UNITS)


def head_for(samples: Samples, loss: str) -> tuple[int, str, str]:
    """How many outputs, their activation, and the name of the loss that is used."""
    k = len(samples.classes)
    outputs = 1 if k <= 2 else k
    task = "regression" if samples.regression else "classification"
    f = activations.get(None if samples.regression else "sigmoid" if k == 2 else "softmax")
    chosen = losses.for_output(f, task)
    if loss in losses.LOSSES and not (samples.regression and losses.get(loss).target != "values"):
        chosen = losses.get(loss)
    return outputs, "linear" if chosen.target == "signs" else f.name, chosen.name


def targets(samples: Samples, loss: Loss) -> tuple[Array, Array]:
    """What the outputs are compared with, to train and to test.

    Class numbers, or one-hot rows for a loss that compares values, or the values.
    """
    y, y_test, k = samples.y, samples.y_test, len(samples.classes)
    if not one_hot(samples, loss):
        return y, y_test
    return np.eye(k, dtype=np.float32)[y], np.eye(k, dtype=np.float32)[y_test]


def one_hot(samples: Samples, loss: Loss) -> bool:
    """Whether class numbers are written as rows with a 1 in the place of the class."""
    return len(samples.classes) > 2 and loss.target in ("values", "signs")


def fitting(hidden: Sequence[Hidden], inputs: int) -> tuple[Hidden, ...]:
    """The hidden layers without the skips that do not fit.

    y = x + F(x) needs as many units as come in.
    """
    layers_, before = [], inputs
    for units, activation, dropout, norm, skip in hidden:
        layers_.append((units, activation, dropout, norm, skip and units == before))
        before = units
    return tuple(layers_)


def build(values: Mapping[str, Any], samples: Samples, inputs: int) -> Sequential:
    """A new network with new weights."""
    initializer: Any = values["init"]
    if initializer in SPREADS:
        initializer = {"name": "random_normal", "stddev": SPREADS[initializer]}
    weights = {"kernel_initializer": initializer, "kernel_regularizer": penalty(values)}
    stack: list[Layer] = []
    for i, (units, activation, dropout, norm, skip) in enumerate(fitting(values["layers"], inputs)):
        stack += column(
            units,
            activation,
            normalization=NORMALIZATION if norm else None,
            dropout=dropout,
            skip=skip,
            name=f"hidden{i + 1}",
            **weights,
        )
    outputs, activation, loss = head_for(samples, values["loss"])
    stack += column(outputs, activation, name="output", **weights)
    model = Sequential(stack, seed=values["seed"], name="lab")
    metric = [] if samples.regression else ["accuracy"]
    model.build((inputs,))
    model.compile(optimizer(values, 1), loss, metrics=metric)  # built: it has its memories
    if not samples.regression:
        model.classes = np.arange(len(samples.classes))
    return model


# The names that columns give their layers: hidden2, hidden2_norm, hidden2_skip/hidden2, output.
LAYER = re.compile(r"(?:\w+_skip/)?(?P<kind>hidden|output)(?P<number>\d*)(?:_(?P<part>\w+))?")


def title(name: str | None) -> dict[str, str] | None:
    """Which layer of the page has this name; None: one of another network.

    >>> title("hidden2_skip/hidden2_norm")
    {'kind': 'hidden', 'number': '2', 'part': 'norm'}
    """
    match = LAYER.fullmatch(name or "")
    return None if match is None else match.groupdict("")


def penalty(values: Mapping[str, Any]) -> L1L2 | None:
    """L1 and L2 on the weights, or None."""
    regularizer = L1L2(values["l1"], values["l2"])
    return regularizer if regularizer.l1 or regularizer.l2 else None


def optimizer(values: Mapping[str, Any], steps_per_epoch: int) -> Optimizer:
    """The optimizer with its learning rate or schedule."""
    learning_rate = rate(values, steps_per_epoch)
    return optimizers.get({"name": values["optimizer"], "learning_rate": learning_rate})


def rate(values: Mapping[str, Any], steps_per_epoch: int) -> Any:
    """The learning rate: a number, or the config of a schedule."""
    if values["schedule"] == "constant":
        return float(values["learning_rate"])
    total = values["schedule_epochs"] * max(steps_per_epoch, 1)
    return schedules.by_name(values["schedule"], values["learning_rate"], total).get_config()


def blocks_of(model: Sequential) -> list[Block]:
    """The columns of units of a network that :func:`build` made."""
    blocks = []
    for i, layer in enumerate(model.layers):
        inside = layer.sublayers()
        skip = bool(inside)
        row: list[Any] = inside or model.layers[i:]
        dense, after = row[0], row[2:3]
        if dense.kind != "dense":
            continue
        last, activation = i, dense.activation.name
        if after and after[0].kind == "activation":
            last, activation = i if skip else i + 2, after[0].activation.name
        name = f"{layer.name}/{dense.name}" if skip else dense.name
        blocks.append(Block(name, dense, last, dense.units, activation, skip))
    return blocks


Origin = tuple[int, Sequence[int]] | None  # the old column, and for each unit the old one or -1


def carry(old: Sequential, new: Sequential, origins: Sequence[Origin]) -> None:
    """Give ``new`` the weights of ``old`` that still have a place.

    Args:
        origins: for each column of units, the inputs first: where it was before.

    A weight is kept when both of its ends were neighbours before; so are the optimizer's
    memories of it, if the optimizer is of the same kind.
    """
    if len(origins) != len(blocks_of(new)) + 1:
        raise ConfigError("carry: one origin is needed for the inputs and for each Dense.")
    same = type(old.optimizer) is type(new.optimizer)
    if same:
        new.optimizer.steps = old.optimizer.steps
        new.optimizer.scalars = dict(old.optimizer.scalars)
    old_blocks = blocks_of(old)
    for block, before, here in zip(blocks_of(new), origins[:-1], origins[1:], strict=True):
        if here is None or here[0] == 0:
            continue
        was = old_blocks[here[0] - 1]
        units = np.asarray(here[1])
        stays = np.flatnonzero(units >= 0)
        pairs: list[tuple[str, str, Any, Any]] = [
            (f"{block.name}/b", f"{was.name}/b", (stays,), (units[stays],))
        ]
        for part in ("gamma", "beta", "moving_mean", "moving_variance"):
            pair = (f"{block.name}_norm/{part}", f"{was.name}_norm/{part}")
            pairs.append((*pair, (stays,), (units[stays],)))
        if before is not None and before[0] == here[0] - 1:
            rows = np.asarray(before[1])
            left = np.flatnonzero(rows >= 0)
            pairs.append((f"{block.name}/W", f"{was.name}/W",
                          np.ix_(left, stays), np.ix_(rows[left], units[stays])))  # fmt: skip
        for name, old_name, to, source in pairs:
            _move(old, new, name, old_name, to, source, same)


def _move(
    old: Sequential, new: Sequential, name: str, old_name: str, to: Any, source: Any, state: bool
) -> None:
    mine, its = new.parameters, old.parameters
    if name not in mine.shapes or old_name not in its.shapes:
        return
    mine.view(name)[to] = its.view(old_name)[source]
    if state and name in mine.slices:
        for key, vector in new.optimizer.state.items():
            there = vector[mine.slices[name]].reshape(mine.shapes[name])
            here = old.optimizer.state[key][its.slices[old_name]].reshape(its.shapes[old_name])
            there[to] = here[source]
