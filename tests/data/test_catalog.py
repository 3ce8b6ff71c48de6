"""The table of data sets: what it says is what loading gives."""

import subprocess
import sys

import numpy as np
import pytest

from glassnet.data import DATASETS, load
from glassnet.errors import ConfigError, UnknownNameError

DOWNLOADED = {"mnist", "fashion_mnist", "cifar10"}


@pytest.mark.parametrize("name", [name for name in DATASETS if name not in DOWNLOADED])
def test_the_table_tells_the_truth(name):
    entry, data = DATASETS[name], load(name)
    assert data.name == name and data.task == entry.task
    assert len(data.x) == entry.n_train and data.x.shape[1:] == entry.shape
    assert (0 if data.x_test is None else len(data.x_test)) == entry.n_test
    assert data.n_classes == entry.n_classes
    if data.task == "classification":
        assert data.y.dtype == np.int64
        assert set(data.y) == set(range(entry.n_classes))
    else:
        assert data.y.dtype == np.float32 and data.class_names is None
    if data.image_shape is None:
        assert data.x.dtype == np.float32
        assert len(data.feature_names) == data.x.shape[1]
    else:
        assert data.x.dtype == np.uint8 and data.x.max() == data.image_max
    assert np.isfinite(data.x).all()
    assert data.description


@pytest.mark.parametrize("name", [name for name in DATASETS if name not in DOWNLOADED])
def test_the_seed_decides(name):
    a, b = load(name, seed=4), load(name, seed=4)
    np.testing.assert_array_equal(a.x, b.x)
    np.testing.assert_array_equal(a.y, b.y)
    if name != "sine":
        assert not np.array_equal(a.x, load(name, seed=5).x)


def test_digits_hold_out_a_fifth_of_every_class():
    data = load("digits")
    assert data.x.shape == (1438, 8, 8) and data.x_test.shape == (359, 8, 8)
    share = np.bincount(data.y_test) / (np.bincount(data.y) + np.bincount(data.y_test))
    assert np.all(np.abs(share - 0.2) < 0.006)
    assert load("digits", test_fraction=0).x_test is None


def test_options_reach_the_loader():
    assert load("spiral", n_samples_per_class=7, n_classes=2).x.shape == (14, 2)


def test_unknown_names_and_options():
    with pytest.raises(UnknownNameError, match="unknown data set 'spirl': did you mean 'spiral'"):
        load("spirl")
    with pytest.raises(
        UnknownNameError, match="unknown option of data set 'spiral': 'noize': did you mean 'noise'"
    ):
        load("spiral", noize=1)
    with pytest.raises(UnknownNameError, match="load_table"):
        load("houses.csv")


@pytest.mark.parametrize("seed", [-1, "x", 1.5, None])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(ConfigError, match="seed"):
        load("spiral", seed=seed)


def test_listing_loads_nothing_heavy():
    code = (
        "import sys; from glassnet.data import DATASETS; list(DATASETS.values());"
        "print([m for m in ('sklearn', 'pyarrow', 'numba', 'rich', 'pandas') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
