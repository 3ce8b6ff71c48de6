"""Search the settings of a network by Optuna: on one laptop, or on many machines.

>>> from glassnet import tune
>>> found = tune.search("digits", trials=20)  # doctest: +SKIP
>>> found.command  # doctest: +SKIP
'glassnet train digits --layers 256 --learning-rate 0.00731 …'

On the command line: ``glassnet tune digits``. In a study of one's own:
``glassnet.callbacks.OptunaPruning``.
"""

from glassnet._core.lazy import attach

__getattr__, __dir__ = attach(__name__)
