"""What moves in the room: the picture, and what every layer gives for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.lab.frames import STATUS, signed_bytes
from glassnet.lab.rooms.convolution.subject import Subject
from glassnet.lab.session.state import Session
from glassnet.lab.session.trainer import Trainer
from glassnet.layers import Layer

MOST_MAPS = 64  # channels of a layer that are drawn
MOST_UNITS = 256  # units of a row


def layout(subject: Subject) -> list[dict[str, Any]]:
    """The layers as they lie in a frame: ``shape`` (channels, rows, columns) or (units,).

    ``channels`` or ``units`` says how many there are, of which the first are drawn.
    """
    found, first = [], 0
    for layer in subject.shown():
        shape = drawn_shape(layer)
        whole = layer.output_shape or ()
        function: Any = layer.function
        found.append({
            "name": layer.name, "kind": layer.kind, "shape": list(shape), "first": first,
            "count": int(whole[-1]), "parameters": sum(w.size for w in _own(layer)),
            "activation": None if function is None else function.name,
            "windows": [[axis.size, axis.stride, list(axis.padding)]
                        for axis in getattr(layer, "windows", ())],
        })  # fmt: skip
        first += int(np.prod(shape))
    return found


def _own(layer: Layer) -> list[Array]:
    return [getattr(layer, weight.name) for weight in layer.weights() if weight.trained]


def drawn_shape(layer: Layer) -> tuple[int, ...]:
    """Of maps (channels, rows, columns), of a row (units,): as many as are drawn."""
    whole = layer.output_shape or ()
    if len(whole) == 3:
        return (min(whole[2], MOST_MAPS), *whole[:2])
    return (min(int(np.prod(whole)), MOST_UNITS),)


def outputs(subject: Subject) -> tuple[Array, Array]:
    """What the shown layers give, one after the other, and the largest of each."""
    parts, scales = [], []
    for layer, y in subject.outputs():
        shape = drawn_shape(layer)
        if len(shape) == 3:
            y = np.moveaxis(y[..., : shape[0]], -1, 0)
        flat = y.ravel()[: int(np.prod(shape))]
        known = np.abs(flat[np.isfinite(flat)])
        parts.append(flat)
        scales.append(float(known.max()) if known.size else 0.0)
    return np.concatenate(parts, dtype=np.float32), np.array(scales, np.float32)


def as_bytes(subject: Subject, numbers: Array, scales: Array) -> Array:
    """The numbers on the scale of their layer."""
    sizes = [int(np.prod(drawn_shape(layer))) for layer in subject.shown()]
    spread = np.repeat(np.where(scales > 0, scales, 1.0), sizes)
    return signed_bytes(numbers, spread)


def kernels(subject: Subject) -> Array:
    """The kernels of the first convolution, summed over its channels, on one scale."""
    for layer in subject.shown():
        W = getattr(layer, "W", None)
        if W is not None and W.ndim == 4:
            each = np.moveaxis(W[..., :MOST_MAPS].sum(axis=2), -1, 0)
            return signed_bytes(each, float(np.abs(each).max()) or 1.0)
    return np.zeros((0, 1, 1), np.uint8)


def status(session: Session, trainer: Trainer | None, version: int) -> Array:
    """Where the training of the room's network stands; of a kernel by hand there is none."""
    known = dict.fromkeys(STATUS, float("nan")) | {"playing": 0.0, "version": float(version)}
    if trainer is not None:
        model = trainer.model
        known |= trainer.measured | {
            "epoch": trainer.epoch, "batch": trainer.batch, "steps": model.optimizer.steps,
            "batch_loss": trainer.loss, "epoch_seconds": trainer.seconds,
            "learning_rate": model.optimizer.current_learning_rate,
            "playing": float(session.engine.training is trainer),
        }  # fmt: skip
    return np.array([known[name] for name in STATUS], np.float64)
