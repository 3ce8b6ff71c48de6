"""The chain rule from the loss down to one number, factor by factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from glassnet.explain.data import LayerStep, Link
from glassnet.layers import Activation, Dense

if TYPE_CHECKING:
    from glassnet.explain.explanation import StepExplanation

Array = NDArray[Any]

LARGEST = 256  # numbers of one factor; a larger one is None


def chain_to(
    explanation: StepExplanation, step: LayerStep, quantity: str, place: tuple[int, ...],
    sample: int,
) -> tuple[Link, ...]:  # fmt: skip
    """The factors from the loss to a derivative, for one sample; empty for what is none."""
    parameter = quantity[1:] if quantity[1:] in step.parameters else None
    if quantity[:1] != "d" or (quantity not in ("dx", "dy", "dz") and parameter is None):
        return ()
    s = sample if parameter else place[0]
    loss = explanation.loss
    letter = "z" if loss.fused else "y"
    local = f"∂L/∂{letter} of the loss"
    if loss.fused:
        local = "∂L/∂p·∂p/∂z = the gradient of the loss on logits"
    links = [Link("loss", "gradient", f"∂L/∂{letter}", local, None, _few(loss["gradient"][s]))]
    for above in _passed(explanation, step):
        links += _through(above, s)
    links += _end(step, quantity, place, s)
    if parameter is None:
        return tuple(links)
    if explanation.samples > 1:
        total = step[f"{quantity}_loss" if f"{quantity}_loss" in step.quantities else quantity]
        words = f"the sum over all {explanation.samples} samples"
        symbol = step.quantities[quantity].symbol
        links.append(Link(step.name, quantity, symbol, words, None, float(total[place])))
    penalty = f"{quantity}_penalty"
    if penalty in step.quantities:
        added, symbol = float(step[penalty][place]), step.quantities[quantity].symbol
        value = float(step[quantity][place])
        links.append(Link(step.name, quantity, symbol, "+ ∂penalty/∂w", added, value))
    return tuple(links)


def _passed(explanation: StepExplanation, step: LayerStep) -> list[LayerStep]:
    """The layers that the gradient has passed before it comes to ``step``, in that order."""
    outer: list[list[LayerStep]] = []
    current = step
    while True:
        row = [other for other in explanation.layers if other.inside == current.inside]
        i = [other.name for other in row].index(current.name)
        outer.append(row[:i:-1])
        if current.inside is None:
            break
        current = explanation.layer(current.inside)
    return [layer for row in reversed(outer) for layer in row]


def _through(step: LayerStep, s: int) -> list[Link]:
    """A layer that the gradient passes whole."""
    links = []
    layer, name = step.layer, step.name
    if isinstance(layer, (Dense, Activation)) and "dy" in step.quantities:
        links.append(_by_function(step, s))
    if isinstance(layer, Dense):
        links.append(Link(name, "dx", "∂L/∂x", "∂z/∂x = W", _few(step["W"]), _few(step["dx"][s])))
    elif not isinstance(layer, Activation) and "dx" in step.quantities:
        local = step.quantities["dx"].formula
        links.append(Link(name, "dx", "∂L/∂x", local, None, _few(step["dx"][s])))
    return links


def _by_function(step: LayerStep, s: int, at: tuple[int, ...] | None = None) -> Link:
    layer = step.layer
    assert isinstance(layer, (Dense, Activation))
    f, z = layer.activation, step["z"][s]
    if not f.elementwise:
        local = _few(f.jacobian(z))
        return Link(step.name, "dz", "∂L/∂z", "∂y/∂z", local, _few(step["dz"][s]))
    slopes = np.asarray(f.derivative(z))
    if at is None:
        return Link(step.name, "dz", "∂L/∂z", "f'(z)", _few(slopes), _few(step["dz"][s]))
    return Link(step.name, "dz", "∂L/∂z", "f'(z)", float(slopes[at]), float(step["dz"][(s, *at)]))


def _end(step: LayerStep, quantity: str, place: tuple[int, ...], s: int) -> list[Link]:
    """The last factors, narrowed down to the number that was asked for."""
    links: list[Link] = []
    layer, name = step.layer, step.name
    if quantity == "dy":
        return [Link(name, "dy", "∂L/∂y", "of this unit", None, float(step["dy"][place]))]
    if isinstance(layer, (Dense, Activation)):
        unit: tuple[int, ...] | None = None
        if quantity in ("dW", "db"):
            unit = place[-1:]
        elif quantity == "dz" or isinstance(layer, Activation):
            unit = place[1:]
        if "dy" in step.quantities:
            links.append(_by_function(step, s, unit))
        elif unit is not None:
            value = float(step["dz"][(s, *unit)])
            links.append(Link(name, "dz", "∂L/∂z", "of this unit", None, value))
    if quantity == "dW" and isinstance(layer, Dense):
        x = float(step["x"][s, place[0]])
        links.append(Link(name, "dW", "∂L/∂w", "∂z/∂w = x", x, x * float(step["dz"][s, place[1]])))
    elif quantity == "db" and isinstance(layer, Dense):
        links.append(Link(name, "db", "∂L/∂b", "∂z/∂b = 1", 1.0, float(step["dz"][s, place[0]])))
    elif quantity == "dx" and isinstance(layer, Dense):
        row = _few(step["W"][place[1]])
        links.append(Link(name, "dx", "∂L/∂x", "∂z/∂x = w", row, float(step["dx"][place])))
    elif quantity not in ("dz",) and not isinstance(layer, (Dense, Activation)):
        q = step.quantities[quantity]
        links.append(Link(name, quantity, q.symbol, q.formula, None, float(q.value[place])))
    return links


def _few(array: Array) -> Any:
    return array.tolist() if array.size <= LARGEST else None
