"""The affine layer in PyTorch, whose Linear keeps W transposed."""

from collections.abc import Iterator
from typing import Any

from glassnet.course.judging.pytorch import Case, Counterpart
from glassnet.course.judging.trial import Trial


def _cases(rng: Any) -> Iterator[Case]:
    for n, inputs, outputs in ((1, 1, 1), (1, 3, 2), (4, 2, 3), (5, 4, 1)):
        shapes = ((inputs, outputs), (outputs,), (n, inputs), (n, outputs))
        yield tuple(rng.normal(size=shape) for shape in shapes)


def _mine(t: Trial, W: Any, b: Any, x: Any, dout: Any) -> tuple[Any, ...]:
    layer = t.new(W, b)
    return layer.forward(x), layer.backward(dout), layer.value("dW"), layer.value("db")


def _theirs(W: Any, b: Any, x: Any, dout: Any) -> tuple[Any, ...]:
    from torch.nn.functional import linear

    for one in (W, b, x):
        one.requires_grad_()
    y = linear(x, W.T, b)
    y.backward(dout)
    return y, x.grad, W.grad, b.grad


COUNTERPARTS = (
    Counterpart("Affine", ("forward(x)", "backward(dout)", "dW", "db"), _cases, _mine, _theirs),
)
