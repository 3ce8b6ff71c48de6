"""Every number of a training step, with the formula that made it and a check beside it."""

from glassnet.explain.data import Check, LayerStep, Link, LossStep, OptimizerStep, Quantity, Value
from glassnet.explain.explanation import StepExplanation
from glassnet.explain.mistakes import MISTAKES, Mistake
from glassnet.explain.prediction import PredictionExplanation, explain_prediction
from glassnet.explain.step import MAX_SAMPLES, explain_step

__all__ = [
    "MAX_SAMPLES",
    "MISTAKES",
    "Check",
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
