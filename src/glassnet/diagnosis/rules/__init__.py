"""The rules of a diagnosis: which measurements mean that something is wrong.

The thresholds were set on runs that are healthy (digits, spirals, moons, tables, sine, many
seeds) and on runs that were made ill on purpose; between the two there is room on both sides
of each.  A rule reads what those before it found: a network that is dead because its first
steps were too large is not called underfitting as well.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.report import Diagnosis
from glassnet.diagnosis.rules.data import imbalanced_classes, unscaled_inputs, unscaled_targets
from glassnet.diagnosis.rules.layers import (
    dead_relu,
    equal_weights,
    penalty_outweighs,
    saturated_units,
    stuck_in_a_valley,
    vanishing_gradients,
)
from glassnet.diagnosis.rules.learned import overfitting, shuffled_labels, underfitting
from glassnet.diagnosis.rules.rate import (
    diverged,
    exploding_gradients,
    learning_rate_too_large,
    learning_rate_too_small,
    penalty_diverges,
)

RULES: tuple[Callable[[Evidence], None], ...] = (
    unscaled_inputs,
    imbalanced_classes,
    exploding_gradients,
    penalty_diverges,
    diverged,
    unscaled_targets,
    equal_weights,
    penalty_outweighs,
    learning_rate_too_large,
    dead_relu,
    saturated_units,
    vanishing_gradients,
    learning_rate_too_small,
    shuffled_labels,
    overfitting,
    underfitting,
    stuck_in_a_valley,
)


def apply_rules(evidence: Evidence) -> Diagnosis:
    """All rules, the serious findings first."""
    with np.errstate(all="ignore"):
        for rule in RULES:
            rule(evidence)
    return Diagnosis(tuple(sorted(evidence.findings, key=lambda f: f.severity != "serious")))
