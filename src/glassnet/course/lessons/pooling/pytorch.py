"""Max pooling in PyTorch, whose channels stand before rows and columns."""

from collections.abc import Iterator
from typing import Any

from glassnet.course.judging.pytorch import Case, Counterpart
from glassnet.course.judging.trial import Trial


def _cases(rng: Any) -> Iterator[Case]:
    for size, stride, rows, columns in ((2, 2, 4, 6), (3, 1, 5, 4), (2, 3, 6, 5)):
        out = (rows - size) // stride + 1, (columns - size) // stride + 1
        yield size, stride, rng.normal(size=(2, rows, columns, 3)), rng.normal(size=(2, *out, 3))


def _mine(t: Trial, size: int, stride: int, x: Any, dout: Any) -> tuple[Any, ...]:
    layer = t.new(size, stride)
    return layer.forward(x), layer.backward(dout)


def _theirs(size: int, stride: int, x: Any, dout: Any) -> tuple[Any, ...]:
    from torch.nn.functional import max_pool2d

    y = max_pool2d(x.requires_grad_().permute(0, 3, 1, 2), size, stride).permute(0, 2, 3, 1)
    y.backward(dout)
    return y, x.grad


COUNTERPARTS = (Counterpart("MaxPool", ("forward(x)", "backward(dout)"), _cases, _mine, _theirs),)
