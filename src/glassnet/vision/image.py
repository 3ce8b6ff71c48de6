"""One image, what the network answers for it, and the class that is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.types import Array
from glassnet.model import Sequential
from glassnet.vision.named import Shape, image_shape_of
from glassnet.vision.subject import (
    Known,
    Subject,
    answer_of,
    one_sample,
    outputs_and_logits,
    probability_of,
    subject_of,
)


@dataclass(frozen=True, eq=False)
class Seen:
    """An image as the network reads it, with its answer.

    Attributes:
        image: (rows, columns, channels).
        answer: the class, or the value.
        about: the class (or the number of the output) that is asked about.
        probability: what the network gives for ``about``; None where there is none.
    """

    image: Array
    answer: Any
    about: Any
    probability: float | None


@dataclass(frozen=True, eq=False)
class Asked:
    """A network of its own to go through, the image in it, and whose score is looked at."""

    twin: Sequential
    inputs: Array
    logits: Array
    subject: Subject
    shape: Shape
    seen: Seen


def ask(
    model: Sequential,
    image: ArrayLike,
    about: Any,
    data: Known | None,
    image_shape: Shape | None,
    who: str,
) -> Asked:
    """A copy of the network with the image passed through it.

    Raises:
        NotBuiltError, ShapeError, LabelError: as the functions of this package say.
    """
    inputs = one_sample(model, image, who)
    given = image_shape
    if given is None and data is not None:
        given = data.image_shape
    shape = image_shape_of(model, given)
    twin = model.copy()
    outputs, logits = outputs_and_logits(twin, inputs)
    subject = subject_of(model, about, logits[0], data)
    seen = Seen(
        np.array(inputs[0], np.float64).reshape(shape),
        answer_of(model, inputs, data),
        subject.label,
        probability_of(twin, outputs, subject),
    )
    return Asked(twin, inputs, logits, subject, shape, seen)
