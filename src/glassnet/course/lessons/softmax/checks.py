"""What is asked of softmax."""

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray


def _expected(z: FloatArray) -> FloatArray:
    return np.asarray(np.exp(z - np.logaddexp.reduce(z, axis=-1, keepdims=True)))


@check("softmax")
def by_hand(t: Trial) -> None:
    z = np.log([1.0, 2.0, 5.0])
    t.close(t.call(z), [0.125, 0.25, 0.625], "softmax(z)", 1e-12, z=z)


@check("softmax")
def one_sample(t: Trial) -> None:
    for n in (1, 2, 5, 10):
        z = t.normal(n)
        t.close(t.call(z), _expected(z), "softmax(z)", 1e-12, z=z)


@check("softmax")
def batches(t: Trial) -> None:
    for n, classes in ((1, 3), (4, 2), (3, 3), (5, 4)):
        z = t.normal(n, classes)
        got = t.call(z)
        t.close(got, _expected(z), "softmax(z)", 1e-12, z=z)
        t.close(np.sum(got, axis=1), np.ones(n), "softmax(z).sum(axis=1)", 1e-12)


@check("softmax")
def shifted(t: Trial) -> None:
    z = t.normal(2, 3)
    t.close(t.call(z + 100), _expected(z), "softmax(z + 100)", 1e-9)


@check("softmax")
def far_out(t: Trial) -> None:
    with t.quiet("softmax(z)"):
        z = np.array([[1000.0, 1000.0], [-1000.0, 0.0]])
        t.close(t.call(z), [[0.5, 0.5], [0.0, 1.0]], "softmax(z)", z=z)


@check("softmax")
def rows_far_from_each_other(t: Trial) -> None:
    z = np.array([[1000.0, 1001.0], [-1000.0, -999.0]])
    row = 1 / (1 + np.e)
    t.close(t.call(z), [[row, 1 - row], [row, 1 - row]], "softmax(z)", z=z)
