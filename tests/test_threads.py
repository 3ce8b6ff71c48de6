"""The number of threads of the matrix products changes roundings, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

TRAINING = """
import sys
import numpy as np
from glassnet import Sequential, layers

rng = np.random.default_rng(0)
x = rng.standard_normal((512, 400)).astype(np.float32)
y = (x @ rng.standard_normal((400, 10))).argmax(1)
model = Sequential([layers.Dense(128, "relu"), layers.Dense(10, "softmax")], seed=0)
model.compile("sgd", "sparse_categorical_crossentropy")
model.fit(x, y, batch_size=128, epochs=3, verbose=0)
np.save(sys.argv[1], model.parameters.values)
"""


def test_one_thread_and_two_give_the_same_weights_to_rounding(tmp_path):
    found = []
    for threads in ("1", "2"):
        file = tmp_path / f"{threads}.npy"
        subprocess.run(
            [sys.executable, "-c", TRAINING, str(file)], check=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
        )  # fmt: skip
        found.append(np.load(file))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-3, atol=2e-6)
    assert np.isfinite(found[0]).all()
