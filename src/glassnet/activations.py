"""The activation functions by their public name: ``from glassnet.activations import relu``."""

from glassnet.functions.activations import *  # noqa: F403
from glassnet.functions.activations import __all__ as __all__
