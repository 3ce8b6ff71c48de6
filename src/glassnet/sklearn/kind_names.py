"""The names that a parameter of an estimator may have, those of a user's own kinds included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sklearn.utils._param_validation import StrOptions

from glassnet._core import custom


class KindNames(StrOptions):  # type: ignore[misc]
    """glassnet's names, those of scikit-learn, and whatever is registered when it is asked.

    Args:
        kind: "activation", "loss", "optimizer", "schedule".
        known: the names that are there from the beginning.
    """

    def __init__(self, kind: str, known: Iterable[str]) -> None:
        super().__init__(set(known))
        self.kind = kind

    def is_satisfied_by(self, val: Any) -> bool:
        """Whether it is one of the names."""
        return bool(super().is_satisfied_by(val)) or (
            isinstance(val, str) and val in custom.names(self.kind)
        )
