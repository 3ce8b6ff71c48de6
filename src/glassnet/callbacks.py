"""The callbacks by their public name: ``from glassnet.callbacks import EarlyStopping``."""

from glassnet.training.callbacks import *  # noqa: F403  what __all__ lists
from glassnet.training.callbacks import __all__ as __all__
