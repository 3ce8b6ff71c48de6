"""Softmax with cross-entropy in PyTorch: cross_entropy, which takes scores."""

from collections.abc import Iterator
from typing import Any

from glassnet.course.judging.pytorch import Case, Counterpart
from glassnet.course.judging.trial import Trial


def _cases(rng: Any) -> Iterator[Case]:
    for n, classes in ((1, 2), (4, 3), (6, 10)):
        yield 3 * rng.normal(size=(n, classes)), rng.integers(classes, size=n)


def _mine(t: Trial, z: Any, labels: Any) -> tuple[Any, ...]:
    layer = t.new()
    return layer.forward(z, labels), layer.backward()


def _theirs(z: Any, labels: Any) -> tuple[Any, ...]:
    from torch.nn.functional import cross_entropy

    loss = cross_entropy(z.requires_grad_(), labels)
    loss.backward()
    return loss, z.grad


COUNTERPARTS = (
    Counterpart("SoftmaxWithLoss", ("forward(z, t)", "backward()"), _cases, _mine, _theirs),
)
