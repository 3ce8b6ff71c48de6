"""Whose score is explained: a class, the output it is read from, and its gradient."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.types import Array
from glassnet.errors import ConfigError, LabelError, ShapeError
from glassnet.model import Sequential


class Known(Protocol):
    """A data set, or what is kept of one."""

    @property
    def class_names(self) -> tuple[str, ...] | None: ...
    @property
    def feature_names(self) -> tuple[str, ...] | None: ...
    @property
    def image_shape(self) -> tuple[int, ...] | None: ...


class Subject(NamedTuple):
    """What is explained: a label, the output it is read from, and which way it counts.

    One sigmoid answers for two classes: the first of them is the more likely, the smaller
    its output is.
    """

    label: Any
    column: int
    sign: float


def one_sample(model: Sequential, x: ArrayLike, who: str) -> Array:
    """One sample as a batch of 1, as the network reads it.

    Raises:
        ConfigError: not a Sequential.
        NotBuiltError: the model has no parameters yet.
        ShapeError: more than one sample, or not what the model was built for.
    """
    if not isinstance(model, Sequential):
        raise ConfigError(f"{who}: expected a Sequential, got {type(model).__name__}.")
    model.need_built(who)
    assert model.input_shape is not None
    sample = np.asarray(x)
    if sample.shape == model.input_shape or (*sample.shape, 1) == model.input_shape:
        sample = sample[np.newaxis]
    if sample.shape[:1] != (1,) and sample.shape[1:] == model.input_shape:
        raise ShapeError(
            f"{who}: {len(sample)} samples came; it explains one at a time. Pass x[0]."
        )
    return model.take_input(sample)


def subject_of(model: Sequential, about: Any, logits: Array, data: Known | None) -> Subject:
    """The class, or the number of an output, that ``about`` means; None: the answer.

    Raises:
        LabelError: no such class, or no such output.
    """
    k = logits.size
    if not classifies(model) and not _named_outputs(data, k):
        column = 0 if about is None else about
        if not isinstance(column, int) or not 0 <= column < k:
            raise LabelError(f"about={about!r}: the network has {k} outputs, numbered from 0.")
        return Subject(column, column, 1.0)
    count = 2 if k == 1 else k
    labels = list(range(count)) if model.classes is None else model.classes.tolist()
    if about is None:
        number = int(logits[0] > _middle(model)) if k == 1 else int(logits.argmax())
    else:
        names_of_labels = [named(label, data) for label in labels]
        texts = [str(name) for name in names_of_labels]
        if about in labels:
            number = labels.index(about)
        elif about in names_of_labels:
            number = names_of_labels.index(about)
        elif str(about) in texts:
            number = texts.index(str(about))
        else:
            raise LabelError(f"about={about!r} is none of the classes {names_of_labels}.")
    sign = -1.0 if k == 1 and number == 0 else 1.0
    return Subject(named(labels[number], data), 0 if k == 1 else number, sign)


def _named_outputs(data: Known | None, k: int) -> bool:
    """Whether the data has a class for each output, whatever a network says that came in alone."""
    names = None if data is None else data.class_names
    return names is not None and len(names) == k > 1


def _middle(model: Sequential) -> float:
    """What parts two classes that one output answers for, before its function if it has one."""
    f = model.output_function()
    means = model.output_activation() is None and f is not None and f.gives == "probabilities"
    return 0.5 if means else 0.0


def outputs_and_logits(model: Sequential, x: Array) -> tuple[Array, Array]:
    """The outputs and what they were before the last activation."""
    f = model.output_activation()
    if f is None:
        y = model.forward(x)
        return y, y
    logits = model.forward_logits(x)
    return f.forward(logits), logits


def answer_of(model: Sequential, x: Array, data: Known | None) -> Any:
    """What the network answers for one sample: a class by its name, or a value."""
    if not classifies(model):
        y = model.predict(x)[0]
        return float(y[0]) if y.size == 1 else [float(v) for v in y]
    label = model.predict_classes(x)[0]
    return named(label, data)


def classifies(model: Sequential) -> bool:
    """Whether it chooses among classes."""
    if model.objective is not None:
        return bool(model.loss.target != "values")
    f = model.output_function()
    return f is not None and f.gives != "values"


def named(label: Any, data: Known | None) -> Any:
    """The label, by the name that the data set has for it."""
    plain = label.item() if isinstance(label, np.generic) else label
    names = None if data is None else data.class_names
    if names is not None and isinstance(plain, int) and 0 <= plain < len(names):
        return names[plain]
    return plain


def probability_of(model: Sequential, outputs: Array, subject: Subject) -> float | None:
    """What the network gives for it; None where its outputs are no probabilities."""
    values = counted(model, outputs, subject)
    f = model.output_function()
    return float(values[0]) if f is not None and f.gives == "probabilities" else None


def counted(model: Sequential, outputs: Array, subject: Subject) -> Array:
    """The number of each row that falls when what speaks for the answer is taken away."""
    column = outputs[:, subject.column].astype(np.float64)
    if subject.sign > 0:
        return column
    f = model.output_function()
    return 1 - column if f is not None and f.gives == "probabilities" else -column


def score_gradient(model: Sequential, logits: Array, subject: Subject) -> Array:
    """∂score/∂x, by the layers' own backward passes, down to the input.

    It writes into the layers' gradients: pass a copy of the model.
    """
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
