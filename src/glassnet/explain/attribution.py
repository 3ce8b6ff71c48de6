"""``explain_prediction``: how much each input had to do with one prediction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import ShapeError
from glassnet.explain.prediction import PredictionExplanation
from glassnet.model import Sequential
from glassnet.vision.covering import fall, side_of, stride_of
from glassnet.vision.subject import (
    Known as Known,
)
from glassnet.vision.subject import (
    answer_of,
    one_sample,
    outputs_and_logits,
    probability_of,
    score_gradient,
    subject_of,
)


def explain_prediction(
    model: Sequential,
    x: ArrayLike,
    about: Any = None,
    *,
    data: Known | None = None,
    feature_names: Sequence[str] | None = None,
    image_shape: tuple[int, ...] | None = None,
    baseline: ArrayLike = 0.0,
    patch: int | None = None,
) -> PredictionExplanation:
    """Which inputs moved the answer of ``model`` for one sample ``x``.

    Gradient × input says how the score (before its softmax) would answer to each input, if
    it answered along a straight line; occlusion really takes each input away and looks.
    For a network without any activation, and baseline 0, both are the same.
    (Shrikumar et al., 2016; Zeiler and Fergus, 2014.)

    Args:
        x: one sample, with or without a batch dimension of 1.
        about: the label to explain; the model's answer if not given. For a regression with
            several outputs, the number of one.
        data: the data set that x is from: names of its features and classes, shape of images.
        feature_names: one for each feature; else those of the model's preprocessing.
        image_shape: (height, width) or (height, width, channels) of an image that comes as a
            row of pixels.
        baseline: what stands for "not there": 0 is the mean of a standardised feature and
            the black of an image; or an array like x.
        patch: the side of the square of pixels that is covered; by default 1 up to 100
            pixels, 3 for MNIST's, a ninth of larger images, which are covered at some thousand
            places.

    Raises:
        NotBuiltError: the model has no parameters yet.
        ShapeError: more than one sample, or not what the model was built for.
        LabelError: a label that the model does not know.
    """
    given = one_sample(model, x, "explain_prediction")
    twin = model.copy()
    inputs = twin.take_input(given)
    outputs, logits = outputs_and_logits(twin, inputs)
    answer = answer_of(model, inputs, data)
    subject = subject_of(model, about, logits[0], data)
    gradient = score_gradient(twin, logits, subject)[0].astype(np.float64)
    shape = _image_shape(model, image_shape, data)
    value = inputs[0].astype(np.float64)
    empty = np.broadcast_to(np.asarray(baseline, np.float64), value.shape).copy()
    side = side_of(patch, shape, "explain_prediction")
    names = None if shape is not None else _names(model, data, feature_names, value.size)
    return PredictionExplanation(
        answer=answer,
        about=subject.label,
        output=subject.column,
        outputs=outputs[0],
        score=subject.sign * float(logits[0, subject.column]),
        probability=probability_of(twin, outputs, subject),
        x=value,
        gradient=gradient,
        gradient_times_input=gradient * value,
        occlusion=fall(twin, value, empty, subject, shape, side, stride_of(shape)),
        baseline=empty,
        names=names,
        image_shape=shape,
        patch=side,
    )


def _image_shape(
    model: Sequential, given: tuple[int, ...] | None, data: Known | None
) -> tuple[int, ...] | None:
    """(height, width) or (height, width, channels), where x is an image, and not a series."""
    input_shape = model.input_shape
    assert input_shape is not None
    shape = given if given is not None else None if data is None else data.image_shape
    if shape is None:
        series = any(getattr(layer, "rank", 2) == 1 for layer in model.all_layers())
        return input_shape if len(input_shape) in (2, 3) and not series else None
    if math.prod(shape) != math.prod(input_shape) or len(shape) not in (2, 3):
        raise ShapeError(
            f"image_shape {tuple(shape)} has {math.prod(shape)} pixels, but a sample has "
            f"{math.prod(input_shape)}. Pass (height, width) or (height, width, channels)."
        )
    return tuple(shape)


def _names(
    model: Sequential, data: Known | None, given: Sequence[str] | None, size: int
) -> tuple[str, ...] | None:
    if given is None and data is not None:
        given = data.feature_names
    if given is None and model.table is not None:
        given = model.table.feature_names
    if given is None and len(model.input_shape or ()) > 1:
        return None  # a series: the numbers are named by their places, [step, channel]
    if given is None:
        return tuple(f"x{i + 1}" for i in range(size))
    if len(given) != size:
        raise ShapeError(f"{len(given)} feature names for {size} features: pass one for each.")
    return tuple(map(str, given))
