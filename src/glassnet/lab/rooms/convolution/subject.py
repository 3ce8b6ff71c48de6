"""What the room looks into: a picture and the layers that it goes through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import Sequential, layers
from glassnet._core.types import Array
from glassnet.explain import Hooks, Record, StepRecorder
from glassnet.lab.rooms.convolution.pictures import drawn
from glassnet.lab.session.state import Session
from glassnet.layers import Layer
from glassnet.layers.windows import Windows


@dataclass(frozen=True, eq=False)
class Subject:
    """A network and a picture.

    Attributes:
        picture: (side, side) from 0 to 1; ``ground``: what it was drawn on, ``about`` that.
        x: the picture as the network reads it, one sample.
        key: changes with the layers, not with the picture and the weights.
    """

    model: Sequential
    picture: Array
    ground: Array | None
    about: dict[str, Any]
    x: Array
    key: tuple[Any, ...]

    def shown(self) -> list[Layer]:
        """The layers that compute something in a prediction."""
        return [layer for layer in self.model.layers if computes(layer)]

    def outputs(self) -> Iterator[tuple[Layer, Array]]:
        """The shown layers, and what each gives for the picture."""
        y: Array = self.model.take_input(self.x)
        with np.errstate(all="ignore"):
            for layer in self.model.layers:
                y = layer.forward(y)
                if computes(layer):
                    yield layer, y[0]

    def records(self) -> dict[str, Record]:
        """Everything that passes through a copy of the layers, forward."""
        twin = self.model.copy()
        recorder = StepRecorder(twin, Hooks())
        y: Array = twin.take_input(self.x)
        with np.errstate(all="ignore"):
            for layer in twin.layers:
                y = layer.forward(y)
        for record in recorder.records:
            record.keep(**{name: getattr(record.layer, name) for name in record.parameters})
        return {record.name: record for record in recorder.records}


def computes(layer: Layer) -> bool:
    """Whether a layer changes numbers in a prediction: others are not drawn."""
    return not (layer.changes_scale_or_shape_only or layer.random_in_training)


def by_hand(session: Session) -> Subject:
    """One kernel, set number by number, and what stands behind it."""
    picture, ground, about = drawn(session, None)
    model = hand_model(session, len(picture))
    x = picture[None, :, :, None].astype(np.float32)
    key = ("hand", *((layer.kind, layer.output_shape) for layer in model.layers))
    return Subject(model, picture, ground, about, x, key)


def hand_model(
    session: Session, side: int, dtype: str = "float32", kernel: Array | None = None
) -> Sequential:
    """Conv2D with the kernel of the fields, ReLU and pooling where they are wanted.

    ``kernel``: another one of the same size in its place, without a bias.
    """
    values = session.values
    bias = values["conv_bias"] if kernel is None else 0.0
    kernel = np.array(values["conv_kernel"]) if kernel is None else kernel
    size = min(len(kernel), side)
    kernel = kernel[:size, :size]
    stack: list[Layer] = [
        layers.Conv2D(1, size, values["conv_stride"], values["conv_padding"], name="convolution")
    ]
    if values["conv_relu"]:
        stack.append(layers.Activation("relu", name="relu"))
    out = outputs_along(side, size, values["conv_stride"], values["conv_padding"])
    pool = min(values["conv_pool_size"], out)
    if values["conv_pooling"] == "max":
        stack.append(layers.MaxPooling2D(pool, name="pooling"))
    elif values["conv_pooling"] == "average":
        stack.append(layers.AveragePooling2D(pool, name="pooling"))
    model = Sequential([*stack, layers.Flatten(name="row")], dtype=dtype, name="hand")
    optimizer = {"name": "sgd", "learning_rate": values["conv_back_rate"]}
    model.compile(optimizer, "mean_squared_error")
    model.build((side, side, 1))
    first: Any = model.layers[0]
    first.W[...] = kernel[:, :, None, None]
    first.b[...] = bias
    return model


def outputs_along(side: int, size: int, stride: int, padding: str) -> int:
    """How many places a window has along an axis."""
    return Windows(side, size, stride, same=padding == "same").count
