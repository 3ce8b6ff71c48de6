"""The optimizers: the catalogue of them, one file for each.

How a step is made from a gradient; what all of them share is in ``base``. A class is loaded,
and its loops with it, when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glassnet._core import custom
from glassnet._core.attributes import from_settings
from glassnet._core.registry import Catalogue, lookup

if TYPE_CHECKING:  # what editors read
    from glassnet.optimizers.adagrad import Adagrad
    from glassnet.optimizers.adam import Adam, AdamW
    from glassnet.optimizers.base import Optimizer
    from glassnet.optimizers.explanation import Update
    from glassnet.optimizers.nadam import Nadam
    from glassnet.optimizers.rmsprop import RMSprop
    from glassnet.optimizers.sgd import SGD, Momentum, Nesterov

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Momentum",
    "Nadam",
    "Nesterov",
    "Optimizer",
    "RMSprop",
    "Update",
    "get",
]

OPTIMIZERS: Catalogue[type[Optimizer]] = Catalogue(
    {
        "sgd": "glassnet.optimizers.sgd:SGD",
        "momentum": "glassnet.optimizers.sgd:Momentum",
        "nesterov": "glassnet.optimizers.sgd:Nesterov",
        "adagrad": "glassnet.optimizers.adagrad:Adagrad",
        "rmsprop": "glassnet.optimizers.rmsprop:RMSprop",
        "adam": "glassnet.optimizers.adam:Adam",
        "adamw": "glassnet.optimizers.adam:AdamW",
        "nadam": "glassnet.optimizers.nadam:Nadam",
    }
)
__getattr__ = OPTIMIZERS.getter(
    __name__,
    Optimizer="glassnet.optimizers.base:Optimizer",
    Update="glassnet.optimizers.explanation:Update",
)


def get(spec: str | Mapping[str, Any] | Optimizer) -> Optimizer:
    """The optimizer for a name, a config, or an optimizer (which stays the same object).

    >>> get({"name": "sgd", "learning_rate": 0.1})
    SGD(learning_rate=0.1, momentum=0.0, nesterov=False)

    Raises:
        UnknownNameError: no such optimizer, or no such setting.
        ConfigError: a setting out of its range.
    """
    from glassnet.optimizers.base import Optimizer

    if isinstance(spec, Optimizer):
        return spec
    own: Optimizer | None = custom.made_of("optimizer", spec)
    if own is not None:
        return own
    settings: dict[str, Any] = dict(spec) if isinstance(spec, Mapping) else {"name": spec}
    cls: type[Optimizer] = lookup("optimizer", OPTIMIZERS, settings.pop("name", ""))
    made: Optimizer = from_settings(cls, settings)
    return made


def again(optimizer: Optimizer) -> Optimizer:
    """A new optimizer of the same settings; its class need not be registered."""
    with custom.named(custom.own([optimizer, *custom.inside(optimizer)])):
        return get(optimizer.get_config())
