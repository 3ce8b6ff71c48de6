from glassnet.insight.baseline import (
    Constant as Constant,
    beside as beside,
    never_answered as never_answered,
)
from glassnet.insight.calibration import (
    Bin as Bin,
    Calibration as Calibration,
    calibration_curve as calibration_curve,
)
from glassnet.insight.dependence import (
    Dependence as Dependence,
    partial_dependence as partial_dependence,
)
from glassnet.insight.groups import GroupErrors as GroupErrors, errors_by_group as errors_by_group
from glassnet.insight.importance import (
    Importance as Importance,
    permutation_importance as permutation_importance,
)
from glassnet.insight.one_row import RowExplanation as RowExplanation, explain_row as explain_row
from glassnet.insight.peers import compare as compare
from glassnet.insight.value_errors import (
    Part as Part,
    Residuals as Residuals,
    residuals as residuals,
)
from glassnet.insight.rows import Column as Column, Rows as Rows
from glassnet.insight.study import Study as Study
from glassnet.insight.surest import surest_mistakes as surest_mistakes
