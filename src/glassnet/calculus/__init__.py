"""Calculus on any Python function: slopes, gradients, descent, and functions given as text."""

from glassnet.calculus.descent import RACE, Descent, gradient_descent, race
from glassnet.calculus.differences import (
    numerical_diff,
    numerical_gradient,
    numerical_gradient_rows,
    partial_derivative,
)
from glassnet.calculus.formula import Formula
from glassnet.calculus.gradient_check import Model, check_gradient
from glassnet.calculus.gradient_report import Comparison, GradientReport, TensorCheck
from glassnet.calculus.tangent import GradientField, TangentLine, gradient_field, tangent_line

__all__ = [
    "RACE",
    "Comparison",
    "Descent",
    "Formula",
    "GradientField",
    "GradientReport",
    "Model",
    "TangentLine",
    "TensorCheck",
    "check_gradient",
    "gradient_descent",
    "gradient_field",
    "numerical_diff",
    "numerical_gradient",
    "numerical_gradient_rows",
    "partial_derivative",
    "race",
    "tangent_line",
]
