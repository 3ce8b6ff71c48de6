"""Channels first and last: the same sums, and back to the same bits."""

import numpy as np

from glassnet._core.channels import (
    kernel_from_first,
    kernel_to_first,
    rows_from_first,
    rows_to_first,
)


def test_a_flattened_image_gives_the_same_sums_in_both_orders():
    rng = np.random.default_rng(0)
    image, W = rng.normal(size=(2, 3, 4)), rng.normal(size=(24, 5))  # channels last; W for first
    first = np.moveaxis(image, -1, 0).reshape(-1)
    there = first @ W
    np.testing.assert_allclose(image.reshape(-1) @ rows_from_first(W, image.shape), there)
    np.testing.assert_array_equal(rows_from_first(first, image.shape), image.reshape(-1))
    np.testing.assert_array_equal(rows_to_first(image.reshape(-1), image.shape), first)


def test_there_and_back():
    rng = np.random.default_rng(1)
    W = rng.normal(size=(4, 2, 3, 5))
    np.testing.assert_array_equal(kernel_from_first(W)[1, 2, 0, 3], W[3, 0, 1, 2])
    np.testing.assert_array_equal(kernel_to_first(kernel_from_first(W)), W)
    series = rng.normal(size=(4, 2, 3))
    assert kernel_from_first(series).shape == (3, 2, 4)
    rows = rng.normal(size=(24, 3))
    np.testing.assert_array_equal(rows_to_first(rows_from_first(rows, (2, 3, 4)), (2, 3, 4)), rows)
