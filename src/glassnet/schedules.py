"""The schedules by their public name: ``from glassnet.schedules import CosineDecay``."""

from glassnet.optim.schedules import *  # noqa: F403  what __all__ lists
from glassnet.optim.schedules import __all__ as __all__
