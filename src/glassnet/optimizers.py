"""The optimizers by their public name: ``from glassnet.optimizers import Adam``."""

from glassnet.optim.optimizers import *  # noqa: F403  what __all__ lists
from glassnet.optim.optimizers import __all__ as __all__
