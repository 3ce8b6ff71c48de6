"""Learning from tables: an ensemble of small networks, made into one."""

from glassnet.tabular.fit import FittedTable, fit_dataset, fit_table
from glassnet.tabular.recipe import EFFORTS, MemberSettings, Recipe, recipe_for
from glassnet.tabular.stream import fit_stream

__all__ = [
    "EFFORTS",
    "FittedTable",
    "MemberSettings",
    "Recipe",
    "fit_stream",
    "fit_dataset",
    "fit_table",
    "recipe_for",
]
