"""What the first fit after an installation compiles: each loop of it is waited for."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

import glassnet

# Loops that Python has called by the end of one step; those inside of them are theirs.
STEP = """
import sys
import numpy as np
from numba.core.dispatcher import Dispatcher
from glassnet import networks

x = np.random.default_rng(0).random((8, 12, 12, 1), np.float32)
model = networks.{network}
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x, np.arange(8) % 3, epochs=1, batch_size=8, verbose=0)
print(*sorted({{
    name
    for module in list(sys.modules.values()) if module.__name__.startswith("glassnet")
    for name, loop in vars(module).items()
    if isinstance(loop, Dispatcher) and loop.signatures and loop.__module__ == module.__name__
}}))
"""


def compiled_by(network: str) -> set[str]:
    paths = str(Path(glassnet.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", STEP.format(network=network)],
        env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_lenet_compiles_what_its_steps_need_and_nothing_for_the_diagnosis_alone():
    """A pooling by itself, and the gradients of a feature map that is whole, take 2.4 s."""
    found = compiled_by("lenet((12, 12), 3)")
    assert {"convolve_images", "softmax_classes", "adam_update"} <= found
    assert not found & {"max_pool", "max_pool_backward"}
