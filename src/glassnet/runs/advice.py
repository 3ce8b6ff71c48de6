"""What to try next, from the numbers of a run."""

from __future__ import annotations

import math
from typing import Any

from glassnet import texts
from glassnet.diagnosis.report import Finding
from glassnet.insight.baseline import quoted
from glassnet.runs.recipes import Settings
from glassnet.training.history import History

# How ``glassnet train`` is told what a finding proposes.
OPTIONS = {"learning_rate": "--learning-rate", "epochs": "--epochs", "dropout": "--dropout"}
BALANCED = "--class-weight balanced"


def next_steps(history: History, report: dict[str, Any], settings: Settings) -> list[str]:
    """Sentences for a person, the most important one first; none if there is nothing to say."""
    findings = [] if history.diagnosis is None else list(history.diagnosis)
    found = [_with_options(finding) for finding in findings]
    kinds = {finding.kind for finding in findings}
    learned, held = report["training"], report["held_out"]
    name = "accuracy" if "accuracy" in held else "r2"
    found += _never_answered(held, "imbalanced_classes" in kinds)
    if settings.effort:  # its networks end at the epoch that was best for what they left out
        return found
    known, new = learned[name] or 0.0, held[name] or 0.0
    if known - new > max(0.03, _chance(new, report)) and "overfitting" not in kinds:
        ways = [
            *(["--dropout 0.3"] if not settings.dropout else []),
            *(["--l2 0.01"] if not settings.l2 else []),
            "more data" if settings.start else "a smaller network or more data",
        ]
        found.append(
            f"It is better on what it learned from ({known:.1%}) than on new data ({new:.1%}): "
            f"try {', '.join(ways)}."
        )
    elif not found and not history.stopped and _still_falling(history.history.get("loss", [])):
        found.append(
            f"The loss was still falling at the end: train longer, --epochs {2 * settings.epochs}."
        )
    return found


def _never_answered(held: dict[str, Any], said: bool) -> list[str]:
    """That rare classes are never answered; the way out is told once."""
    never = held.get("never_answered", ())
    if not never:
        return []
    count = sum(row["support"] for row in held["per_class"] if row["label"] in never)
    line = texts.text(
        "insight.rare_never", names=quoted(never), count=f"{count:,}", n=f"{held['samples']:,}"
    )
    return [line if said else f"{line} ({BALANCED})"]


def _chance(share: float, report: dict[str, Any]) -> float:
    """By how much a share of right answers may differ by chance: two standard errors.

    With 30 held-out samples a single one makes 3 %.
    """
    if "accuracy" not in report["held_out"]:
        return 0.0
    return 2 * math.sqrt(share * (1 - share) / report["data"]["held_out"])


def _with_options(finding: Finding) -> str:
    options = [f"{OPTIONS[k]} {v:g}" for k, v in finding.cure.items() if k in OPTIONS]
    options += [BALANCED] if "class_weight" in finding.cure else []
    return finding.text() + (f" ({', '.join(options)})" if options else "")


def _still_falling(losses: list[float]) -> bool:
    """Whether the last tenth of the epochs brought more than a fiftieth of the loss."""
    if len(losses) < 10:
        return False
    tenth = len(losses) // 10
    before = sum(losses[-2 * tenth : -tenth]) / tenth
    last = sum(losses[-tenth:]) / tenth
    return last < 0.98 * before and last > 0.01
