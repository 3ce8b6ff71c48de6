"""Scikit-learn's data sets: the digits are read without it, and are the same."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from glassnet.data import bundled


@pytest.mark.parametrize("lies_there", [True, False])
def test_the_digits_are_scikit_learns(monkeypatch, lies_there):
    if not lies_there:
        monkeypatch.setattr(bundled, "find_spec", lambda name: None)
    ours, theirs = bundled.digits(test_fraction=0), load_digits()
    assert ours.x.dtype == np.uint8 and np.array_equal(ours.x, theirs.images)
    assert np.array_equal(ours.y, theirs.target)


def test_digits_are_there_without_the_import_of_scikit_learn():
    code = (
        "import sys; from glassnet import data; data.load('digits');print('sklearn' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert printed.stdout.strip() == "False", printed.stderr
