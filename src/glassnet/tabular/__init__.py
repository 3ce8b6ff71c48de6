"""Learning from tables: an ensemble of small networks, made into one."""

from glassnet.tabular.fit import FittedTable, fit_table
from glassnet.tabular.recipe import EFFORTS, MemberSettings, Recipe, recipe_for

__all__ = ["EFFORTS", "FittedTable", "MemberSettings", "Recipe", "fit_table", "recipe_for"]
