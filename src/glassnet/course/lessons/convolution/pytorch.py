"""Convolution in PyTorch, whose channels stand before rows and columns."""

from collections.abc import Iterator
from typing import Any

from glassnet.course.judging.pytorch import Case, Counterpart
from glassnet.course.judging.trial import Trial
from glassnet.course.lessons.convolution.checks import CASES, gathered, spread


def _cases(rng: Any) -> Iterator[Case]:
    for case in CASES:
        n, channels, filters = case.shape[0], case.shape[3], 2
        W, b = rng.normal(size=(case.kh, case.kw, channels, filters)), rng.normal(size=filters)
        dout = rng.normal(size=(n, *case.windows, filters))
        yield W, b, case.stride, case.pad, rng.normal(size=case.shape), dout


def _mine(
    t: Trial, W: Any, b: Any, stride: int, pad: int, x: Any, dout: Any
) -> tuple[Any, ...]:  # fmt: skip
    with t.among(im2col=gathered, col2im=spread):
        layer = t.new(W, b, stride, pad)
        return layer.forward(x), layer.backward(dout), layer.value("dW"), layer.value("db")


def _theirs(W: Any, b: Any, stride: int, pad: int, x: Any, dout: Any) -> tuple[Any, ...]:
    from torch.nn.functional import conv2d

    for one in (W, b, x):
        one.requires_grad_()
    images, kernels = x.permute(0, 3, 1, 2), W.permute(3, 2, 0, 1)
    y = conv2d(images, kernels, b, stride, pad).permute(0, 2, 3, 1)
    y.backward(dout)
    return y, x.grad, W.grad, b.grad


ANSWERS = ("forward(x)", "backward(dout)", "dW", "db")
COUNTERPARTS = (Counterpart("Conv2D", ANSWERS, _cases, _mine, _theirs),)
