"""Penalties on weights: L1, L2, and both.

penalty  = l1·Σ|w| + l2·Σw²            (as Keras: no factor ½)
gradient = l1·sign(w) + 2·l2·w
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.registry import lookup
from glassnet._core.settings import number, refuse_unknown
from glassnet._core.types import Array
from glassnet.errors import ConfigError


@dataclass(frozen=True)
class L1L2:
    """l1·Σ|w| + l2·Σw², added to the loss.

    >>> L1L2(l1=0.5, l2=0.25).penalty(np.array([3.0, -4.0]))
    9.75

    Raises:
        ConfigError: a factor below zero or not finite.
    """

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("l1", self.l1), ("l2", self.l2)):
            number("regularizer", name, value, minimum=0.0)

    def penalty(self, w: Array) -> float:
        """l1·Σ|w| + l2·Σw²."""
        return float(penalty(w.reshape(-1), self.l1, self.l2))

    def add_gradient(self, w: Array, dw: Array) -> None:
        """dw += l1·sign(w) + 2·l2·w, in place."""
        kind = w.dtype.type
        add_penalty_gradient(w.reshape(-1), dw.reshape(-1), kind(self.l1), kind(2 * self.l2))

    def get_config(self) -> dict[str, Any]:
        return {k: v for k, v in (("l1", self.l1), ("l2", self.l2)) if v}


def L1(l1: float = 0.01) -> L1L2:
    """l1·Σ|w|."""
    return L1L2(l1=l1)


def L2(l2: float = 0.01) -> L1L2:
    """l2·Σw² (as Keras; PyTorch's weight_decay is twice this factor)."""
    return L1L2(l2=l2)


NAMED = {"l1": L1L2(l1=0.01), "l2": L1L2(l2=0.01), "l1_l2": L1L2(0.01, 0.01)}


def get(spec: L1L2 | Mapping[str, Any] | str | None) -> L1L2 | None:
    """A regularizer from ``"l1"``, ``"l2"``, ``"l1_l2"``, a config or a value.

    >>> get({"name": "l2", "l2": 0.5})
    L1L2(l1=0.0, l2=0.5)

    Raises:
        ConfigError: none of these.
        UnknownNameError: a name, or a setting, that is not known.
    """
    if spec is None or isinstance(spec, L1L2):
        return spec
    settings = dict(spec) if isinstance(spec, Mapping) else {"name": spec}
    if not isinstance(settings.get("name", ""), str):
        raise ConfigError(
            f"regularizer {spec!r}: expected L1(0.01), L2(0.01), L1L2(l1, l2) or None."
        )
    if "name" not in settings:
        refuse_unknown("regularizer", settings, ("l1", "l2"))
        return L1L2(**settings)
    name = settings.pop("name")
    known = lookup("regularizer", NAMED, name)
    refuse_unknown(f"regularizer {name!r}", settings, name.split("_"))
    return replace(known, **settings)


def project_max_norm(W: Array, limit: float) -> None:
    """Shorten the columns of ``W`` (the weights into one unit) that are longer than ``limit``.

    W[:, j] ← W[:, j] · min(1, limit / ‖W[:, j]‖)   (Srebro and Shraibman, 2005)
    """
    lengths = np.sqrt(np.einsum("ij,ij->j", W, W))
    too_long = lengths > limit
    if too_long.any():
        W[:, too_long] *= (limit / lengths[too_long]).astype(W.dtype)


@kernel
def penalty(w: Array, l1: float, l2: float) -> float:
    """l1·Σ|w| + l2·Σw², summed in double precision."""
    total = 0.0
    for i in range(w.size):
        wi = float(w[i])
        total += l1 * abs(wi) + l2 * wi * wi
    return total


@kernel
def add_penalty_gradient(w: Array, dw: Array, l1: Any, twice_l2: Any) -> None:
    """dw += l1·sign(w) + 2·l2·w."""
    for i in range(w.size):
        dw[i] += l1 * np.sign(w[i]) + twice_l2 * w[i]
