"""What a network over images looks at: fields, maps, filters, and what moved an answer.

>>> from glassnet import vision
>>> vision.receptive_field(model, "conv2d_1", (3, 3))               # doctest: +SKIP
>>> vision.feature_maps(model, image).plot()                        # doctest: +SKIP
>>> vision.grad_cam(model, image, about="cat").plot()               # doctest: +SKIP

Each function takes a model and images as the network reads them, and returns plain numbers with a
picture (``plot()``).
"""

from glassnet._core.lazy import attach

__getattr__, __dir__ = attach(__name__)
