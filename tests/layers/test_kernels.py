"""The loops that layers call themselves: bias, its gradient, bytes to numbers, dropout."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet._core.kernels import add_bias
from glassnet.layers.dense.kernels import sum_rows
from glassnet.layers.dropout.kernels import dropout
from glassnet.layers.rescaling.kernels import scale_bytes

DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@DTYPES
def test_add_bias(dtype):
    z = np.arange(6, dtype=dtype).reshape(2, 3)
    add_bias(z, np.array([10, 20, 30], dtype))
    np.testing.assert_array_equal(z, [[10, 21, 32], [13, 24, 35]])


@settings(max_examples=25, deadline=None)
@given(n=st.integers(0, 400), k=st.integers(1, 40), seed=st.integers(0, 99))
def test_sum_rows(n, k, seed):
    dz = np.random.default_rng(seed).standard_normal((n, k))
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-4)):
        out = np.full(k, np.nan, dtype)  # what was in out does not matter
        sum_rows(dz.astype(dtype), out)
        np.testing.assert_allclose(out, dz.sum(axis=0), atol=tolerance)


def test_sum_rows_of_many_small_numbers_in_single_precision():
    dz = np.full((200_000, 3), 0.1, np.float32)
    exact = 200_000 * float(np.float32(0.1))
    out = np.empty(3, np.float32)
    sum_rows(dz, out)
    np.testing.assert_allclose(out, exact, rtol=5e-6)
    naive = np.cumsum(dz[:, 0], dtype=np.float32)[-1]
    assert abs(naive - exact) / exact > 2e-5  # what a plain running sum gives


def test_sum_rows_of_the_same_numbers_is_the_same():
    dz = np.random.default_rng(0).standard_normal((1000, 33)).astype(np.float32)
    first, again = np.empty(33, np.float32), np.empty(33, np.float32)
    sum_rows(dz, first)
    sum_rows(dz.copy(), again)
    np.testing.assert_array_equal(first, again)


@DTYPES
def test_scale_bytes(dtype):
    x = np.arange(256, dtype=np.uint8).reshape(4, 64)
    out = np.empty(x.shape, dtype)
    scale_bytes(x, 1 / 255, 0.0, out)
    np.testing.assert_allclose(out, x / 255, rtol=1e-6)
    assert out[3, 63] == 1
    scale_bytes(x, 2 / 255, -1.0, out)
    np.testing.assert_allclose(out, x / 127.5 - 1, atol=1e-6)


@DTYPES
@pytest.mark.parametrize("bits", [np.uint8, np.uint16, np.uint32])
def test_dropout(dtype, bits):
    width = 8 * np.dtype(bits).itemsize
    rng = np.random.default_rng(0)
    u = rng.integers(0, 2**width, (200, 300), bits)
    x = rng.uniform(1, 2, u.shape).astype(dtype)
    out, rate = np.empty_like(x), 0.25
    dropout(x, u, 2**width // 4, 1 / (1 - rate), out)
    kept = u >= 2**width // 4
    assert kept.mean() == pytest.approx(1 - rate, abs=0.01)
    np.testing.assert_allclose(out, np.where(kept, x / dtype(1 - rate), 0), rtol=1e-6)


def test_dropout_shows_nan():
    x = np.array([[np.nan, 1.0]])
    out = np.empty_like(x)
    dropout(x, np.array([[0, 255]], np.uint8), 128, 2.0, out)
    assert np.isnan(out[0, 0])  # dropped, and still not hidden
    assert out[0, 1] == 2


def test_the_same_as_plain_python():
    """With the compiler off, for a debugger: the same numbers, without a warning."""
    code = """
        import numpy as np
        from glassnet import activations
        from glassnet import losses
        z = np.array([[1.0, -2.0, 0.5]])
        print(activations.relu.forward(z, np.ones(3)), activations.gelu(z).round(6))
        print(losses.CategoricalCrossentropy(from_logits=True).gradient([0], z).round(6))
    """
    outputs = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
            env={**os.environ, "NUMBA_DISABLE_JIT": switch},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for switch in ("0", "1")
    ]
    assert outputs[0] == outputs[1] != ""
