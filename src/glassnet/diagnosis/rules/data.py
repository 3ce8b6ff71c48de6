"""Rules of the data: features, values and classes as they came."""

from __future__ import annotations

import math

import numpy as np

from glassnet.diagnosis.evidence import Evidence


def unscaled_inputs(evidence: Evidence) -> None:
    """A feature about 20 times as large as it should be, or all of them tiny."""
    data = evidence.data
    if data is None or math.isnan(data.largest):
        return
    numbers = {"largest": data.largest, "smallest": data.smallest, "feature": data.of_feature}
    if data.largest > 20 and len(data.shape) == 3:
        place = np.unravel_index(data.of_feature, data.shape)
        numbers |= dict(zip(("row", "column", "channel"), map(int, place)))
        cure = {"rescaling": 1 / 255}
        evidence.report("unscaled_inputs", "warning", numbers, cure, variant="unscaled_images")
    elif data.largest > 20:
        cure = {"rescaling": 1 / 255} if data.bytes else {"standardize": True}
        evidence.report("unscaled_inputs", "warning", numbers, cure)
    elif data.largest < 1e-3:
        cure = {"standardize": True}
        evidence.report("unscaled_inputs", "warning", numbers, cure, variant="tiny_inputs")


def unscaled_targets(evidence: Evidence) -> None:
    """Values to learn that are far from 0, and a network that has not got there."""
    data = evidence.data
    if data is None or not data.target_size > 20 or not evidence.progress < 0.25:
        return
    evidence.report(
        "unscaled_targets", "warning", {"size": data.target_size}, {"standardize_targets": True}
    )


def imbalanced_classes(evidence: Evidence) -> None:
    """Ten times as many samples of one class as of another, and no weights against it."""
    data = evidence.data
    if data is None or len(data.classes) < 2 or data.weighted or data.samples < 20:
        return
    counts = np.array(data.classes)
    few, many = int(counts.argmin()), int(counts.argmax())
    if counts[many] < 10 * counts[few]:
        return
    total, k = int(counts.sum()), int(np.count_nonzero(counts))
    numbers = {
        "largest": int(counts[many]), "largest_label": data.names[many],
        "smallest": int(counts[few]), "smallest_label": data.names[few],
        "percent": 100 * float(1 - counts[few] / total),
    }  # fmt: skip
    weights = {
        label: float(total / (k * count)) for label, count in zip(data.labels, counts) if count
    }
    missing = "" if counts[few] else "missing_classes"
    cure = {} if missing else {"class_weight": weights}
    evidence.report("imbalanced_classes", "warning", numbers, cure, variant=missing)
