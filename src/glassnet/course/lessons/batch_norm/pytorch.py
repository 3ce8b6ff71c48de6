"""Batch normalization in PyTorch, in training."""

from collections.abc import Iterator
from typing import Any

from glassnet.course.judging.pytorch import Case, Counterpart
from glassnet.course.judging.trial import Trial

EPS = 1e-3


def _cases(rng: Any) -> Iterator[Case]:
    for n, features in ((2, 3), (5, 2), (8, 1)):
        gamma, beta = 1 + 0.5 * rng.normal(size=features), rng.normal(size=features)
        yield gamma, beta, 2 * rng.normal(size=(n, features)), rng.normal(size=(n, features))


def _mine(t: Trial, gamma: Any, beta: Any, x: Any, dout: Any) -> tuple[Any, ...]:
    layer = t.new(gamma, beta, 0.9, EPS)
    y, dx = layer.forward(x, True), layer.backward(dout)
    return y, dx, layer.value("dgamma"), layer.value("dbeta")


def _theirs(gamma: Any, beta: Any, x: Any, dout: Any) -> tuple[Any, ...]:
    from torch.nn.functional import batch_norm

    for one in (gamma, beta, x):
        one.requires_grad_()
    y = batch_norm(x, None, None, gamma, beta, training=True, eps=EPS)
    y.backward(dout)
    return y, x.grad, gamma.grad, beta.grad


ANSWERS = ("forward(x)", "backward(dout)", "dgamma", "dbeta")
COUNTERPARTS = (Counterpart("BatchNorm", ANSWERS, _cases, _mine, _theirs, tolerance=1e-7),)
