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

# After these nothing can be learned any more with the weights as they are.
RUINED = ("diverged", "learning_rate_too_large", "dead_relu", "saturated_units",
          "vanishing_gradients", "exploding_gradients")  # fmt: skip


def describe(findings: Diagnosis) -> list[dict[str, Any]]:
    """The findings as the page shows them, in all languages; ``can``: one press cures it,
    ``does``: by setting this."""
    return [
        {"kind": f.kind, "severity": f.severity, "can": bool(changes(f)), "does": _does(f)}
        | {
            language: [f.message(language, layer_name(f.layer, language)), f.advice(language)]
            for language in texts.languages()
        }
        for f in findings
    ]


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
    findings = session.watcher.findings
    cure = changes(findings[index]) if index < len(findings) else {}
    if not cure:
        raise RefusedError("Nothing to do about this here.", "problem.cure")
    kind = findings[index].kind
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
    if kind in RUINED:
        session.renew()
    session.watcher.renew()


def _means(name: str, layer: int) -> bool:
    """Whether a layer's name, or ``hidden`` for all, means this hidden layer."""
    number = re.match(r"hidden(\d*)", name)
    return number is not None and number[1] in ("", str(layer + 1))
