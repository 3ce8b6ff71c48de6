"""Every number of a training step, with the formula that made it and a check beside it."""

from glassnet.explain.attribution import explain_prediction
from glassnet.explain.data import Check, LayerStep, LossStep, OptimizerStep, Quantity, Value
from glassnet.explain.explanation import StepExplanation
from glassnet.explain.mistakes import MISTAKES, Mistake
from glassnet.explain.prediction import PredictionExplanation
from glassnet.explain.step import MAX_SAMPLES, explain_step
from glassnet.layers.equations import LayerEquations, Link

__all__ = [
    "MAX_SAMPLES",
    "MISTAKES",
    "Check",
    "LayerEquations",
    "LayerStep",
    "Link",
    "LossStep",
    "Mistake",
    "OptimizerStep",
    "PredictionExplanation",
    "Quantity",
    "StepExplanation",
    "Value",
    "explain_prediction",
    "explain_step",
]
