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

import glassnet._core.jit
from glassnet._core.jit import kernel


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
    options = glassnet._core.jit.OPTIONS
    assert options["error_model"] == "numpy"
    assert options["nogil"] is True
    assert not {"nnan", "ninf", "fast"} & options["fastmath"]


def run(code: str, **environment: str) -> str:
    env = {
        **os.environ,
        "PYTHONPATH": str(Path(glassnet.__file__).parents[1]),
        **environment,
    }
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


SQUARE = """
from glassnet._core.jit import kernel

@kernel
def square(x):
    return x * x
"""

CALL = "import loops; print(loops.square(3.0), loops.square.stats.cache_hits)"


@pytest.fixture
def loops(tmp_path):
    """A module with a kernel, and the files that Numba keeps of it after its first call."""
    (tmp_path / "loops.py").write_text(SQUARE)
    paths = os.pathsep.join([str(tmp_path), str(Path(glassnet.__file__).parents[1])])

    def call(before: str = "") -> str:
        return run(before + "\n" + CALL, PYTHONPATH=paths, NUMBA_CACHE_DIR=str(tmp_path / "kept"))

    return call, lambda suffix: list((tmp_path / "kept").rglob(f"*.{suffix}"))


FULL_DISK = """
import errno
import numba.core.caching

def full(self, name, data):
    raise OSError(errno.ENOSPC, "No space left on device")

numba.core.caching.IndexDataCacheFile._save_data = full
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_a_full_disk_keeps_nothing_and_fails_nothing(loops):
    call, kept = loops
    assert call(FULL_DISK) == "9.0 Counter()"
    assert not kept("nbi")  # an index that names what was not written could lead to old code
    call()
    assert "1})" in call()


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_damaged_file_is_compiled_anew(loops, suffix):
    call, kept = loops
    call()
    (file,) = kept(suffix)
    file.write_bytes(file.read_bytes()[:40])
    assert call() == "9.0 Counter()"
    assert "1})" in call()


def test_it_can_be_switched_off():
    out = run(
        """
        from glassnet._core.jit import kernel

        def f(a):
            return a + 1

        print(kernel(f) is f)
        """,
        NUMBA_DISABLE_JIT="1",
    )
    assert out == "True"
