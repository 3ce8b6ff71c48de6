"""The losses by their public name: ``from glassnet.losses import Huber``."""

from glassnet.functions.losses import *  # noqa: F403  what __all__ lists
from glassnet.functions.losses import __all__ as __all__
