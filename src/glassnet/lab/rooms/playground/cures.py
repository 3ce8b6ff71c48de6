"""What is wrong with the training, as the page shows it, and the cures that one press applies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from glassnet import texts
from glassnet.diagnosis.report import Diagnosis, Finding
from glassnet.lab import fields
from glassnet.lab.protocol import RefusedError
from glassnet.lab.session import building
from glassnet.lab.session.stack import MOST_UNITS
from glassnet.lab.session.state import Session

WORDS = "lab.finding"  # where a finding speaks of functions, the page speaks of what it has

# After these nothing can be learned any more with the weights as they are.
RUINED = ("diverged", "learning_rate_too_large", "dead_relu", "saturated_units",
          "vanishing_gradients", "exploding_gradients")  # fmt: skip


def describe(findings: Diagnosis) -> list[dict[str, Any]]:
    """The findings as the page shows them, in all languages; ``can``: one press cures it,
    ``does``: by setting this."""
    return [
        {"kind": f.kind, "severity": f.severity, "can": bool(changes(f)), "does": _does(f)}
        | {
            language: [_message(f, others, language), f.advice(language, WORDS)]
            for language in texts.languages()
        }
        for f, *others in alike(findings)
    ]


def alike(findings: Diagnosis) -> list[list[Finding]]:
    """The findings, those that say the same of several layers in one place."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.kind, finding.variant), []).append(finding)
    return list(groups.values())


def _message(finding: Finding, others: list[Finding], language: str) -> str:
    said = finding.message(language, layer_name(finding.layer, language), WORDS)
    if not others:
        return said
    names = [layer_name(f.layer, language) or str(f.layer) for f in others]
    return f"{said} {texts.text('lab.layer.likewise', language, layers=', '.join(names))}"


def layer_name(name: str | None, language: str) -> str | None:
    """A layer as the page calls it, from the name that building gives; None: of another name.

    >>> layer_name("hidden2_skip/hidden2", "en"), layer_name("output", "ko")
    ('hidden layer 2', '출력층')
    """
    title = building.title(name)
    if title is None:
        return None
    return texts.text(f"lab.layer.{title['kind']}", language, number=title["number"])


def changes(finding: Finding) -> Mapping[str, Any]:
    """The part of a cure that the page has fields for."""
    cure = finding.cure
    settings = {k: cure[k] for k in ("learning_rate", "kernel_initializer", "dropout", "activation")
             if k in cure}  # fmt: skip
    return settings | {"units": "more"} if cure.get("units") == "more" else settings


def _does(finding: Finding) -> dict[str, Any]:
    """What one press would set, for the words on its button."""
    does = dict(changes(finding))
    if "learning_rate" in does:
        field = fields.field("learning_rate")
        does["learning_rate"] = min(max(does["learning_rate"], field.low), field.high)
    if "activation" in does:
        does["activation"] = does["activation"]["name"]
    return does


def apply(session: Session, index: int) -> None:
    """Do what a finding advises; start again where the weights are past saving.

    Raises:
        RefusedError: the finding is not there any more, or nothing can be done about it here.
    """
    findings = alike(session.watcher.findings)
    group = findings[index] if index < len(findings) else []
    wanted = [changes(finding) for finding in group if changes(finding)]
    if not wanted:
        raise RefusedError("Nothing to do about this here.", "problem.cure")
    for cure in wanted:
        _change(session, cure)
    if group[0].kind in RUINED:
        session.renew()
    session.watcher.renew()


def _change(session: Session, cure: Mapping[str, Any]) -> None:
    """Set the fields that a cure speaks of."""
    if "learning_rate" in cure:
        field = fields.field("learning_rate")
        session.set("learning_rate", min(max(cure["learning_rate"], field.low), field.high))
    if "kernel_initializer" in cure:
        session.set("init", cure["kernel_initializer"])
    layers = [list(layer) for layer in session.values["layers"]]
    for i, layer in enumerate(layers):
        if "activation" in cure and _means(cure["activation"]["layer"], i):
            layer[1] = cure["activation"]["name"]
        if "dropout" in cure:
            layer[2] = max(layer[2], cure["dropout"])
        if "units" in cure:  # a layer that came wider stays so
            layer[0] = max(layer[0], min(layer[0] + 4, MOST_UNITS))
    session.set("layers", layers)


def _means(name: str, layer: int) -> bool:
    """Whether a layer's name, or ``hidden`` for all, means this hidden layer."""
    number = re.match(r"hidden(\d*)", name)
    return number is not None and number[1] in ("", str(layer + 1))
