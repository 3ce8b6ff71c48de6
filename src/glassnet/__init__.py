"""glassnet: a neural network you can see through, fast enough to use.

>>> import glassnet
>>> from glassnet import Sequential, layers

Everything is loaded when it is first used: ``import glassnet`` itself reads nothing more.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet import (
        activations,
        calculus,
        callbacks,
        data,
        errors,
        experiments,
        explain,
        initializers,
        interop,
        layers,
        losses,
        metrics,
        optimizers,
        plots,
        schedules,
        sklearn,
        verify,
    )
    from glassnet.callbacks.recorder import Recorder
    from glassnet.diagnosis.callback import diagnose
    from glassnet.errors import GlassnetError
    from glassnet.model import Sequential, load
    from glassnet.model.perceptron import Perceptron
    from glassnet.training.history import History

__version__ = "0.1.0"

__all__ = [
    "GlassnetError",
    "History",
    "Perceptron",
    "Recorder",
    "Sequential",
    "__version__",
    "activations",
    "calculus",
    "callbacks",
    "data",
    "diagnose",
    "errors",
    "experiments",
    "explain",
    "initializers",
    "interop",
    "layers",
    "load",
    "losses",
    "metrics",
    "optimizers",
    "plots",
    "schedules",
    "sklearn",
    "verify",
]

# Where each public name lives: (module, name in it), or (module, None) for the module itself.
PLACES: dict[str, tuple[str, str | None]] = {
    "GlassnetError": ("glassnet.errors", "GlassnetError"),
    "History": ("glassnet.training.history", "History"),
    "Perceptron": ("glassnet.model.perceptron", "Perceptron"),
    "Recorder": ("glassnet.callbacks.recorder", "Recorder"),
    "Sequential": ("glassnet.model", "Sequential"),
    "activations": ("glassnet.activations", None),
    "calculus": ("glassnet.calculus", None),
    "callbacks": ("glassnet.callbacks", None),
    "data": ("glassnet.data", None),
    "diagnose": ("glassnet.diagnosis.callback", "diagnose"),
    "errors": ("glassnet.errors", None),
    "experiments": ("glassnet.experiments", None),
    "explain": ("glassnet.explain", None),
    "initializers": ("glassnet.initializers", None),
    "interop": ("glassnet.interop", None),
    "layers": ("glassnet.layers", None),
    "load": ("glassnet.model", "load"),
    "losses": ("glassnet.losses", None),
    "metrics": ("glassnet.metrics", None),
    "optimizers": ("glassnet.optimizers", None),
    "plots": ("glassnet.plots", None),
    "schedules": ("glassnet.schedules", None),
    "sklearn": ("glassnet.sklearn", None),
    "verify": ("glassnet.verify", None),
}


def __getattr__(name: str) -> Any:
    place = PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'glassnet' has no attribute {name!r}")
    module = importlib.import_module(place[0])
    value = module if place[1] is None else getattr(module, place[1])
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
