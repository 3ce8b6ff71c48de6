"""The losses by their public name: ``from glassnet.losses import Huber``."""

from glassnet.functions.losses import *  # noqa: F403
from glassnet.functions.losses import __all__ as __all__
