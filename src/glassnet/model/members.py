"""One member of an ensemble as a network of its own."""

from __future__ import annotations

from typing import TypeVar

from glassnet._core import custom
from glassnet._core.settings import whole_number
from glassnet.errors import ConfigError
from glassnet.layers import Ensemble
from glassnet.layers.walk import of_class
from glassnet.model import saving
from glassnet.model.trainable import Trainable

Model = TypeVar("Model", bound=Trainable)


def member(model: Model, number: int) -> Model:
    """The network with member ``number`` in the place of its ensemble, and copies of its weights.

    Raises:
        NotBuiltError: there are no weights yet.
        ConfigError: no ensemble, more than one, or no such member.
    """
    model.need_built("member")
    ensembles = of_class(model.layers, Ensemble)
    if len(ensembles) != 1:
        raise ConfigError(
            f"{model.name} has {len(ensembles)} Ensembles among its layers: member(k) takes one "
            "of the networks of the only one."
        )
    (ensemble,) = ensembles
    count = len(ensemble.members)
    number = whole_number("member", "the number", number, minimum=0)
    if number >= count:
        raise ConfigError(
            f"{ensemble.title} has {count} members, numbered from 0: there is no {number}."
        )
    chosen = ensemble.members[number].sublayers()
    place = model.layers.index(ensemble)
    stack = [*model.layers[:place], *chosen, *model.layers[place + 1 :]]
    config = saving.config_of(model)
    config |= {
        "name": f"{model.name}_member_{number}",
        "layers": [layer.get_config() for layer in stack],
    }
    with custom.named(custom.own(saving.kinds_of(model))):
        made = saving.from_config(type(model), config)
    for there, here in zip(made.layers, stack, strict=True):
        there.set_weights(here.get_weights())
    return made
