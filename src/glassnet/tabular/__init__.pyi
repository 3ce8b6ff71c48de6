from glassnet.tabular.fit import FittedTable as FittedTable
from glassnet.tabular.fit import fit_dataset as fit_dataset
from glassnet.tabular.fit import fit_table as fit_table
from glassnet.tabular.recipe import EFFORTS as EFFORTS
from glassnet.tabular.recipe import MemberSettings as MemberSettings
from glassnet.tabular.recipe import Recipe as Recipe
from glassnet.tabular.recipe import recipe_for as recipe_for
from glassnet.tabular.stream import fit_stream as fit_stream
