"""What all tests share."""

import os
import signal
import threading

# One thread: the networks here are so small that a second one only costs, and results of
# matrix products may depend on how they are divided.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["MPLBACKEND"] = "Agg"
os.environ["GLASSNET_LANGUAGE"] = "en"  # whatever the machine speaks
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


@pytest.fixture(scope="session")
def draw():
    """Draws a folder of photos: circles and squares of any colour, size and place, as JPEG.

    ``draw(folder, ("circle", "square"), 10)``: ten of each; the same seed, the same photos.
    """
    import numpy as np
    from PIL import Image, ImageDraw

    def drawn(folder, classes=("circle", "square"), each=10, side=None, seed=0, suffix=".jpg"):
        rng = np.random.default_rng(seed)
        for name in classes:
            (folder / name).mkdir(parents=True, exist_ok=True)
            for i in range(each):
                width, height = (side, side) if side else (int(n) for n in rng.integers(40, 90, 2))
                ground = rng.integers(0, 90, 3) + rng.integers(0, 30, (height, width, 3))
                photo = Image.fromarray(ground.astype(np.uint8))
                radius = min(width, height) * rng.uniform(0.25, 0.4)
                box = (width / 2 - radius, height / 2 - radius, width / 2 + radius,
                       height / 2 + radius)  # fmt: skip
                pen = ImageDraw.Draw(photo)
                shape = pen.ellipse if "circle" in name else pen.rectangle
                shape(box, fill=tuple(int(n) for n in rng.integers(150, 255, 3)))
                photo.save(folder / name / f"{i:03}{suffix}")
        return folder

    return drawn
