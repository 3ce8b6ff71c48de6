"""Watching a model make one step: every array that passes through its layers is kept.

Nothing is computed here a second time.  The methods of the layers of one model (a copy that
nobody else holds) are wrapped, the model makes its ordinary training step, and the wrappers
keep what went in and what came out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.layers import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Layer,
    LayerNormalization,
    Residual,
)
from glassnet.layers.normalization.kernels import batch_moments
from glassnet.model import Sequential

Array = NDArray[Any]


@dataclass
class Record:
    """What went through one layer; arrays by name: x, z, y, dy, dz, dx, and the kind's own."""

    name: str
    layer: Layer
    inside: str | None
    arrays: dict[str, Array] = field(default_factory=dict)
    fused: bool = False
    of_batch: bool = False  # a batch normalization that used the batch's own mean

    def keep(self, name: str, array: Array | None) -> None:
        if array is not None:
            self.arrays[name] = np.array(array)


class Hooks:
    """Where a classic mistake can reach into the step; these do nothing."""

    def before_backward(self, watch: Watch) -> None:
        """After the loss, before the gradient flows."""

    def loss_gradient(self, watch: Watch, gradient: Array) -> Array:
        """What the last layer gets."""
        return gradient

    def layer_gradients(self, watch: Watch, record: Record) -> None:
        """After a Dense wrote dW and db."""

    def weights_for_dx(self, watch: Watch, record: Record) -> Array | None:
        """The W that dx = dL/dz·Wᵀ is computed with; None: the right one."""
        return None

    def residual_dx(self, record: Record, inside: Sequence[Record], dx: Array) -> Array:
        """What a block passes on; ``inside`` are its layers."""
        return dx

    def all_gradients(self, watch: Watch) -> None:
        """After all are written, before the optimizer reads them."""

    def after_update(self, watch: Watch) -> None:
        """After the optimizer's step."""


def walk(layers: Sequence[Layer], prefix: str = "") -> Iterator[tuple[str, Layer, str | None]]:
    """(name, layer, block it lies in) of every layer, a block before what it holds."""
    for layer in layers:
        yield f"{prefix}{layer.name}", layer, prefix.rstrip("/") or None
        yield from walk(layer.sublayers(), f"{prefix}{layer.name}/")


class Watch:
    """The records of one model, filled while it makes a step."""

    def __init__(self, model: Sequential, hooks: Hooks) -> None:
        self.model, self.hooks = model, hooks
        self.records = [Record(*entry) for entry in walk(model.layers)]
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
        penalise = layer.add_penalty_gradient

        def watched_forward(x: Array, training: bool = False) -> Array:
            record.keep("x", x)
            if isinstance(layer, Dense):
                record.keep("z", forward_logits(x, training))
            elif isinstance(layer, Activation):
                record.keep("z", x)
            y = forward(x, training)
            record.keep("y", y)
            _keep_own(record)
            return y

        def watched_backward(dy: Array, need_dx: bool = True) -> Array | None:
            dy = self._gradient_from_loss(dy)
            record.keep("dy", dy)
            dx = backward(dy, True)
            if isinstance(layer, Residual) and dx is not None:
                dx = self.hooks.residual_dx(record, self._inside(record), dx)
            record.keep("dx", dx)
            if isinstance(layer, Activation):
                record.keep("dz", dx)
            return dx

        def watched_penalty() -> None:
            for name in _trained(layer):
                self.loss_part[f"{record.name}/{name}"] = np.array(getattr(layer, f"d{name}"))
            penalise()

        if isinstance(layer, (Dense, Activation)):
            forward_logits, backward_logits = layer.forward_logits, layer.backward_logits

            def watched_logits(x: Array, training: bool = False) -> Array:
                record.fused = True
                record.keep("x", x)
                z = forward_logits(x, training)
                record.keep("z", z)
                record.keep("y", layer.activation.forward(z))
                return z

            def watched_backward_logits(dz: Array, need_dx: bool = True) -> Array | None:
                dz = self._gradient_from_loss(dz)
                record.keep("dz", dz)
                dx = backward_logits(dz, True)
                self.hooks.layer_gradients(self, record)
                if isinstance(layer, Dense):
                    changed = self.hooks.weights_for_dx(self, record)
                    if changed is not None:
                        dx = np.matmul(dz, changed.T)
                record.keep("dx", dx)
                return dx

            _replace(layer, "forward_logits", watched_logits)
            _replace(layer, "backward_logits", watched_backward_logits)
        _replace(layer, "forward", watched_forward)
        _replace(layer, "backward", watched_backward)
        _replace(layer, "add_penalty_gradient", watched_penalty)

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

        def watched_step(values: Array, gradients: Array, runs: Any = None) -> None:
            self.hooks.all_gradients(self)
            self.before = {"values": values.copy(), "gradients": gradients.copy()}
            self.before |= {f"state/{k}": v.copy() for k, v in optimizer.state.items()}
            self.learning_rate = float(optimizer.current_learning_rate)
            self.penalty = sum(layer.penalty() for layer in self.model.layers)
            if optimizer.clipping.active:
                self.before["clipped"] = optimizer.clipping(gradients, runs).copy()
            step(values, gradients, runs)
            self.hooks.after_update(self)

        _replace(optimizer, "step", watched_step)

    @property
    def last(self) -> Record:
        """The record of the network's last layer."""
        return [record for record in self.records if record.inside is None][-1]

    def _inside(self, block: Record) -> list[Record]:
        return [record for record in self.records if record.inside == block.name]

    def finish_backward(self) -> None:
        """Carry the gradient on to the input, below the lowest layer that learns.

        Training stops there, because nobody reads it; here it is read.
        """
        top = {id(layer) for layer in self.model.layers}
        mine = [r for r in self.records if id(r.layer) in top]
        for above, record in zip(mine[:0:-1], mine[-2::-1]):
            if "dy" not in record.arrays and "dz" not in record.arrays:
                record.layer.backward(above.arrays["dx"])


def _keep_own(record: Record) -> None:
    """What a layer kept for its backward pass, by name."""
    layer = record.layer
    if isinstance(layer, Dropout) and layer.saved is not None:
        record.keep("mask", (layer.saved.u >= layer.threshold).astype(layer.dtype))
    elif isinstance(layer, BatchNormalization) and layer.saved is not None:
        normalised, inverse, record.of_batch = layer.saved
        mean, variance = np.empty_like(inverse), np.empty_like(inverse)
        if record.of_batch:
            batch_moments(layer.rows(layer.take_input(record.arrays["x"])), mean, variance)
        else:
            mean[...], variance[...] = layer.moving_mean, layer.moving_variance
        for name, array in (("mean", mean), ("variance", variance), ("normalised", normalised)):
            record.keep(name, array)
    elif isinstance(layer, LayerNormalization) and layer.saved is not None:
        record.keep("normalised", layer.saved.normalised)
        record.keep("inverse", layer.saved.inverse)


def _trained(layer: Layer) -> list[str]:
    """The names of the parameters of a layer itself, not of those inside it."""
    if layer.sublayers() or layer.input_shape is None:
        return []
    return [weight.name for weight in layer.weights() if weight.trained]


def _replace(thing: object, method: str, function: Callable[..., Any]) -> None:
    """Put ``function`` in the place of a method of this one object."""
    vars(thing)[method] = function
