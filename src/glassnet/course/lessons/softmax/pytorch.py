"""Softmax in PyTorch."""

from collections.abc import Iterator
from typing import Any

from glassnet.course.judging.pytorch import Case, Counterpart
from glassnet.course.judging.trial import Trial


def _cases(rng: Any) -> Iterator[Case]:
    for shape in ((3,), (1, 4), (5, 2), (4, 10)):
        yield (3 * rng.normal(size=shape),)
    yield (1000 * rng.normal(size=(3, 4)),)


def _mine(t: Trial, z: Any) -> tuple[Any, ...]:
    return (t.call(z),)


def _theirs(z: Any) -> tuple[Any, ...]:
    return (z.softmax(dim=-1),)


COUNTERPARTS = (Counterpart("softmax", ("softmax(z)",), _cases, _mine, _theirs),)
