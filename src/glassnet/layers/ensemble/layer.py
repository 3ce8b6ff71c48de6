"""Several networks as one layer: the weighted sum of their outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers.base import Layer, Shape
from glassnet.layers.block import Block, Holder
from glassnet.layers.ensemble.kernels import add_weighted
from glassnet.layers.naming import LayerList
from glassnet.layers.walk import lowest_that_learns

if TYPE_CHECKING:
    from glassnet.activations import Activation


class Member(Block):
    """One network of an :class:`Ensemble`: layers one after the other."""

    kind: ClassVar[str] = "member"

    @property
    def output_function(self) -> Activation | None:
        return self.layers[-1].output_function

    @property
    def width(self) -> int | None:
        return self.layers[-1].width

    def output_for(self, input_shape: Shape) -> Shape:
        return self.end_of(input_shape)

    def forward(self, x: Array, training: bool = False) -> Array:
        return self.through(self.take_input(x), training)

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        lowest = 0 if need_dx else lowest_that_learns(self.layers)
        for i in range(len(self.layers) - 1, lowest - 1, -1):
            dx = self.layers[i].backward(dy, need_dx or i > lowest)
            if dx is None:
                return None
            dy = dx
        return dy if need_dx else None


class Ensemble(Holder):
    """y = Σ w_k·member_k(x): networks side by side, from one input to one output.

    The mean of networks that were trained apart is nearer to the truth than one of them: what
    they do not agree on falls away.  Of members that end in softmax the mean of their
    probabilities is taken, not that of their logits.  dL/dx = Σ w_k·member_k.backward(dL/dy).

    Shapes: x of any shape, y of the shape of each member's output.

    Args:
        members: for each a list of layers.
        weights: w_k, for each a number; None: 1/k for each of k.  They are not trained.

    Raises:
        ConfigError: no members, no layers in one, or not one weight for each.
        ShapeError: members whose outputs differ in shape.

    >>> from glassnet.layers import Dense
    >>> total = Dense(1, kernel_initializer="ones")
    >>> always_1 = Dense(1, kernel_initializer="zeros", bias_initializer="ones")
    >>> Ensemble([[total], [always_1]], weights=[0.75, 0.25])([[1.0, 3.0]])
    array([[3.25]])
    """

    kind: ClassVar[str] = "ensemble"
    wiring = "parallel"

    def __init__(
        self,
        members: Sequence[Sequence[Layer]],
        weights: Sequence[float] | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name, trainable)
        self.members = LayerList(_members(members))
        # ``weights()`` says which arrays a layer needs
        self.member_weights = _checked_weights(weights, len(self.members))

    def sublayers(self) -> list[Layer]:
        return self.members

    @property
    def output_function(self) -> Activation | None:
        """Of members that all end in one function, it: what the outputs are means of."""
        weights = self.member_weights
        functions = [member.output_function for member in self.members]
        mean = min(weights) >= 0 and abs(sum(weights) - 1) < 1e-6
        same = all(f == functions[0] for f in functions)
        return functions[0] if mean and same else None

    @property
    def width(self) -> int | None:
        return self.members[0].width

    def output_for(self, input_shape: Shape) -> Shape:
        shapes = []
        for member in self.members:
            member.setup(input_shape)
            assert member.output_shape is not None
            shapes.append(member.output_shape)
        for place, shape in enumerate(shapes):
            if shape != shapes[0]:
                raise ShapeError(
                    f"{self.title}: member 0 gives outputs of shape {shapes[0]}, member {place} of "
                    f"{shape}, but they are added. Let their last layers give one shape."
                )
        return shapes[0]

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        assert self.output_shape is not None
        out = self.work.array("sum", (len(x), *self.output_shape), x.dtype)
        for place, (member, weight) in enumerate(zip(self.members, self.member_weights)):
            y = np.ascontiguousarray(member.forward(x, training))
            add_weighted(y, weight, out, place == 0)
        return out

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        dy = self.take_gradient(dy)
        own = self.work.array("dy", dy.shape, dy.dtype)  # a member may write over it
        total: Array | None = None
        for member, weight in zip(self.members, self.member_weights):
            np.multiply(dy, dy.dtype.type(weight), out=own)
            dx = member.backward(own, need_dx)
            if dx is None:
                continue
            if total is None:
                total = self.work.array("dx", dx.shape, dx.dtype)
                np.copyto(total, dx)
            else:
                total += dx
        return total

    def config(self) -> dict[str, Any]:
        members = [[layer.get_config() for layer in member.sublayers()] for member in self.members]
        return {"members": members, "weights": list(self.member_weights)}

    def _settings(self) -> dict[str, Any]:
        return super()._settings() | {"weights": self.member_weights}

    def _set_weights(self, weights: Sequence[float] | None) -> None:
        """``ensemble.weights = …``, whose name the arrays of the layer have."""
        self._set_member_weights(weights)

    def _set_member_weights(self, weights: Sequence[float] | None) -> None:
        checked = _checked_weights(weights, len(self.members))
        self.__dict__["member_weights"] = checked
        self._has_changed("weights")


def _members(members: Any) -> list[Member]:
    try:
        found = list(members)
    except TypeError:
        found = []
    if not found:
        raise ConfigError(
            f"Ensemble: members is {members!r}, but must be a list with the layers of each member: "
            "Ensemble([[Dense(3)], [Dense(3)]])."
        )
    made = []
    for place, layers in enumerate(found):
        if isinstance(layers, Layer) and not isinstance(layers, Member):
            raise ConfigError(
                f"Ensemble: member {place} is the layer {layers!r}, but must be a list of layers, "
                "if only of this one."
            )
        made.append(layers if isinstance(layers, Member) else Member(layers, f"member_{place}"))
    return made


def _checked_weights(weights: Any, count: int) -> tuple[float, ...]:
    if weights is None:
        return (1 / count,) * count
    try:
        found = tuple(number("Ensemble", "a weight", value) for value in weights)
    except TypeError:
        found = ()
    if len(found) != count:
        raise ConfigError(
            f"Ensemble: weights is {weights!r}, but must be a list with a number for each of the "
            f"{count} members."
        )
    return found
