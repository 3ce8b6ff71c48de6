"""Every number of a training step, with the formula that made it and a check beside it."""

from glassnet._core.derivation import Derivation, Grid, Grids
from glassnet._core.formula import Equation, Factor, Symbol
from glassnet.explain.attribution import Known, explain_prediction
from glassnet.explain.data import Check, LayerStep, LossStep, OptimizerStep, Quantity, Value
from glassnet.explain.explanation import StepExplanation
from glassnet.explain.mistakes import MISTAKES, Mistake
from glassnet.explain.prediction import PredictionExplanation
from glassnet.explain.probe import LossAlong, Probe
from glassnet.explain.recorder import Hooks, Record, StepRecorder
from glassnet.explain.step import MAX_SAMPLES, explain_step
from glassnet.explain.trace import StepTrace
from glassnet.layers.equations import Description, LayerArrays, LayerEquations, Link, Step

__all__ = [
    "MAX_SAMPLES",
    "MISTAKES",
    "Check",
    "Derivation",
    "Grid",
    "Grids",
    "Equation",
    "Description",
    "Factor",
    "Hooks",
    "Known",
    "LayerArrays",
    "LayerEquations",
    "LayerStep",
    "Link",
    "LossAlong",
    "LossStep",
    "Mistake",
    "OptimizerStep",
    "PredictionExplanation",
    "Probe",
    "Quantity",
    "Record",
    "Step",
    "StepExplanation",
    "StepRecorder",
    "StepTrace",
    "Symbol",
    "Value",
    "explain_prediction",
    "explain_step",
]
