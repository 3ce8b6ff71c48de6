"""What all tests share."""

import os
import signal
import threading

# One thread: the networks here are so small that a second one only costs, and results of
# matrix products may depend on how they are divided.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["MPLBACKEND"] = "Agg"
# Read when SciPy is imported: without it scikit-learn's checks of estimators skip some silently.
os.environ["SCIPY_ARRAY_API"] = "1"

import hypothesis
import pytest

# A shell that starts the tests in the background lets them ignore Ctrl-C, and so would every
# process they start: the tests of Ctrl-C would wait for ever.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis.settings.register_profile(
    "glassnet", deadline=None, derandomize=True, print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)  # fmt: skip
hypothesis.settings.load_profile("glassnet")


def pytest_addoption(parser):
    parser.addoption("--shots", metavar="DIR", help="keep the pictures of the lab's pages here")
    parser.addoption("--late", metavar="MS", type=int, default=0,
                     help="the lab's answers reach its pages so much later: finds a test that"
                          " reads before it waits")  # fmt: skip


def pytest_make_parametrize_id(config, val, argname):
    """Files in memory are named by their size: what gzip writes holds the time of day, and the
    parallel test processes must find the same names."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) and len(val) > 40 else None


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty current folder, without what the user's environment says about data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GLASSNET_DATA", raising=False)
    return tmp_path
