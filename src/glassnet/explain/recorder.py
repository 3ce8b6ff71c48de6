"""Records every array that passes through the layers of a model while it makes one step.

Nothing is computed here a second time.  The methods of the layers of one model (a copy that
nobody else holds) are wrapped, the model makes its ordinary training step, and the wrappers
keep what went in and what came out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.layers import Layer, walk
from glassnet.layers.equations import LayerEquations, equations_of
from glassnet.model import Sequential


@dataclass
class Record:
    """What went through one layer; arrays by name: x, z, y, dy, dz, dx, and the kind's own."""

    name: str
    layer: Layer
    inside: str | None
    arrays: dict[str, Array] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    def keep(self, **arrays: Array | None) -> None:
        """Copy the arrays under their names."""
        self.arrays |= {name: np.array(a) for name, a in arrays.items() if a is not None}

    @property
    def equations(self) -> LayerEquations:
        """Who speaks for this kind of layer."""
        return equations_of(self)

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters of the layer itself, not of those inside it."""
        return trained_names(self.layer)


def trained_names(layer: Layer) -> list[str]:
    """The names of the parameters of a layer itself that training changes."""
    if layer.sublayers() or layer.input_shape is None:
        return []
    return [weight.name for weight in layer.weights() if weight.trained]


class Hooks:
    """Where a classic mistake can reach into the step; these do nothing."""

    def before_backward(self, recorder: StepRecorder) -> None:
        """After the loss, before the gradient flows."""

    def loss_gradient(self, recorder: StepRecorder, gradient: Array) -> Array:
        """What the last layer gets."""
        return gradient

    def layer_gradients(self, recorder: StepRecorder, record: Record) -> None:
        """After a layer wrote its gradients from dL/dz."""

    def passed_on(self, recorder: StepRecorder, record: Record, dx: Array) -> Array:
        """What a layer gives to the one below."""
        return dx

    def all_gradients(self, recorder: StepRecorder) -> None:
        """After all are written, before the optimizer reads them."""

    def after_update(self, recorder: StepRecorder) -> None:
        """After the optimizer's step."""


class StepRecorder:
    """The records of one model, filled while it makes a step."""

    def __init__(self, model: Sequential, hooks: Hooks) -> None:
        self.model, self.hooks = model, hooks
        self.records = [
            Record(path, layer, path.rpartition("/")[0] or None)
            for path, layer in walk(model.layers)
        ]
        self.loss_part: dict[str, Array] = {}  # dL/dW before the penalties are added
        self.before: dict[str, Array] = {}  # values and optimizer state before the update
        self.learning_rate = self.penalty = 0.0
        self._first_gradient = True
        for record in self.records:
            self._wrap(record)
        self._wrap_optimizer()

    def _wrap(self, record: Record) -> None:
        layer = record.layer
        forward, backward = layer.forward, layer.backward
        forward_logits, backward_logits = layer.forward_logits, layer.backward_logits
        add_penalty_gradient, function = layer.add_penalty_gradient, layer.function

        def recorded_forward(x: Array, training: bool = False) -> Array:
            record.keep(x=x, z=None if function is None else forward_logits(x, training))
            y = forward(x, training)
            record.keep(y=y)
            record.keep(**record.equations.kept())
            return y

        def recorded_backward(dy: Array, need_dx: bool = True) -> Array | None:
            dy = self._gradient_from_loss(dy)
            record.keep(dy=dy)
            dx = backward(dy, True)
            if dx is not None and function is None:
                dx = self.hooks.passed_on(self, record, dx)
            record.keep(dx=dx)
            record.keep(**record.equations.backward_kept())
            return dx

        def recorded_logits(x: Array, training: bool = False) -> Array:
            assert function is not None
            z = forward_logits(x, training)
            record.keep(x=x, z=z, y=function.forward(z))
            return z

        def recorded_dz(dz: Array, need_dx: bool = True) -> Array | None:
            dz = self._gradient_from_loss(dz)
            record.keep(dz=dz)
            dx = backward_logits(dz, True)
            self.hooks.layer_gradients(self, record)
            dx = None if dx is None else self.hooks.passed_on(self, record, dx)
            record.keep(dx=dx)
            return dx

        def recorded_penalty() -> None:
            for name in record.parameters:
                self.loss_part[f"{record.name}/{name}"] = np.array(getattr(layer, f"d{name}"))
            add_penalty_gradient()

        _replace(layer, "forward", recorded_forward)
        _replace(layer, "backward", recorded_backward)
        _replace(layer, "add_penalty_gradient", recorded_penalty)
        if function is not None:
            _replace(layer, "forward_logits", recorded_logits)
            _replace(layer, "backward_logits", recorded_dz)

    def _gradient_from_loss(self, gradient: Array) -> Array:
        """The first gradient that any layer gets comes from the loss."""
        if not self._first_gradient:
            return gradient
        self._first_gradient = False
        self.hooks.before_backward(self)
        return self.hooks.loss_gradient(self, gradient)

    def _wrap_optimizer(self) -> None:
        optimizer = self.model.optimizer
        step = optimizer.step

        def recorded_step(values: Array, gradients: Array, runs: Any = None) -> None:
            self.hooks.all_gradients(self)
            self.before = {"values": values.copy(), "gradients": gradients.copy()}
            self.before |= {f"state/{k}": v.copy() for k, v in optimizer.state.items()}
            self.learning_rate = float(optimizer.current_learning_rate)
            self.penalty = self.model.penalty()
            if optimizer.clipping.active:
                self.before["clipped"] = optimizer.clipping(gradients, runs).copy()
            step(values, gradients, runs)
            self.hooks.after_update(self)

        _replace(optimizer, "step", recorded_step)

    @property
    def last(self) -> Record:
        """The record of the network's last layer."""
        return self.inside(None)[-1]

    def inside(self, block: Record | None) -> list[Record]:
        """The records of the layers in a block, or in the network itself."""
        name = None if block is None else block.name
        return [record for record in self.records if record.inside == name]

    def finish_backward(self) -> None:
        """Carry the gradient on to the input, below the lowest layer that learns.

        Training stops there, because nobody reads it; here it is read.
        """
        row = self.inside(None)
        for above, record in zip(row[:0:-1], row[-2::-1]):
            if "dy" not in record and "dz" not in record:
                record.layer.backward(above["dx"])


def _replace(thing: object, method: str, function: Callable[..., Any]) -> None:
    """Put ``function`` in the place of a method of this one object."""
    vars(thing)[method] = function
