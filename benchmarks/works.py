"""What is timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod
from typing import Any, ClassVar

import numpy as np


@dataclass(frozen=True)
class Work:
    """A network and a batch; ``extra`` is None, "l2", "dropout" or "batch_norm"."""

    sizes: tuple[int, ...]
    batch: int
    extra: str | None = None
    learning_rate: float = 0.001
    batches: ClassVar[int] = 20

    @property
    def shape(self) -> tuple[int, ...]:
        return self.sizes[:1]

    @property
    def weight_shapes(self) -> list[tuple[int, ...]]:
        return list(pairwise(self.sizes))

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


@dataclass(frozen=True)
class Conv:
    """Filters of size × size with bias and ReLU; ``same``: as many rows and columns as before."""

    filters: int
    size: int
    stride: int = 1
    same: bool = False


@dataclass(frozen=True)
class Pool:
    """Over 2 × 2, the maximum or the mean."""

    kind: str = "max"


@dataclass(frozen=True)
class ImageWork:
    """A network over images and a batch: convolutions, pooling, dense layers with ReLU between."""

    title: str
    shape: tuple[int, int, int]  # rows, columns, channels
    stack: tuple[Conv | Pool, ...]
    units: tuple[int, ...]  # of the dense layers
    batch: int
    learning_rate: float = 0.0005
    extra: None = None
    batches: ClassVar[int] = 8

    @property
    def name(self) -> str:
        return f"{self.title}, {self.batch}"

    @property
    def features(self) -> list[tuple[int, int, int]]:
        """The shape of an image, then the shape after each part of the stack."""
        shapes = [self.shape]
        for part in self.stack:
            h, w, channels = shapes[-1]
            if isinstance(part, Pool):
                shapes.append((h // 2, w // 2, channels))
            else:
                lost = 0 if part.same else part.size - 1
                h, w = ((n - lost - 1) // part.stride + 1 for n in (h, w))
                shapes.append((h, w, part.filters))
        return shapes

    @property
    def weight_shapes(self) -> list[tuple[int, ...]]:
        """Kernels (rows, columns, channels, filters), then matrices (inputs, units)."""
        kernels = [
            (part.size, part.size, channels, part.filters)
            for part, (_, _, channels) in zip(self.stack, self.features)
            if isinstance(part, Conv)
        ]
        return [*kernels, *pairwise((prod(self.features[-1]), *self.units))]


DIGIT, POOL, MEAN = (28, 28, 1), Pool("max"), Pool("average")
IMAGES = [
    ImageWork("Keras's MNIST net", DIGIT, (Conv(32, 3), POOL, Conv(64, 3), POOL), (10,), 128),
    ImageWork(
        "LeNet", DIGIT, (Conv(6, 5, same=True), POOL, Conv(16, 5), POOL), (120, 84, 10), 128
    ),
    ImageWork(
        "CIFAR", (32, 32, 3),
        (Conv(32, 3, same=True), Conv(32, 3, same=True), POOL,
         Conv(64, 3, same=True), Conv(64, 3, same=True), POOL), (10,), 64,
    ),
    ImageWork("the book's simple net", DIGIT, (Conv(30, 5), POOL), (100, 10), 100),
    ImageWork("without pooling", DIGIT, (Conv(16, 3), Conv(32, 3)), (10,), 128),
    ImageWork("strides of 2", DIGIT, (Conv(32, 3, stride=2), Conv(64, 3, stride=2)), (10,), 128),
    ImageWork(
        "LeNet, average pooling", DIGIT,
        (Conv(6, 5, same=True), MEAN, Conv(16, 5), MEAN), (120, 84, 10), 128,
    ),
]  # fmt: skip
LENET = IMAGES[1]


@dataclass
class Material:
    """The same numbers for every peer: batches, labels, first weights."""

    work: Work | ImageWork
    x: np.ndarray = field(init=False)
    y: np.ndarray = field(init=False)
    weights: list[tuple[np.ndarray, np.ndarray]] = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(0)
        work, n = self.work, self.work.batch * self.work.batches
        self.x = rng.standard_normal((n, *work.shape)).astype(np.float32)
        rows = self.x.reshape(n, -1)
        teacher = rng.standard_normal((rows.shape[1], work.weight_shapes[-1][-1]))
        self.y = (rows @ teacher).argmax(1)
        self.weights = [
            (
                (rng.standard_normal(shape) * np.sqrt(2 / prod(shape[:-1]))).astype(np.float32),
                np.zeros(shape[-1], np.float32),
            )
            for shape in work.weight_shapes
        ]

    @property
    def batches(self) -> int:
        return self.work.batches

    def parts(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The batches, cut beforehand, in this order for every peer."""
        b = self.work.batch
        return [(self.x[i : i + b], self.y[i : i + b]) for i in range(0, len(self.x), b)]


def same_curve(losses: list[float], expected: list[float]) -> bool:
    """Whether two peers did the same work: each of the first losses within 1 %."""
    return bool(np.allclose(losses, expected, rtol=0.01, atol=1e-3))


class InParts:
    """Predictions for many images, in the parts in which this peer is fastest."""

    def __init__(self, predict: Callable[[np.ndarray], Any], x: np.ndarray) -> None:
        self.predict, self.x = predict, x
        self.size = min({min(size, len(x)) for size in (100, 1000)}, key=self.seconds)

    def seconds(self, size: int) -> float:
        self.size = size
        self.run(1)  # what compiles for a size does so here
        began = time.perf_counter()
        self.run(1)
        return time.perf_counter() - began

    def run(self, count: int) -> None:
        for _ in range(count):
            for first in range(0, len(self.x), self.size):
                self.predict(self.x[first : first + self.size])


def as_work(settings: dict[str, Any]) -> Work | ImageWork:
    if "title" in settings:
        return next(work for work in IMAGES if work.title == settings["title"])
    return Work(**{**settings, "sizes": tuple(settings["sizes"])})
