"""Batch normalization of feature maps, shared over the cores, against the plain kernels."""

import numpy as np
import pytest

from glassnet.layers.normalization import kernels, shared


@pytest.mark.parametrize("dtype, most", [(np.float32, 1e-4), (np.float64, 1e-11)])
def test_shared_loops_are_the_plain_ones(dtype, most):
    rng = np.random.default_rng(0)
    n, k = 9001, 17
    assert shared.parts_for(np.empty((n, k))) > 1
    x, dy, hat = (rng.normal(2, 3, (n, k)).astype(dtype) for _ in range(3))
    mean, variance, gamma, beta = (rng.uniform(1, 2, k).astype(dtype) for _ in range(4))

    def both(name, inputs, outputs):
        found = []
        for module in (kernels, shared):
            out = [np.full(shape, np.nan, dtype) for shape in outputs]
            getattr(module, name)(*inputs, *out)
            found.append(out)
        for plain, parts in zip(*found):
            np.testing.assert_allclose(parts, plain, rtol=most, atol=most * 100)

    both("batch_moments", (x,), [(k,), (k,)])
    both("scale_and_shift", (x, mean, variance, gamma, beta), [(n, k), (n, k)])
    both("sum_products", (dy, hat), [(k,), (k,)])
    both("batch_backward", (dy, hat, variance, gamma, mean, beta, dtype(1 / n)), [(n, k)])
