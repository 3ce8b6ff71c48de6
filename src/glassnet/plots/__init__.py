"""Pictures of data, functions, training and networks, as matplotlib figures.

Each function returns a figure and shows nothing: a notebook displays it, ``save`` writes it.

>>> from glassnet import plots
>>> figure = plots.activation_curves(["sigmoid", "relu"])
>>> path = plots.save(figure, "activations.png")                    # doctest: +SKIP

Matplotlib is loaded when the first of them is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet.plots.activations import activation_curves
    from glassnet.plots.attribution import attribution_bars, attribution_image
    from glassnet.plots.boundary import decision_boundary, regression_curve
    from glassnet.plots.calculus import gradient_field, surface, tangents
    from glassnet.plots.confusion import confusion_matrix
    from glassnet.plots.curves import learning_curves, learning_rate_curve
    from glassnet.plots.data import data_points
    from glassnet.plots.descents import descent, race
    from glassnet.plots.film import descent_animation
    from glassnet.plots.gallery import image_strip, mistakes
    from glassnet.plots.network import network_drawing
    from glassnet.plots.recording import recorded_activations, recording_curves
    from glassnet.plots.style import save
    from glassnet.plots.values import value_map
    from glassnet.plots.weights import (
        activation_histograms,
        histograms,
        weight_histograms,
        weight_images,
    )

__all__ = [
    "activation_curves",
    "activation_histograms",
    "attribution_bars",
    "attribution_image",
    "confusion_matrix",
    "data_points",
    "decision_boundary",
    "descent",
    "descent_animation",
    "gradient_field",
    "histograms",
    "image_strip",
    "learning_curves",
    "learning_rate_curve",
    "mistakes",
    "network_drawing",
    "race",
    "recorded_activations",
    "recording_curves",
    "regression_curve",
    "save",
    "surface",
    "tangents",
    "value_map",
    "weight_histograms",
    "weight_images",
]

# Where each public name lives.
PLACES = {
    "activation_curves": "activations",
    "activation_histograms": "weights",
    "attribution_bars": "attribution",
    "attribution_image": "attribution",
    "confusion_matrix": "confusion",
    "data_points": "data",
    "decision_boundary": "boundary",
    "descent": "descents",
    "descent_animation": "film",
    "gradient_field": "calculus",
    "histograms": "weights",
    "image_strip": "gallery",
    "learning_curves": "curves",
    "learning_rate_curve": "curves",
    "mistakes": "gallery",
    "network_drawing": "network",
    "race": "descents",
    "recorded_activations": "recording",
    "recording_curves": "recording",
    "regression_curve": "boundary",
    "save": "style",
    "surface": "calculus",
    "tangents": "calculus",
    "value_map": "values",
    "weight_histograms": "weights",
    "weight_images": "weights",
}


def __getattr__(name: str) -> Any:
    if name not in PLACES:
        raise AttributeError(f"module 'glassnet.plots' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"glassnet.plots.{PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
