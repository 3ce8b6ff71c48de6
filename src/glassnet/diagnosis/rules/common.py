"""What several rules read: groups of findings, the first snapshot, a rate to suggest."""

from __future__ import annotations

import math

from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.measurements import Snapshot

POOR = 0.5  # progress below which what is measured on the layers counts
RATES = ("diverged", "learning_rate_too_large", "learning_rate_too_small")
STUCK = ("equal_weights", "penalty_diverges", "penalty_outweighs", "stuck_in_a_valley")
LAYERS = ("dead_relu", "saturated_units", "vanishing_gradients", "exploding_gradients")


def round_digit(value: float) -> float:
    """The number with one significant digit, as one would set a learning rate."""
    return float(f"{value:.0e}") if value > 0 and math.isfinite(value) else 1e-3


def first_snapshot(evidence: Evidence) -> Snapshot | None:
    """The snapshot before the first update, if there was one."""
    snapshots = evidence.measurements.snapshots
    return (
        snapshots[0] if snapshots and snapshots[0].epoch == evidence.measurements.begins else None
    )


def moved_at_first(evidence: Evidence) -> float:
    first = first_snapshot(evidence)
    ratios = [s.moved for s in first.layers if math.isfinite(s.moved)] if first else []
    return max(ratios, default=math.nan)


def smaller_rate(evidence: Evidence) -> float:
    """A learning rate with which an update moves the weights by about 3 %."""
    moved = moved_at_first(evidence)
    share = 0.03 / moved if moved > 0.3 and math.isfinite(moved) else 0.1
    return round_digit(evidence.learning_rate * share)
