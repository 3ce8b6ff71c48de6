"""Where the checks run: it keeps the tallies and turns what is raised into rows."""

from __future__ import annotations

import contextlib
import warnings
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from glassnet.verify.measure import FORMULA, PYTORCH, TOLERANCES, Tally
from glassnet.verify.peers import Peer, silence
from glassnet.verify.report import NotCompared, Row


class Bench:
    """The state of one verification.

    Attributes:
        group, subject: what is being checked.
        rng: random numbers for this subject: the same whatever else is checked.
    """

    def __init__(
        self, seed: int, peers: list[Peer], progress: Callable[[str], None] | None = None
    ) -> None:
        self.seed = seed
        self.peers = {peer.name: peer.module for peer in peers if peer.present}
        self.progress = progress
        self.group = self.subject = ""
        self.rng = np.random.default_rng(seed)
        self.tallies: dict[tuple[str, ...], Tally] = {}
        self.not_compared: list[NotCompared] = []

    @contextlib.contextmanager
    def on(self, subject: str) -> Iterator[None]:
        """Inside, everything is about ``subject``; an exception is a failed row.

        A warning of NumPy (overflow, a division by zero) is a fault too.
        """
        self.subject = subject
        self.rng = np.random.default_rng([self.seed, zlib.crc32(subject.encode())])
        if self.progress is not None:
            self.progress(f"{self.group}: {subject}")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", RuntimeWarning)
                yield
        except Exception as error:
            self.tally("runs", FORMULA).note(
                np.inf, f"raised {type(error).__name__}: {' '.join(str(error).split())[:200]}"
            )

    def tally(
        self, kind: str, judge: str, dtype: str = "float64", tolerance: float | None = None
    ) -> Tally:
        """The row in the making for the present subject."""
        key = (self.group, self.subject, kind, judge, dtype)
        if key not in self.tallies:
            allowed = TOLERANCES[judge, dtype][0] if tolerance is None else tolerance
            self.tallies[key] = Tally(*key, allowed)
        return self.tallies[key]

    def compare(
        self, kind: str, judge: str, ours: Any, theirs: Any, where: str = "",
        dtype: str = "float64", tolerance: float | None = None, unit: float | None = None,
    ) -> None:  # fmt: skip
        """One comparison, noted in its row."""
        self.tally(kind, judge, dtype, tolerance).add(ours, theirs, where, unit)

    def unknown(self, name: str) -> None:
        """A table has an entry for which there is no independent formula: not verified."""
        self.subject = name
        self.tally("formula", FORMULA).note(np.inf, "verify has no formula to check it by")

    @contextlib.contextmanager
    def peer(self, judge: str) -> Iterator[Any]:
        """Inside, the other system computes; if it fails, that is noted and nothing is compared."""
        try:
            with silence() if judge != PYTORCH else _no_warnings():
                yield self.peers[judge]
        except Exception as error:
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
            self.not_compared.append(NotCompared(self.subject, judge, reason))

    def rows(self) -> list[Row]:
        """What was found."""
        return [
            Row(t.group, t.subject, t.kind, t.judge, t.dtype, t.cases, t.largest_error,
                t.tolerance, t.where)
            for t in self.tallies.values()
        ]  # fmt: skip


@contextlib.contextmanager
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
