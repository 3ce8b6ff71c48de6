"""What the loss reads: the output of the last layer, or its logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glassnet import activations, losses
from glassnet.errors import ConfigError
from glassnet.model.network import Network


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

    given: losses.Loss
    loss: losses.Loss
    fused: bool

    @property
    def describes(self) -> str:
        """How summary() names it."""
        if not self.fused:
            return self.loss.display_name
        return f"{self.loss.display_name} ({self.given.name} fused with the last activation)"


def objective_for(network: Network, spec: Any) -> Objective:
    """The loss for ``network``, fused with its last activation where there is such a form.

    Raises:
        ConfigError: a loss that would be wrong with the last activation, or an activation
            that no gradient passes.
    """
    loss = losses.get(spec)
    for layer in network.all_layers():
        f = getattr(layer, "activation", None)
        if isinstance(f, activations.Activation) and not f.trainable:
            raise ConfigError(
                f"{layer.title}: a network with the activation {f.name!r} cannot learn by gradient "
                "descent: its derivative is 0 everywhere, so no gradient passes. Use 'sigmoid' or "
                "'relu', or glassnet.Perceptron, which has a rule of its own."
            )
    last = network.output_activation()
    if last is None:
        return Objective(loss, loss, fused=False)
    fused = loss.fused_with(last)
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
    return Objective(loss, loss, fused=False)
