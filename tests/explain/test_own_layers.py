"""A layer of one's own is explained: by defaults, or by what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from glassnet import Sequential, initializers, layers, register
from glassnet._core.formula import slope
from glassnet._core.parameters import Weight
from glassnet.explain import LayerEquations, explain_step
from glassnet.layers.equations import Derive

Array = NDArray[Any]


@register
class Scale(layers.Layer):
    """y = a·x, one factor for each feature."""

    kind: ClassVar[str] = "test_scale"
    a: Array
    da: Array

    def weights(self) -> list[Weight]:
        assert self.input_shape is not None
        return [Weight("a", self.input_shape, initializers.get("ones"))]

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x
        return self.a * x

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        self.da[...] = (dy * self.x).sum(axis=0)
        return self.a * dy


class ScaleEquations(LayerEquations):
    """What Scale says of itself."""

    gradients: ClassVar = {"a": ("∂L/∂a = Σᵢ ∂L/∂yᵢ·xᵢ", r"\sum_i x_i")}

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "da": self._da}

    def _y(self, index: Any, value: float) -> Any:
        terms = [(self.weight("a", index[1:]), self.flow("x", "x", index))]
        return self.sum(self.flowing("y", index), terms, value)

    def _da(self, index: Any, value: float) -> Any:
        places = [(s, *index) for s in range(self.samples)]
        terms = [(self.flow("x", "x", place), self.back("dy", "y", place)) for place in places]
        return self.sum(slope(self.parameter("a", index)), terms, value)


@register
class SpokenScale(Scale):
    """Scale with equations."""

    kind: ClassVar[str] = "test_spoken_scale"
    equations = ScaleEquations


@register
class Doubled(layers.Dense):
    """A Dense with a forward of its own: what is said of Dense does not hold for it."""

    kind: ClassVar[str] = "test_doubled"

    def forward(self, x: Array, training: bool = False) -> Array:
        return 2 * super().forward(x, training)

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        return super().backward(2 * dy, need_dx)


@register
class Named(layers.Dense):
    """A Dense under another name."""

    kind: ClassVar[str] = "test_named"


def explained(layer: layers.Layer) -> Any:
    model = Sequential(
        [layers.Dense(2, "tanh"), layer, layers.Dense(2, "softmax")], seed=0, dtype="float64"
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.build(2)
    return explain_step(model, [[0.5, -1.0], [2.0, 0.3]], [0, 1])


def test_a_layer_that_says_nothing_has_its_arrays_and_its_checks() -> None:
    step = explained(Scale(name="scale"))
    own = step.layer("scale")
    assert [name for name in ("x", "dy", "y", "dx", "a", "da", "a_new") if name not in own] == []
    np.testing.assert_array_equal(own["y"], own["a"] * own["x"])
    assert step.ok and {c.parameter: c.verdict for c in step.checks}["scale/a"] == "ok"
    y = step.value("scale", "y", (1, 0))
    assert y.formula == "y = layer.forward(x)" and y.with_numbers.startswith("y₂₁ = ")
    assert step.value("scale", "x", (1, 0)).formula == "x₁⁽²⁾ = y₁⁽²⁾ (dense)"
    a = step.value("scale", "da", (1,))
    assert (a.name, a.formula, a.verdict) == ("∂L/∂a₂", "∂L/∂a", "ok")
    assert [link.quantity for link in a.chain if link.layer == "scale"] == ["da", "da"]
    assert "w′" in step.value("scale", "a_new", (1,)).formula
    assert str(step) and step.to_html() and step.to_latex() and step.to_json()


def test_a_layer_says_its_own_equations() -> None:
    step = explained(SpokenScale(name="scale"))
    y = step.value("scale", "y", (1, 0))
    assert y.formula == "y₁⁽²⁾ = a₁·x₁⁽²⁾"
    assert y.inputs == (("scale", "a", (0,)), ("scale", "x", (1, 0)))
    a = step.value("scale", "da", (1,))
    assert a.formula == "∂L/∂a₂ = x₂⁽¹⁾·∂L/∂y₂⁽¹⁾ + x₂⁽²⁾·∂L/∂y₂⁽²⁾" and a.verdict == "ok"
    assert step.layer("scale").quantities["da"].formula == "∂L/∂a = Σᵢ ∂L/∂yᵢ·xᵢ"


def test_a_subclass_is_spoken_for_by_its_base_unless_its_forward_is_its_own() -> None:
    named = explained(Named(2, "relu", name="own"))
    assert named.value("own", "z", (0, 0)).formula == "z₁⁽¹⁾ = x₁⁽¹⁾·w₁₁ + x₂⁽¹⁾·w₂₁ + b₁"
    doubled = explained(Doubled(2, "tanh", name="own"))
    assert doubled.value("own", "y", (0, 0)).formula == "y = layer.forward(x)"
    assert {c.parameter: c.verdict for c in doubled.checks}["own/W"] == "ok"
