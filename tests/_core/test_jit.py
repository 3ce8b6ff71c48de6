"""The decorator that compiles loops."""

import os
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import numba
import numpy as np
import pytest

import glassnet._core.jit
from glassnet._core.jit import KernelFiles, kernel

compiles = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


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


@compiles
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


WATCHED = """
import loops
from glassnet._core.jit import compilations

with compilations(lambda: print("begins")) as compiled:
    loops.square(2.0), loops.square(3)
print(compiled.done and compiled.duration > 0)
"""


@compiles
def test_who_watches_hears_of_loops_that_are_compiled_and_not_of_those_that_are_loaded(loops):
    call, _ = loops
    assert call(WATCHED).splitlines()[:2] == ["begins", "True"]
    assert call(WATCHED).splitlines()[0] == "False"


FULL_DISK = """
import errno
import numba.core.caching

def full(self, name, data):
    raise OSError(errno.ENOSPC, "No space left on device")

numba.core.caching.IndexDataCacheFile._save_data = full
"""


@compiles
def test_a_full_disk_keeps_nothing_and_fails_nothing(loops):
    call, kept = loops
    assert call(FULL_DISK) == "9.0 Counter()"
    assert not kept("nb?")
    call()
    assert "1})" in call()


@compiles
def test_a_damaged_file_is_compiled_again(loops):
    call, kept = loops
    call()
    (file,) = kept("nbc")
    file.write_bytes(file.read_bytes()[:40])
    assert call() == "9.0 Counter()"
    assert "1})" in call()


@compiles
def test_a_changed_source_takes_its_old_files_away(loops, tmp_path):
    call, kept = loops
    call()
    (tmp_path / "loops.py").write_text(SQUARE.replace("x * x", "x * x * x"))
    before = kept("nbc")
    assert call().startswith("27.0")
    assert len(kept("nbc")) == 1 and kept("nbc") != before


@compiles
def test_a_changed_formula_of_another_file_is_compiled(loops, tmp_path):
    """Numba itself looks at the file of the loop alone."""
    call, _ = loops
    with_formula = "import own\nfrom own import twice\n" + SQUARE.replace("x * x", "twice(x)")
    (tmp_path / "own.py").write_text(TWICE)
    (tmp_path / "loops.py").write_text(with_formula)
    assert call() == "6.0 Counter()"
    assert call().startswith("6.0") and "1})" in call()
    (tmp_path / "own.py").write_text(TWICE.replace("2 *", "5 *"))
    assert call() == "15.0 Counter()"
    (tmp_path / "loops.py").write_text(with_formula.replace("twice(", "own.twice("))
    assert call() == "15.0 Counter()"
    (tmp_path / "own.py").write_text(TWICE.replace("2 *", "7 *"))
    assert call() == "21.0 Counter()"


TWICE = """
from glassnet._core.jit import formula

@formula
def twice(x):
    return 2 * x
"""


def test_two_processes_that_keep_their_code_at_once_do_not_mix_it_up(tmp_path, monkeypatch):
    """Both have looked at what is there before either has written; the one whose entry comes
    last writes its code first. Numba's own files end with one's entry at the other's code."""
    looked, entered, written = threading.Barrier(2), threading.Event(), threading.Event()
    load_index, save_index = KernelFiles._load_index, KernelFiles._save_index
    save_data = KernelFiles._save_data

    def look(self):
        found = load_index(self)
        if threading.current_thread() is not threading.main_thread():
            looked.wait(10)
        return found

    def enter(self, overloads):
        if "first" not in overloads:
            entered.wait(10)
        save_index(self, overloads)
        entered.set()

    def write(self, name, data):
        if "code of first" in str(data):
            written.wait(10)
        save_data(self, name, data)
        written.set()

    monkeypatch.setattr(KernelFiles, "_load_index", look)
    monkeypatch.setattr(KernelFiles, "_save_index", enter)
    monkeypatch.setattr(KernelFiles, "_save_data", write)

    def files():
        return KernelFiles(str(tmp_path), "loop", "stamp")

    processes = [
        threading.Thread(target=files().save, args=(key, f"code of {key}"))
        for key in ("first", "second")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert files().load("second") == "code of second"
    assert files().load("first") == "code of first"
    assert files().load("third") is None


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
