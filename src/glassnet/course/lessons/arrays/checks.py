"""What is asked of the product."""

import numpy as np

from glassnet.course.judging.trial import Trial, check

SIZES = ((1, 2, 3), (4, 3, 2), (3, 3, 3), (2, 5, 1), (5, 1, 4))


@check("affine")
def by_hand(t: Trial) -> None:
    W, b = np.array([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]), np.array([0.5, 0.0, -0.5])
    x = np.array([1.0, 2.0])
    t.close(t.call(x, W, b), [5.5, 11.0, 16.5], "affine(x, W, b)", x=x)


@check("affine")
def one_sample(t: Trial) -> None:
    for _, inputs, outputs in SIZES:
        x, W, b = t.normal(inputs), t.normal(inputs, outputs), t.normal(outputs)
        t.close(t.call(x, W, b), np.einsum("i,io->o", x, W) + b, "affine(x, W, b)")


@check("affine")
def batches(t: Trial) -> None:
    for n, inputs, outputs in SIZES:
        x, W, b = t.normal(n, inputs), t.normal(inputs, outputs), t.normal(outputs)
        t.close(t.call(x, W, b), np.einsum("ni,io->no", x, W) + b, "affine(x, W, b)")


@check("affine")
def bias_as_a_column(t: Trial) -> None:
    for n, inputs, outputs in SIZES:
        x, W, b = t.normal(n, inputs), t.normal(inputs, outputs), t.normal(outputs)
        t.close(t.call(x, W, b.reshape(-1, 1)), np.einsum("ni,io->no", x, W) + b,
                "affine(x, W, b)")  # fmt: skip


@check("affine")
def row_by_row(t: Trial) -> None:
    x, W, b = t.normal(4, 3), t.normal(3, 2), t.normal(2)
    rows = [np.array(t.call(row, W, b)) for row in x]
    t.close(t.call(x, W, b), np.array(rows), "affine(x, W, b)", 1e-12)
