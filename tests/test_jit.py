"""The decorator that compiles loops."""

import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numba
import numpy as np
import pytest

import glassnet.jit
from glassnet.jit import kernel


@kernel
def divide(x, y):
    for i in range(x.size):
        x[i] = x[i] / y[i]


def test_division_by_zero_is_infinity_and_nan_stays_visible():
    x = np.array([1.0, -1.0, 0.0, np.nan])
    divide(x, np.array([0.0, 0.0, 0.0, 1.0]))
    assert x[0] == np.inf
    assert x[1] == -np.inf
    assert np.isnan(x[2:]).all()


def test_the_name_stays():
    assert divide.__name__ == "divide"


def test_settings_that_let_loops_vectorise():
    """Measured: without them Adam on 101,770 parameters takes four times as long."""
    options = glassnet.jit.OPTIONS
    assert options["error_model"] == "numpy"
    assert options["nogil"] is True
    assert not {"nnan", "ninf", "fast"} & options["fastmath"]


def run(code: str, **environment: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(Path(glassnet.jit.__file__).parents[1]), **environment}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_without_a_writable_cache_folder_it_compiles_silently(monkeypatch):
    """Numba finds out by making a temporary file in each folder that it might use."""

    def refuse(*args, **kwargs):
        raise PermissionError("read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)

    def add(a, b):
        return a + b

    with pytest.raises(RuntimeError, match="cannot cache"):
        numba.njit(cache=True)(add)
    compiled = kernel(add)
    assert compiled(2.0, 3.0) == 5.0
    assert compiled.stats.cache_path is None


def test_it_can_be_switched_off():
    out = run(
        """
        from glassnet.jit import kernel

        def f(a):
            return a + 1

        print(kernel(f) is f)
        """,
        NUMBA_DISABLE_JIT="1",
    )
    assert out == "True"
