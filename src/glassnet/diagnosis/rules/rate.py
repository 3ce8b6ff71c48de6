"""Rules of the learning rate and of what a step does to loss, gradients and weights."""

from __future__ import annotations

import math

import numpy as np

from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.rules.common import (
    LAYERS,
    POOR,
    STUCK,
    first_snapshot,
    moved_at_first,
    round_digit,
    smaller_rate,
)


def exploding_gradients(evidence: Evidence) -> None:
    """Before any update: a loss far above any sensible answer, and gradients to match."""
    first = first_snapshot(evidence)
    if first is None or evidence.has("unscaled_inputs") or not evidence.baseline > 0:
        return
    if math.isfinite(first.loss) and first.loss < 50 * evidence.baseline:
        return
    worst = max(first.layers, key=lambda s: np.nan_to_num(s.gradient, nan=0.0, posinf=np.inf),
                default=None)  # fmt: skip
    if worst is None or not (worst.gradient > 50 or math.isinf(worst.gradient)):
        return
    numbers = {"gradient": worst.gradient, "loss": first.loss, "baseline": evidence.baseline}
    cure = {"kernel_initializer": "he_normal"}
    evidence.report("exploding_gradients", "serious", numbers, cure, worst.name, first.epoch)


def penalty_diverges(evidence: Evidence) -> None:
    """An update takes η·2·λ off each weight: above 2, what is left is larger than before."""
    share = evidence.learning_rate * evidence.measurements.shrinking
    losses, base = evidence.losses, evidence.baseline
    if evidence.adaptive or not share > 2 or not base > 0:
        return
    if evidence.diverged is None and not (losses and losses[-1] > 2 * base):
        return
    strength = evidence.measurements.shrinking / 2
    rate, fitting = evidence.learning_rate, round_digit(0.1 / evidence.learning_rate)
    numbers = {"share": share, "strength": strength, "learning_rate": rate, "suggested": fitting}
    cure = {"l2": fitting}
    evidence.report("penalty_diverges", "serious", numbers, cure)


def diverged(evidence: Evidence) -> None:
    """The loss became NaN."""
    where = evidence.diverged
    if where is None or evidence.has("penalty_diverges"):
        return
    suggested = smaller_rate(evidence)
    numbers = {
        "learning_rate": evidence.learning_rate, "suggested": suggested,
        "batch": int(where.get("batch", 0)) + 1, "where": str(where.get("layer", "")),
    }  # fmt: skip
    cure: dict[str, object] = {"learning_rate": suggested}
    if evidence.has("unscaled_inputs", "exploding_gradients"):
        cure = dict(evidence.findings[-1].cure)
    evidence.report("diverged", "serious", numbers, cure, since=int(where.get("epoch", 0)))


def learning_rate_too_large(evidence: Evidence) -> None:
    """The loss rises far above where it began, jumps, or the first steps were huge."""
    blamed = evidence.has(
        "diverged", "unscaled_inputs", "exploding_gradients", "unscaled_targets", *STUCK,
    )  # fmt: skip
    losses, base, progress = np.array(evidence.data_losses), evidence.baseline, evidence.progress
    if blamed or not base > 0 or math.isnan(progress) or not len(losses):
        return None
    first, begins = first_snapshot(evidence), evidence.measurements.begins
    begin = first.loss if first is not None else losses[0]
    worst = float(np.nanmax(evidence.data_losses))
    moved = moved_at_first(evidence)
    numbers = {
        "learning_rate": evidence.learning_rate, "suggested": smaller_rate(evidence),
        "worst": worst, "baseline": base, "moved": moved,
    }  # fmt: skip
    cure = {"learning_rate": numbers["suggested"]}

    def too_large(variant: str, since: int) -> None:
        evidence.report(
            "learning_rate_too_large",
            "serious" if progress < 0.1 else "warning",
            numbers,
            cure,
            since=since,
            variant=variant,
        )

    at = begins + int(np.nanargmax(losses))
    if worst > 1.5 * begin and (worst > 10 * base or (worst > 2 * base and progress < POOR)):
        return too_large("learning_rate_too_large", at)
    if moved > 0.5 and progress < 0.1 and len(losses) >= 2:
        return too_large("first_steps_too_large", begins)
    kept = evidence.measurements.penalties
    if len(losses) < 8 or (kept and max(kept) - min(kept) > 0.1 * base):
        return None  # too short; or the penalty moves, and hides what the data cost
    best, last = int(np.nanargmin(losses)), float(np.mean(losses[-2:]))
    steps = np.diff(losses) / np.maximum(np.abs(losses[:-1]), 1e-12)
    numbers |= {
        "best": float(losses[best]), "best_epoch": begins + best + 1, "last": last,
        "jump": 100 * float(np.median(np.abs(steps))), "ups": 100 * float(np.mean(steps > 0)),
    }  # fmt: skip
    if progress < POOR and last > 1.3 * losses[best] and last - losses[best] > 0.1 * base:
        return too_large("loss_rose_again", begins + best)
    if progress < POOR and numbers["jump"] > 15 and numbers["ups"] > 33:
        return too_large("loss_jumps", begins)
    return None


def learning_rate_too_small(evidence: Evidence) -> None:
    """All updates together cannot have moved the weights by much, and the loss is where it was."""
    losses, moved = evidence.losses, evidence.moved
    blamed = evidence.has("diverged", "learning_rate_too_large", *LAYERS, *STUCK)
    if blamed or len(losses) < 5 or evidence.steps < 10 or not evidence.progress < 0.3:
        return
    way = moved * evidence.steps
    if not way < (0.3 if evidence.steps >= 50 else 0.003) or losses[-1] < 0.9 * losses[0]:
        return
    larger = 10.0 ** min(3, max(1, math.ceil(math.log10(5 / max(way, 1e-9)) - 0.5)))
    suggested = round_digit(evidence.learning_rate * larger)
    numbers = {
        "learning_rate": evidence.learning_rate, "suggested": suggested, "first": losses[0],
        "last": losses[-1], "epochs": len(losses), "percent": 100 * moved,
    }  # fmt: skip
    evidence.report(
        "learning_rate_too_small",
        "serious",
        numbers,
        {"learning_rate": suggested},
        since=evidence.measurements.begins,
    )
