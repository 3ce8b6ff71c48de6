"""What is asked of the loop over batches."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

CASES = ((6, 3), (7, 3), (2, 5), (5, 1), (10, 4))  # samples, batch size
CLASSES = 3


class Network:
    """Scores of a linear network; notes how many rows each call had."""

    def __init__(self, t: Trial) -> None:
        self.W, self.rows = t.normal(2, CLASSES), list[int]()

    def scores(self, x: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("ni,io->no", x, self.W))

    def counted(self) -> Callable[[FloatArray], Any]:
        def predict(x: FloatArray) -> FloatArray:
            self.rows.append(len(x))
            return self.scores(x)

        return predict


@check("predict_in_batches")
def same_as_one_by_one(t: Trial) -> None:
    for n, size in CASES:
        network, x = Network(t), t.normal(n, 2)
        got = t.call(network.counted(), x, size)
        t.close(got, network.scores(x), f"predict_in_batches(predict, x, {size})", 1e-12)


@check("predict_in_batches")
def never_more_than_asked(t: Trial) -> None:
    for n, size in CASES:
        network = Network(t)
        t.call(network.counted(), t.normal(n, 2), size)
        t.notes.append(("rows", list(network.rows), ()))
        t.that(max(network.rows, default=0) <= size, f"{network.rows} > {size}")
        t.that(sum(network.rows) == n, f"{' + '.join(map(str, network.rows))} ≠ {n}")


@check("accuracy_in_batches")
def by_hand(t: Trial) -> None:
    x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    labels = np.array([0, 0, 0])
    t.close(t.call(lambda rows: rows, x, labels, 2), 2 / 3, "accuracy_in_batches(…, 2)")


@check("accuracy_in_batches")
def any_size_of_batch(t: Trial) -> None:
    for n, size in CASES:
        network, x = Network(t), t.normal(n, 2)
        labels = np.array(network.scores(x).argmax(axis=1))
        labels[::3] = (labels[::3] + 1) % CLASSES
        labels[-1] = (network.scores(x)[-1].argmax() + 1) % CLASSES
        expected = float((network.scores(x).argmax(axis=1) == labels).mean())
        got = t.call(network.counted(), x, labels, size)
        t.close(got, expected, f"accuracy_in_batches(predict, x, t, {size})", n=n)
