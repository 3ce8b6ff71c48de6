"""What the loss reads: the output of the last layer, or its logits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassnet.activations import Activation
from glassnet.errors import ConfigError
from glassnet.losses.base import Loss
from glassnet.texts import word


@dataclass(frozen=True)
class Objective:
    """A loss as it is computed.

    Softmax with cross-entropy, and sigmoid with binary cross-entropy, are one function on
    the logits: exact where the two steps would round, and their common derivative is p - t.

    Attributes:
        given: the loss that was asked for.
        loss: the one that is computed; another one if it is fused.
        fused: whether it reads logits and contains the last activation.
    """

    given: Loss
    loss: Loss
    fused: bool

    @property
    def describes(self) -> str:
        """How summary() names it."""
        if not self.fused:
            return self.loss.display_name
        fused = word("{name} fused with the last activation", name=self.given.name)
        return f"{self.loss.display_name} ({fused})"


def objective_for(loss: Loss, last: Activation | None, fuse: bool = True) -> Objective:
    """``loss`` behind the activation ``last``, fused with it where there is such a form.

    Args:
        fuse: False where the outputs are means of what ``last`` gives: they have no logits.

    Raises:
        ConfigError: a loss that would be wrong with this activation.
    """
    if last is None:
        return Objective(loss, loss, fused=False)
    fused = loss.fused_with(last) if fuse else None
    if fused is not None:
        return Objective(loss, fused, fused=True)
    crossentropy = loss.activation is not None and loss.target != "values"
    if crossentropy and loss.reads_logits and last.gives != "values":
        raise ConfigError(
            f"{loss.name} with from_logits=True, but the last activation is {last.name!r}: it "
            "would be applied twice. Leave out one of the two."
        )
    if crossentropy and not loss.reads_logits and last.gives != "probabilities":
        assert loss.activation is not None
        raise ConfigError(
            f"{loss.name} reads probabilities, but the last activation is {last.name!r}. Give the "
            f"last layer activation={loss.activation.name!r}, or the loss from_logits=True."
        )
    _refuse_out_of_reach(loss, last)
    return Objective(loss, loss, fused=False)


def _refuse_out_of_reach(loss: Loss, last: Activation) -> None:
    """Raises ConfigError where ``last`` cannot give what the loss asks for, whatever is learned."""
    low, high = last.reach
    two_sides = loss.target == "signs" or (loss.target == "probabilities" and loss.reads_logits)
    if two_sides and not low < loss.threshold < high:
        margins = loss.target == "signs"
        name = loss.name if margins else f"{loss.name} with from_logits=True"
        raise ConfigError(
            f"{name} tells two classes by the sign of the output, but the last activation "
            f"{last.name!r} gives {between(last)}: one of the two could never be answered. Leave "
            f"the activation of the last layer out{', or use tanh' if margins else ''}."
        )
    if low < loss.reads[0]:
        positive = "'softplus' or 'exponential'" if loss.target == "values" else "'softmax'"
        raise ConfigError(
            f"{loss.name} takes the logarithm of the output, but the last activation "
            f"{last.name!r} gives {between(last)}. Give the last layer {positive}."
        )


def between(f: Activation) -> str:
    """The reach of a function in words: "0 … 1"."""
    low, high = f.reach
    if math.isinf(low) and math.isinf(high):
        return "any number"
    if math.isinf(high):
        return f"nothing below {low:g}"
    return f"nothing above {high:g}" if math.isinf(low) else f"{low:g} … {high:g}"
