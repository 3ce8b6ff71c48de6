"""Rules of the layers: units that are dead, at their bounds or all alike, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.measurements import LayerMeasurements
from glassnet.diagnosis.rules.common import (
    POOR,
    STUCK,
    first_snapshot,
    round_digit,
    smaller_rate,
)


def _since(
    evidence: Evidence, layer: str, holds: Callable[[LayerMeasurements], bool]
) -> tuple[int, bool]:
    """The epoch since which ``holds`` was true of the layer in every snapshot; from the start?

    A snapshot after n epochs shows what epoch n - 1 (from 0) has left.
    """
    since = evidence.measurements.snapshots[-1].epoch
    for snapshot in reversed(evidence.measurements.snapshots):
        measured = next((s for s in snapshot.layers if s.name == layer), None)
        if measured is None or not holds(measured):
            return max(since - 1, evidence.measurements.begins, 0), False
        since = snapshot.epoch
    return max(evidence.measurements.begins, 0), first_snapshot(evidence) is not None


def _as_dead(level: float, s: LayerMeasurements) -> bool:
    return s.dead >= level * s.units


def equal_weights(evidence: Evidence) -> None:
    """All units of a hidden layer are the same unit, and every update leaves them so."""
    last = evidence.last
    if last is None:
        return
    for s in evidence.hidden(last):
        if not s.alike or not evidence.progress < 0.9:
            continue
        zero = s.weight == 0 or (s.dead == s.units and s.gradient == 0)
        evidence.report(
            "equal_weights",
            "serious",
            {"units": s.units},
            {"kernel_initializer": "he_normal" if s.activation == "relu" else "glorot_uniform"},
            s.name,
            max(evidence.measurements.begins, 0),
            "zero_weights" if zero else "",
        )


def penalty_outweighs(evidence: Evidence) -> None:
    """The penalty has drawn the weights to 0, and nothing was learned of the data."""
    found, last, first = evidence.measurements, evidence.last, first_snapshot(evidence)
    blamed = evidence.has("diverged", "penalty_diverges", "equal_weights")
    if first is None or last is None or blamed or not first.penalty > 0:
        return
    if len(evidence.losses) < 3 or not evidence.progress < 0.1:
        return
    before = [s.weight for s in first.layers if math.isfinite(s.weight)]
    now = [s.weight for s in last.layers if math.isfinite(s.weight)]
    size, left = math.hypot(*before), math.hypot(*now)
    if not (size > 0 and left < 0.3 * size and first.penalty > 0.1 * evidence.baseline):
        return
    numbers = {
        "penalty": first.penalty, "baseline": evidence.baseline, "percent": 100 * left / size,
        "suggested": round_digit(found.shrinking / 2 * 0.01 * evidence.baseline / first.penalty),
    }  # fmt: skip
    cure = {"l2": numbers["suggested"]}
    evidence.report("penalty_outweighs", "serious", numbers, cure)


def stuck_in_a_valley(evidence: Evidence) -> None:
    """A network that could know its few samples by heart stays at a loss far from 0."""
    data, losses = evidence.data, np.array(evidence.losses)
    found = evidence.measurements
    if data is None or len(losses) < 50 or evidence.findings or found.random or found.penalty > 0:
        return
    if data.samples > min(64, found.parameters) or not 0.2 <= evidence.progress < 0.9:
        return
    half = losses[len(losses) // 2 :]
    if not half[0] - half[-1] < 0.03 * half[0]:
        return
    numbers = {"loss": float(losses[-1]), "epochs": len(half), "samples": data.samples}
    evidence.report(
        "stuck_in_a_valley", "warning", numbers, {"seed": "another", "units": "more"},
        since=len(losses) - len(half),
    )  # fmt: skip


def dead_relu(evidence: Evidence) -> None:
    """Units, or whole filters, that are 0 for every sample: many, or many that died in training."""
    last, first = evidence.last, first_snapshot(evidence)
    if last is None or not evidence.progress < POOR:
        return
    before = {s.name: s.dead / max(s.units, 1) for s in first.layers} if first else {}
    blamed = {f.layer for f in evidence.findings if f.kind == "equal_weights"}
    if evidence.has("penalty_outweighs"):
        return
    for s in evidence.hidden(last):
        if s.name in blamed:
            continue
        share = s.dead / max(s.units, 1)
        died = share - before.get(s.name, 0.0) if before else 0.0
        if not (share >= 0.75 or died >= 0.25):
            continue
        level = min(share, 0.75) if died < 0.25 else before.get(s.name, 0.0) + 0.25
        since, born = _since(evidence, s.name, partial(_as_dead, level))
        numbers = {"dead": s.dead, "units": s.units}
        cure: dict[str, object] = {"activation": {"layer": s.name, "name": "leaky_relu"}}
        if evidence.has("learning_rate_too_large", "diverged"):
            cure = {"learning_rate": smaller_rate(evidence)}
        evidence.report(
            "dead_relu",
            "serious" if share >= 0.75 else "warning",
            numbers,
            cure,
            s.name,
            since,
            _variant(s, born),
        )


def _variant(s: LayerMeasurements, born: bool) -> str:
    """Which message says it: of units or of filters, since an epoch or from the start."""
    if born:
        return "dead_filters_from_start" if s.maps else "dead_relu_from_start"
    return "dead_filters" if s.maps else ""


def saturated_units(evidence: Evidence) -> None:
    """Hidden sigmoids or tanhs at their bounds, in a network that has not learned well."""
    last = evidence.last
    if last is None:
        return
    for s in evidence.hidden(last):
        poor = evidence.progress < 0.6 or (s.saturated >= 0.9 and evidence.progress < 0.9)
        if not (s.saturated >= 0.75 and poor):
            continue
        since, born = _since(evidence, s.name, lambda x: x.saturated >= 0.75)
        born = born and s.initializer != "glorot_uniform"  # what is set already is no advice
        numbers = {"percent": 100 * s.saturated, "activation": s.activation or ""}
        cure: dict[str, object] = {"kernel_initializer": "glorot_uniform"}
        if evidence.has("unscaled_inputs"):
            cure = {"standardize": True}
        elif not born:
            too_large = [f for f in evidence.findings if f.kind == "learning_rate_too_large"]
            rate = round_digit(evidence.learning_rate / 10)
            cure = dict(too_large[0].cure) if too_large else {"learning_rate": rate}
        evidence.report(
            "saturated_units",
            "warning",
            numbers,
            cure,
            s.name,
            since,
            "saturated_from_start" if born else "",
        )


def vanishing_gradients(evidence: Evidence) -> None:
    """The gradient of a lower layer is a thousandth of that of the last one."""
    if evidence.has("dead_relu", "saturated_units", "diverged", "learning_rate_too_large", *STUCK):
        return
    if not evidence.progress < 0.3 or not evidence.measurements.snapshots:
        return
    for snapshot in (evidence.measurements.snapshots[-1], evidence.measurements.snapshots[0]):
        layers = [s for s in snapshot.layers if math.isfinite(s.gradient)]
        if len(layers) < 3:
            return
        least, top = min(layers[:-1], key=lambda s: s.gradient), layers[-1]
        if top.gradient > 0 and least.gradient < 1e-3 * top.gradient:
            break
    else:
        return
    small = least.weight / math.sqrt(max(least.units, 1)) < 0.2
    numbers = {
        "gradient": least.gradient, "top": top.gradient, "weight": least.weight,
        "times": top.gradient / max(least.gradient, 1e-300),
    }  # fmt: skip
    cure: dict[str, object] = {"activation": {"layer": "hidden", "name": "relu"}}
    if small or least.activation not in ("sigmoid", "tanh"):
        cure = {"kernel_initializer": "he_normal"}
    evidence.report(
        "vanishing_gradients",
        "serious",
        numbers,
        cure,
        least.name,
        snapshot.epoch,
        "small_initial_weights" if small else "",
    )
