"""Pictures of data, functions, training and networks, as matplotlib figures.

Each function returns a figure and shows nothing: a notebook displays it, ``save`` writes it.

>>> from glassnet import plots
>>> figure = plots.activation_curves(["sigmoid", "relu"])
>>> path = plots.save(figure, "activations.png")                    # doctest: +SKIP

Matplotlib is loaded when the first of them is used.
"""

from glassnet._core.lazy import attach

__getattr__, __dir__ = attach(__name__)
