"""The losses and one-hot rows in PyTorch."""

from collections.abc import Callable, Iterator
from typing import Any

from glassnet.course.judging.pytorch import Case, Counterpart
from glassnet.course.judging.trial import Trial


def _mine(t: Trial, *case: Any) -> tuple[Any, ...]:
    return (t.call(*case),)


def _labels(rng: Any) -> Iterator[Case]:
    for n, classes in ((1, 2), (4, 3), (6, 10)):
        yield rng.integers(classes, size=n), classes


def _numbers(rng: Any) -> Iterator[Case]:
    for shape in ((3,), (2, 4), (5, 1)):
        yield rng.normal(size=shape), rng.normal(size=shape)


def _pairs(rng: Any) -> Iterator[Case]:
    for n in (1, 4, 9):
        yield rng.uniform(0.01, 0.99, n), rng.integers(2, size=n).astype(float)


def _classes(rng: Any) -> Iterator[Case]:
    for n, classes in ((1, 2), (4, 3), (6, 10)):
        p = rng.uniform(0.1, 1.0, (n, classes))
        yield p / p.sum(axis=1, keepdims=True), rng.integers(classes, size=n)


def _one_hot(labels: Any, classes: int) -> Any:
    from torch.nn.functional import one_hot

    return one_hot(labels, classes)


def _of_pytorch(name: str) -> Callable[..., Any]:
    def loss(y: Any, t: Any) -> Any:
        import torch.nn.functional

        return getattr(torch.nn.functional, name)(y, t)

    return loss


def _of_classes(p: Any, t: Any) -> Any:
    from torch.nn.functional import nll_loss

    return nll_loss(p.log(), t)


def _function(name: str, arguments: str, cases: Any, theirs: Callable[..., Any]) -> Counterpart:
    def answer(*case: Any) -> tuple[Any, ...]:
        return (theirs(*case),)

    return Counterpart(name, (f"{name}({arguments})",), cases, _mine, answer)


COUNTERPARTS = (
    _function("one_hot", "labels, classes", _labels, _one_hot),
    _function("mean_squared_error", "y, t", _numbers, _of_pytorch("mse_loss")),
    _function("binary_crossentropy", "p, t", _pairs, _of_pytorch("binary_cross_entropy")),
    _function("categorical_crossentropy", "p, t", _classes, _of_classes),
)
