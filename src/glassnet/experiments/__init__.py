"""Experiments: each shows one thing, with its numbers, its pictures and what is to be seen.

>>> from glassnet import experiments
>>> result = experiments.run("tangent")
>>> result.holds
True
>>> round(result.numbers["slope at 5"], 6)
0.2
>>> paths = experiments.save(result, "tangent")                     # doctest: +SKIP
"""

from glassnet.experiments.catalog import EXPERIMENTS, run
from glassnet.experiments.result import Claim, Result, Setting, folder_for, save

__all__ = ["EXPERIMENTS", "Claim", "Result", "Setting", "folder_for", "run", "save"]
