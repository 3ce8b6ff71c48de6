"""The chain rule from the loss down to one number, factor by factor."""

from __future__ import annotations

from glassnet._core.formula import Index
from glassnet.explain.data import LayerStep
from glassnet.explain.equations import speaker
from glassnet.explain.trace import StepTrace
from glassnet.layers.equations import Link, few


def chain_to(
    trace: StepTrace, step: LayerStep, quantity: str, place: Index, sample: int
) -> tuple[Link, ...]:
    """The factors from the loss to a derivative, for one sample; empty for what is none."""
    parameter = quantity[1:] if quantity[1:] in step.parameters else None
    if quantity[:1] != "d" or (quantity not in ("dx", "dy", "dz") and parameter is None):
        return ()
    s = sample if parameter else place[0]
    letter = "z" if trace.loss.fused else "y"
    local = f"∂L/∂{letter} of the loss"
    if trace.loss.fused:
        local = "∂L/∂p·∂p/∂z = the gradient of the loss on logits"
    gradient = few(trace.loss["gradient"][s])
    links = [Link("loss", "gradient", f"∂L/∂{letter}", local, None, gradient)]
    links += _way(trace, step, s)
    value = float(step[quantity][place])
    if quantity == "dy":
        return (*links, Link(step.name, "dy", "∂L/∂y", "of this unit", None, value))
    links += speaker(trace, step).ended(quantity, place, s)
    symbol = step.quantities[quantity].symbol
    if parameter is not None and trace.samples > 1:
        total = step[f"{quantity}_loss" if f"{quantity}_loss" in step else quantity]
        words = f"the sum over all {trace.samples} samples"
        links.append(Link(step.name, quantity, symbol, words, None, float(total[place])))
    if f"{quantity}_penalty" in step:
        added = float(step[f"{quantity}_penalty"][place])
        links.append(Link(step.name, quantity, symbol, "+ ∂penalty/∂w", added, value))
    return tuple(links)


def _way(trace: StepTrace, step: LayerStep, sample: int) -> list[Link]:
    """The factors on the way to ``step``: into its block, and through the layers above it."""
    links = []
    if step.inside is not None:
        block = trace.layer(step.inside)
        links = _way(trace, block, sample) + speaker(trace, block).entered(step, sample)
    row, i = trace.row(step)
    for above in row[:i:-1]:
        links += speaker(trace, above).passed(sample)
    return links
