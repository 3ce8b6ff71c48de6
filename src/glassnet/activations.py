"""The activation functions by their public name: ``from glassnet.activations import relu``."""

from glassnet.functions.activations import *  # noqa: F403  what __all__ lists
from glassnet.functions.activations import __all__ as __all__
