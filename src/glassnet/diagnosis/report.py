"""What went wrong, from measured signs, in plain words with the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from glassnet import texts
from glassnet._core import notebook

Severity = Literal["warning", "serious"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: "diverged", "learning_rate_too_large", "dead_relu" …
        severity: "serious" where the training cannot succeed like this, else "warning".
        layer: the name of the layer it is about, or None.
        since_epoch: the first epoch (from 0) in which it was seen, or None.
        numbers: what was measured, by name.
        cure: what to change, for a program: {"learning_rate": 0.01} …
        variant: which of several messages of its kind says it; "" for the usual one.
    """

    kind: str
    severity: Severity
    layer: str | None
    since_epoch: int | None
    numbers: Mapping[str, Any]
    cure: Mapping[str, Any]
    variant: str = ""

    def message(
        self, language: str = "en", layer: str | None = None, words: str | None = None
    ) -> str:
        """What is wrong; ``layer``: what to call the layer instead of its name in quotes.

        ``words``: the part of the catalogues that has texts of its own, where it has one.
        """
        return self._say("message", language, layer, words)

    def advice(self, language: str = "en", words: str | None = None) -> str:
        """What to try; ``words`` as in :meth:`message`."""
        return self._say("advice", language, None, words)

    def text(self, language: str = "en") -> str:
        """Message and advice, in "en", "ko" or another language of ``glassnet/texts``."""
        return f"{self.message(language)} {self.advice(language)}"

    def _say(self, part: str, language: str, layer: str | None, words: str | None) -> str:
        called = layer or texts.text("diagnosis.layer", language, name=self.layer)
        values = {name: short_number(value) for name, value in self.numbers.items()} | {
            "layer": called,
            "Layer": called[:1].upper() + called[1:],
            "since": "" if self.since_epoch is None else str(self.since_epoch + 1),
        }
        name = f"{self.variant or self.kind}.{part}"
        own = words is not None and name in texts.part(words, language)
        return texts.text(f"{words if own else 'diagnosis'}.{name}", language, **values)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, with the messages in English."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "layer": self.layer,
            "since_epoch": self.since_epoch,
            "numbers": dict(self.numbers),
            "message": self.message(),
            "advice": self.advice(),
            "cure": dict(self.cure),
        }


def short_number(value: Any) -> str:
    """A number for people, with three digits.

    >>> short_number(0.012345), short_number(1018.4), short_number(4.74e-07)
    ('0.0123', '1,020', '4.74e-07')
    """
    if isinstance(value, float):
        large = 1000 <= abs(value) < 1e7
        return f"{float(f'{value:.3g}'):,.0f}" if large else f"{value:.3g}"
    return str(value)


@dataclass(frozen=True)
class Diagnosis(Sequence[Finding]):
    """The findings, the most important first; empty if nothing is wrong.

    >>> print(Diagnosis())
    nothing wrong was found
    """

    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, index: Any) -> Any:
        return self.findings[index]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def kinds(self) -> list[str]:
        """The kinds of the findings, each once."""
        return list(dict.fromkeys(finding.kind for finding in self.findings))

    def text(self, language: str = "en") -> str:
        """A line for each finding."""
        if not self.findings:
            return texts.text("diagnosis.nothing", language)
        return "\n".join(f"- {finding.text(language)}" for finding in self.findings)

    def to_dict(self) -> list[dict[str, Any]]:
        """Plain JSON."""
        return [finding.to_dict() for finding in self.findings]

    def __str__(self) -> str:
        return self.text()

    def to_html(self, language: str = "en") -> str:
        """A list, for a page of one's own; in a notebook a diagnosis shows itself."""
        if not self.findings:
            return f'<p class="good">{escape(self.text(language))}</p>'
        lines = []
        for f in self.findings:
            sign, kind = ("✗", "bad") if f.severity == "serious" else ("▲", "kink")
            lines.append(f'<p><span class="{kind}">{sign}</span> {escape(f.text(language))}</p>')
        return "".join(lines)

    def _repr_html_(self) -> str:
        return notebook.block(self.to_html())
