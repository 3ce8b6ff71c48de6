"""What is wrong with the training on the page, and the cures that one press applies."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glassnet import texts
from glassnet.diagnosis.examiner import Examiner
from glassnet.diagnosis.report import Diagnosis, Finding
from glassnet.lab import fields
from glassnet.lab.protocol import RefusedError
from glassnet.lab.stack import MOST_UNITS

if TYPE_CHECKING:
    from glassnet.lab.session import Session
    from glassnet.lab.trainer import Trainer

EVERY = 1.0  # seconds between two looks, and at least a doubling of the updates at the start
MOST_LOOKS = 64  # kept; beyond, every second one is dropped

# After these nothing can be learned any more with the weights as they are.
RUINED = ("diverged", "learning_rate_too_large", "dead_relu", "saturated_units",
          "vanishing_gradients", "exploding_gradients")  # fmt: skip


class Watcher:
    """Looks at a trainer's network now and then, as ``fit`` does for its own diagnosis.

    Attributes:
        findings: what is wrong now.
        version: counts the changes of ``findings``.
    """

    def __init__(self) -> None:
        self.findings: Diagnosis = Diagnosis()
        self.version = 1
        self._examiner: Examiner | None = None
        self._looked = 0.0

    def renew(self) -> None:
        """Another network, or another start: look anew."""
        self._examiner = None
        self._say(Diagnosis())

    def begin(self, trainer: Trainer) -> None:
        """Before an epoch: the first look, if there was none yet."""
        if self._examiner is None:
            self._examiner = Examiner(trainer.model, *trainer.encoded)
            self._examiner.signs.begins = trainer.epoch if trainer.fresh else -1
            self._look(trainer)

    def end(self, trainer: Trainer) -> None:
        """After an epoch, and when the training stopped."""
        if self._examiner is None:
            return
        now = time.monotonic()
        if trainer.stopped != "diverged" and now - self._looked < EVERY:
            return
        self._look(trainer)
        looks = self._examiner.signs.looks
        if len(looks) > MOST_LOOKS:
            del looks[1:-1:2]
        where = trainer.diverged
        self._say(self._examiner.diagnose(trainer.history, finished=False, diverged=where))

    def _look(self, trainer: Trainer) -> None:
        assert self._examiner is not None
        self._examiner.look(trainer.epoch, trial=trainer.stopped != "diverged")
        self._looked = time.monotonic()

    def _say(self, findings: Diagnosis) -> None:
        if [f.text() for f in findings] != [f.text() for f in self.findings]:
            self.version += 1
        self.findings = findings


def describe(findings: Diagnosis) -> list[dict[str, Any]]:
    """The findings as the page shows them, in all languages; ``can``: one press cures it."""
    return [
        {"kind": f.kind, "severity": f.severity, "can": bool(changes(f))}
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
    found = re.fullmatch(r"hidden(\d+)[\w/]*|output", name or "")
    if found is None:
        return None
    if found[1] is None:
        return texts.text("lab.layer.output", language)
    return texts.text("lab.layer.hidden", language, number=found[1])


def changes(finding: Finding) -> Mapping[str, Any]:
    """The part of a cure that the page has fields for."""
    cure = finding.cure
    found = {k: cure[k] for k in ("learning_rate", "kernel_initializer", "dropout", "activation")
             if k in cure}  # fmt: skip
    return found | {"units": "more"} if cure.get("units") == "more" else found


def apply(session: Session, index: int) -> None:
    """Do what a finding advises; start anew where the weights are past saving.

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
