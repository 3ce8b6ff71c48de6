"""``explain_prediction``: how much each input had to do with one prediction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, LabelError, ShapeError
from glassnet.explain.prediction import PredictionExplanation
from glassnet.model import Sequential

ROWS = 1024  # occluded copies that go through the network at once


class Known(Protocol):
    """A data set, or what is kept of one."""

    @property
    def class_names(self) -> tuple[str, ...] | None: ...
    @property
    def feature_names(self) -> tuple[str, ...] | None: ...
    @property
    def image_shape(self) -> tuple[int, ...] | None: ...


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
            pixels, 3 above.

    Raises:
        NotBuiltError: the model has no parameters yet.
        ShapeError: more than one sample, or not what the model was built for.
        LabelError: a label that the model does not know.
    """
    if not isinstance(model, Sequential):
        raise ConfigError(f"explain_prediction: expected a Sequential, got {type(model).__name__}.")
    model.need_built("explain_prediction")
    assert model.input_shape is not None
    sample = np.asarray(x)
    if sample.shape == model.input_shape:
        sample = sample[np.newaxis]
    if sample.shape[:1] != (1,) and sample.shape[1:] == model.input_shape:
        raise ShapeError(
            f"explain_prediction: {len(sample)} samples came; it explains one at a time. Pass x[0]."
        )
    twin = model.copy()
    inputs = twin.take_input(sample)
    outputs, logits = _forward(twin, inputs)
    answer = _answer(model, inputs, data)
    subject = _subject(model, about, logits[0], data)
    gradient = _gradient(twin, logits, subject)[0].astype(np.float64)
    shape = _image_shape(model, image_shape, data)
    value = inputs[0].astype(np.float64)
    empty = np.broadcast_to(np.asarray(baseline, np.float64), value.shape).copy()
    side = _patch(patch, shape)
    names = None if shape is not None else _names(model, data, feature_names, value.size)
    return PredictionExplanation(
        answer=answer,
        about=subject.label,
        output=subject.column,
        outputs=outputs[0],
        score=subject.sign * float(logits[0, subject.column]),
        probability=_probability(twin, outputs, subject),
        x=value,
        gradient=gradient,
        gradient_times_input=gradient * value,
        occlusion=_occlusion(twin, value, empty, subject, shape, side),
        baseline=empty,
        names=names,
        image_shape=shape,
        patch=side,
    )


# ---- the answer ----------------------------------------------------------------------------------


def _forward(model: Sequential, x: Array) -> tuple[Array, Array]:
    """The outputs and what they were before the last activation."""
    f = model.output_activation()
    if f is None:
        y = model.forward(x)
        return y, y
    logits = model.forward_logits(x)
    return f.forward(logits), logits


class Subject(NamedTuple):
    """What is explained: a label, the output it is read from, and which way it counts.

    One sigmoid answers for two classes: the first of them is the more likely, the smaller
    its output is.
    """

    label: Any
    column: int
    sign: float


def _subject(model: Sequential, about: Any, logits: Array, data: Known | None) -> Subject:
    k = logits.size
    if not _classifies(model):
        column = 0 if about is None else about
        if not isinstance(column, int) or not 0 <= column < k:
            raise LabelError(f"about={about!r}: the network has {k} outputs, numbered from 0.")
        return Subject(column, column, 1.0)
    count = 2 if k == 1 else k
    labels = list(range(count)) if model.classes is None else model.classes.tolist()
    if about is None:
        number = int(logits[0] > _middle(model)) if k == 1 else int(logits.argmax())
    else:
        names_of_labels = [_named(label, data) for label in labels]
        if about in labels:
            number = labels.index(about)
        elif about in names_of_labels:
            number = names_of_labels.index(about)
        else:
            raise LabelError(f"about={about!r} is none of the classes {names_of_labels}.")
    sign = -1.0 if k == 1 and number == 0 else 1.0
    return Subject(_named(labels[number], data), 0 if k == 1 else number, sign)


