"""The optimizers by their public name: ``from glassnet.optimizers import Adam``."""

from glassnet.optim.optimizers import *  # noqa: F403
from glassnet.optim.optimizers import __all__ as __all__
