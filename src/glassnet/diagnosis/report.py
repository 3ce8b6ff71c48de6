"""What went wrong, from measured signs, in plain words with the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Literal

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
        message, advice: in English; ``message_ko``, ``advice_ko`` in Korean.
        cure: what to change, for a program: {"learning_rate": 0.01} …
    """

    kind: str
    severity: Severity
    layer: str | None
    since_epoch: int | None
    numbers: Mapping[str, Any]
    message: str
    advice: str
    message_ko: str
    advice_ko: str
    cure: Mapping[str, Any]

    def text(self, language: str = "en") -> str:
        """Message and advice, in "en" or "ko"."""
        if language == "ko":
            return f"{self.message_ko} {self.advice_ko}"
        return f"{self.message} {self.advice}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


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
            return "문제를 찾지 못했습니다" if language == "ko" else "nothing wrong was found"
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