def _middle(model: Sequential) -> float:
    """What parts two classes that one output answers for, before its function if it has one."""
    f = model.output_function()
    means = model.output_activation() is None and f is not None and f.gives == "probabilities"
    return 0.5 if means else 0.0


def _answer(model: Sequential, x: Array, data: Known | None) -> Any:
    if not _classifies(model):
        y = model.predict(x)[0]
        return float(y[0]) if y.size == 1 else [float(v) for v in y]
    label = model.predict_classes(x)[0]
    return _named(label, data)


def _classifies(model: Sequential) -> bool:
    if model.objective is not None:
        return bool(model.loss.target != "values")
    f = model.output_function()
    return f is not None and f.gives != "values"


def _named(label: Any, data: Known | None) -> Any:
    """The label, by the name that the data set has for it."""
    plain = label.item() if isinstance(label, np.generic) else label
    names = None if data is None else data.class_names
    if names is not None and isinstance(plain, int) and 0 <= plain < len(names):
        return names[plain]
    return plain


def _probability(model: Sequential, outputs: Array, subject: Subject) -> float | None:
    values = _counted(model, outputs, subject)
    f = model.output_function()
    return float(values[0]) if f is not None and f.gives == "probabilities" else None


def _counted(model: Sequential, outputs: Array, subject: Subject) -> Array:
    """The number of each row that falls when what speaks for the answer is taken away."""
    column = outputs[:, subject.column].astype(np.float64)
    if subject.sign > 0:
        return column
    f = model.output_function()
    return 1 - column if f is not None and f.gives == "probabilities" else -column


# ---- what moved it -------------------------------------------------------------------------------


def _gradient(model: Sequential, logits: Array, subject: Subject) -> Array:
    """∂score/∂x, by the layers' own backward passes, down to the input."""
    dy = np.zeros_like(logits)
    dy[0, subject.column] = subject.sign
    *below, last = model.layers
    through = last.backward if last.function is None else last.backward_logits
    gradient = through(dy)
    for layer in reversed(below):
        assert gradient is not None
        gradient = layer.backward(gradient)
    assert gradient is not None
    return gradient


def _occlusion(
    model: Sequential, x: Array, empty: Array, subject: Subject, shape: tuple[int, ...] | None,
    side: int,
) -> Array:  # fmt: skip
    """How much the answer's number falls when each input is covered."""
    places = list(np.ndindex(x.shape)) if shape is None else list(np.ndindex(shape[:2]))
    plain = _counted(model, _answers(model, x[np.newaxis]), subject)[0]
    fallen = np.empty(len(places))
    for start in range(0, len(places), ROWS):
        part = places[start : start + ROWS]
        copies = np.repeat(x[np.newaxis], len(part), axis=0)
        for row, place in zip(copies, part):
            if shape is None:
                row[place] = empty[place]
                continue
            picture, nothing = row.reshape(shape), empty.reshape(shape)  # windows on the row
            top, left = (max(0, i - side // 2) for i in place)
            bottom, right = (i + (side + 1) // 2 for i in place)
            window = (slice(top, bottom), slice(left, right))
            picture[window] = nothing[window]
        answers = _counted(model, _answers(model, copies), subject)
        fallen[start : start + len(part)] = plain - answers
    if shape is None:
        return fallen.reshape(x.shape)
    plane: Array = fallen.reshape(shape[:2])
    if len(shape) == 3:  # the whole colour is covered at once
        plane = np.repeat(plane[..., np.newaxis], shape[2], axis=2)
    return plane.reshape(x.shape)


def _answers(model: Sequential, rows: Array) -> Array:
    """The outputs of rows that are floats, also where the network reads bytes."""
    return model.forward(rows.astype(model.dtype))


# ---- names and shapes ----------------------------------------------------------------------------


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


def _patch(given: int | None, shape: tuple[int, ...] | None) -> int:
    if shape is None:
        if given not in (None, 1):
            raise ConfigError("patch: only the pixels of an image have neighbours to cover.")
        return 1
    if given is None:
        return 1 if shape[0] * shape[1] <= 100 else 3
    return whole_number("explain_prediction", "patch", given)


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
