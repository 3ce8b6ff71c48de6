"""What is timed."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Work:
    """A network and a batch; ``extra`` is None, "l2", "dropout" or "batch_norm"."""

    sizes: tuple[int, ...]
    batch: int
    extra: str | None = None
    learning_rate: float = 0.001

    @property
    def name(self) -> str:
        text = "-".join(map(str, self.sizes)) + f", {self.batch}"
        return text + (f" + {self.extra}" if self.extra else "")

    @property
    def parameters(self) -> int:
        return sum(p * q + q for p, q in pairwise(self.sizes))


NETWORKS = [
    Work((2, 4, 3), 300),
    Work((4, 16, 3), 32),
    Work((2, 64, 3), 300),
    Work((784, 50, 10), 100),
    Work((784, 128, 10), 128),
    Work((784, 50, 100, 10), 100),
    Work((784, 512, 512, 10), 128),
]
EXTRAS = [Work((784, 128, 10), 128, extra) for extra in ("l2", "dropout", "batch_norm")]
L2, DROPOUT = 1e-4, 0.3


@dataclass
class Material:
    """The same numbers for every peer: batches, labels, first weights."""

    work: Work
    x: np.ndarray = field(init=False)
    y: np.ndarray = field(init=False)
    weights: list[tuple[np.ndarray, np.ndarray]] = field(init=False)
    batches: int = 20

    def __post_init__(self) -> None:
        rng = np.random.default_rng(0)
        sizes, n = self.work.sizes, self.work.batch * self.batches
        self.x = rng.standard_normal((n, sizes[0])).astype(np.float32)
        teacher = rng.standard_normal((sizes[0], sizes[-1]))
        self.y = (self.x @ teacher).argmax(1)
        self.weights = [
            (
                (rng.standard_normal((p, q)) * np.sqrt(2 / p)).astype(np.float32),
                np.zeros(q, np.float32),
            )
            for p, q in pairwise(sizes)
        ]

    def parts(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The batches, cut beforehand, in this order for every peer."""
        b = self.work.batch
        return [(self.x[i : i + b], self.y[i : i + b]) for i in range(0, len(self.x), b)]


def same_curve(losses: list[float], expected: list[float]) -> bool:
    """Whether two peers did the same work: each of the first losses within 1 %."""
    return bool(np.allclose(losses, expected, rtol=0.01, atol=1e-3))


def as_work(settings: dict[str, Any]) -> Work:
    return Work(**{**settings, "sizes": tuple(settings["sizes"])})
