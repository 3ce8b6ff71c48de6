"""The schedules by their public name: ``from glassnet.schedules import CosineDecay``."""

from glassnet.optim.schedules import *  # noqa: F403
from glassnet.optim.schedules import __all__ as __all__
