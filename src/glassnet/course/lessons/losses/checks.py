"""What is asked of the losses."""

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray


def _probabilities(t: Trial, n: int, classes: int) -> FloatArray:
    """Rows that sum to 1."""
    p = t.rng.uniform(0.05, 1, size=(n, classes))
    return np.asarray(p / p.sum(axis=1, keepdims=True))


@check("one_hot")
def one_hot_rows(t: Trial) -> None:
    t.close(t.call(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]], "one_hot([2, 0], 3)")
    for n, classes in t.shapes(10, 1, 6):
        labels = t.rng.integers(classes, size=n)
        t.close(t.call(labels, classes), np.eye(classes)[labels], "one_hot(labels, classes)",
                labels=labels, classes=classes)  # fmt: skip


@check("mean_squared_error")
def squares_by_hand(t: Trial) -> None:
    y, truth = np.array([1.0, 3.0]), np.array([2.0, 1.0])
    t.close(t.call(y, truth), 2.5, "mean_squared_error(y, t)", y=y, t=truth)


@check("mean_squared_error")
def squares_are_a_mean(t: Trial) -> None:
    for shape in t.shapes(10):
        y, truth = t.normal(*shape), t.normal(*shape)
        t.close(t.call(y, truth), float(((y - truth) * (y - truth)).sum()) / y.size,
                "mean_squared_error(y, t)", y=y, t=truth)  # fmt: skip


@check("binary_crossentropy")
def binary_by_hand(t: Trial) -> None:
    p, truth = np.array([0.8, 0.8]), np.array([1, 0])
    t.close(t.call(p, truth), (0.2231435513142097 + 1.6094379124341003) / 2,
            "binary_crossentropy(p, t)", p=p, t=truth)  # fmt: skip


@check("binary_crossentropy")
def binary_of_logits(t: Trial) -> None:
    for n, _ in t.shapes(10):
        z, truth = t.normal(n), t.rng.integers(2, size=n)
        expected = float(np.logaddexp(0, np.where(truth == 1, -z, z)).mean())  # log(1 + e∓ᶻ)
        t.close(t.call(1 / (1 + np.exp(-z)), truth), expected, "binary_crossentropy(p, t)", 1e-9,
                t=truth)  # fmt: skip


@check("binary_crossentropy")
def binary_at_the_ends(t: Trial) -> None:
    p = np.array([0.0, 1.0])
    t.close(t.call(p, np.array([0, 1])), 1.0000000494736474e-07, "binary_crossentropy(p, t)", 1e-9)
    t.close(t.call(p, np.array([1, 0])), 16.11809565095832, "binary_crossentropy(p, t)", 1e-6)


@check("categorical_crossentropy")
def categorical_by_hand(t: Trial) -> None:
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    labels = np.array([0, 1])
    expected = (0.35667494393873245 + 2.3025850929940455) / 2
    t.close(t.call(p, labels), expected, "categorical_crossentropy(p, t)", p=p, t=labels)


@check("categorical_crossentropy")
def labels_and_one_hot(t: Trial) -> None:
    for n, classes in t.shapes(10, 2, 6):
        p, labels = _probabilities(t, n, classes), t.rng.integers(classes, size=n)
        expected = -float(np.log([p[i, k] for i, k in enumerate(labels)]).mean())
        for truth in (labels, np.eye(classes)[labels]):
            got = t.call(p, truth)
            t.close(got, expected, "categorical_crossentropy(p, t)", 1e-7, t=truth)


@check("categorical_crossentropy")
def a_hundred_copies_cost_the_same(t: Trial) -> None:
    p, labels = _probabilities(t, 3, 4), t.rng.integers(4, size=3)
    one = t.call(p, labels)
    many = t.call(np.tile(p, (100, 1)), np.tile(labels, 100))
    t.close(many, one, "categorical_crossentropy(p, t)", 1e-9)


@check("categorical_crossentropy")
def categorical_at_the_ends(t: Trial) -> None:
    p = np.array([[1.0, 0.0]])
    t.close(t.call(p, np.array([0])), 1.0000000494736474e-07, "categorical_crossentropy(p, t)",
            1e-9)  # fmt: skip
    t.close(t.call(p, np.array([1])), 16.11809565095832, "categorical_crossentropy(p, t)", 1e-6)
