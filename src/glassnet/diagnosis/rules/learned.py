"""Rules of what was learned: of neither part, of one part only, or not yet."""

from __future__ import annotations

import math

import numpy as np

from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.rules.common import LAYERS, RATES, STUCK


def shuffled_labels(evidence: Evidence) -> None:
    """Nothing is learned that holds, and neighbours in the data do not agree either."""
    blamed = evidence.has("diverged", *STUCK)
    if evidence.relate is None or len(evidence.losses) < 5 or blamed:
        return
    validation = [v for v in evidence.history.get("val_loss", ()) if math.isfinite(v)]
    useless = len(validation) >= 5 and min(validation) > 0.97 * evidence.baseline
    if not (evidence.progress < 0.3 or useless):
        return
    related = evidence.relate()
    if related < 3:
        evidence.report("shuffled_labels", "serious", {"related": related}, {"check": "labels"})


def overfitting(evidence: Evidence) -> None:
    """The validation loss has turned upwards while the training loss went on falling."""
    validation, losses = (
        np.array(evidence.history.get("val_loss", ()), float),
        np.array(evidence.losses),
    )
    if len(validation) < 6 or len(losses) != len(validation) or not evidence.baseline > 0:
        return
    if not np.isfinite(validation).all() or evidence.progress < 0.3:
        return
    smooth = np.convolve(validation, np.ones(3) / 3, "valid")  # smooth[i] is about epoch i + 1
    at = int(smooth.argmin())
    best, last = float(smooth[at]), float(smooth[-1])
    apart = last - float(losses[-3:].mean())
    falls = losses[-1] < losses[min(at + 1, len(losses) - 1)]
    if not (last > 1.15 * best and last - best > 0.1 * evidence.baseline and falls):
        return
    if apart < 0.15 * evidence.baseline or at + 2 >= len(smooth):
        return
    numbers = {"best": float(validation[at + 1]), "last": float(validation[-1]),
               "train": float(losses[-1])}  # fmt: skip
    epoch = evidence.measurements.begins + at + 1
    cure = {"epochs": epoch + 1, "dropout": 0.2}
    evidence.report("overfitting", "warning", numbers, cure, since=epoch)


def underfitting(evidence: Evidence) -> None:
    """Still no better than an answer that never looks at x, and nothing else explains it."""
    losses = np.array(evidence.losses)
    explained = evidence.has(
        *RATES, *STUCK, "shuffled_labels", "unscaled_inputs", "unscaled_targets"
    )
    layers = any(f.kind in LAYERS and f.severity == "serious" for f in evidence.findings)
    if len(losses) < 10 or explained or layers or evidence.has("saturated_units"):
        return
    third = len(losses) // 3
    before, now = float(losses[-2 * third : -third].mean()), float(losses[-third:].mean())
    falling = (before - now) / max(abs(before), 1e-12)
    numbers = {"loss": float(losses[-1]), "baseline": evidence.baseline, "epochs": len(losses)}
    if evidence.progress < 0.2 and falling < 0.01:
        evidence.report(
            "underfitting", "warning", numbers, {"units": "more"}, since=len(losses) - third
        )
    elif evidence.progress < 0.15 and evidence.finished:
        numbers["suggested"] = 3 * len(losses)
        evidence.report(
            "underfitting",
            "warning",
            numbers,
            {"epochs": numbers["suggested"]},
            variant="trained_too_short",
        )
