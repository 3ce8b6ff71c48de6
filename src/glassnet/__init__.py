"""glassnet: a neural network you can see through, fast enough to use.

>>> import glassnet
>>> from glassnet import Sequential, layers

Everything is loaded when it is first used: ``import glassnet`` itself reads nothing more.
"""

from glassnet._core.ending import ENDING as _ENDING
from glassnet._core.lazy import attach

__version__ = "0.1.0"

_ENDING.watch()  # of one of several processes the others hear

__getattr__, __dir__ = attach(__name__)
