"""ReLU and sigmoid in PyTorch."""

from collections.abc import Iterator
from typing import Any

from glassnet.course.judging.pytorch import Case, Counterpart
from glassnet.course.judging.trial import Trial

ANSWERS = ("forward(x)", "backward(dout)")


def _cases(rng: Any) -> Iterator[Case]:
    for shape in ((1, 1), (3, 2), (2, 4), (5,)):
        yield rng.normal(size=shape), rng.normal(size=shape)


def _mine(t: Trial, x: Any, dout: Any) -> tuple[Any, ...]:
    layer = t.new()
    return layer.forward(x), layer.backward(dout)


def _layer(name: str) -> Counterpart:
    def theirs(x: Any, dout: Any) -> tuple[Any, ...]:
        import torch

        y = getattr(torch, name.lower())(x.requires_grad_())
        y.backward(dout)
        return y, x.grad

    return Counterpart(name, ANSWERS, _cases, _mine, theirs)


COUNTERPARTS = (_layer("ReLU"), _layer("Sigmoid"))
