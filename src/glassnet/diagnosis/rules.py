"""The rules of a diagnosis: which measurements mean that something is wrong.

The thresholds were set on runs that are healthy (digits, spirals, moons, tables, sine, many
seeds) and on runs that were made ill on purpose; between the two there is room on both sides
of each.  A rule reads what those before it found: a network that is dead because its first
steps were too large is not called underfitting as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.measurements import LayerMeasurements, Snapshot
from glassnet.diagnosis.report import Diagnosis

POOR = 0.5  # progress below which what is measured on the layers counts
RATES = ("diverged", "learning_rate_too_large", "learning_rate_too_small")
STUCK = ("equal_weights", "penalty_diverges", "penalty_outweighs", "stuck_in_a_valley")
LAYERS = ("dead_relu", "saturated_units", "vanishing_gradients", "exploding_gradients")


def apply_rules(evidence: Evidence) -> Diagnosis:
    """All rules, the serious findings first."""
    with np.errstate(all="ignore"):
        for rule in RULES:
            rule(evidence)
    return Diagnosis(tuple(sorted(evidence.findings, key=lambda f: f.severity != "serious")))


def round_digit(value: float) -> float:
    """The number with one significant digit, as one would set a learning rate."""
    return float(f"{value:.0e}") if value > 0 and math.isfinite(value) else 1e-3


# ---- the data ----------------------------------------------------------------------------------


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


# ---- the learning rate -------------------------------------------------------------------------


def _first(evidence: Evidence) -> Snapshot | None:
    """The snapshot before the first update, if there was one."""
    snapshots = evidence.measurements.snapshots
    return (
        snapshots[0] if snapshots and snapshots[0].epoch == evidence.measurements.begins else None
    )


def _moved_at_first(evidence: Evidence) -> float:
    first = _first(evidence)
    ratios = [s.moved for s in first.layers if math.isfinite(s.moved)] if first else []
    return max(ratios, default=math.nan)


def _smaller(evidence: Evidence) -> float:
    """A learning rate with which an update moves the weights by about 3 %."""
    moved = _moved_at_first(evidence)
    share = 0.03 / moved if moved > 0.3 and math.isfinite(moved) else 0.1
    return round_digit(evidence.learning_rate * share)


def exploding_gradients(evidence: Evidence) -> None:
    """Before any update: a loss far above any sensible answer, and gradients to match."""
    first = _first(evidence)
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
    suggested = _smaller(evidence)
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
    first, begins = _first(evidence), evidence.measurements.begins
    begin = first.loss if first is not None else losses[0]
    worst = float(np.nanmax(evidence.data_losses))
    moved = _moved_at_first(evidence)
    numbers = {
        "learning_rate": evidence.learning_rate, "suggested": _smaller(evidence), "worst": worst,
        "baseline": base, "moved": moved,
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


# ---- the layers --------------------------------------------------------------------------------


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
    return max(evidence.measurements.begins, 0), _first(evidence) is not None


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
    found, last, first = evidence.measurements, evidence.last, _first(evidence)
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
    last, first = evidence.last, _first(evidence)
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
            cure = {"learning_rate": _smaller(evidence)}
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


# ---- what was learned --------------------------------------------------------------------------


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
