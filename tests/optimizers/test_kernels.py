"""What the compiler makes of the update loops."""

import platform
import re

import numba
import numpy as np
import pytest

from glassnet._core.jit import OPTIONS
from glassnet.optimizers import adam, sgd


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="reads x86 assembly")
@pytest.mark.parametrize(
    ("kernel", "vectors", "numbers"),
    [(adam.adam_update, 4, 5), (adam.amsgrad_update, 5, 5), (sgd.momentum_update, 3, 3)],
)
def test_float32_is_updated_several_numbers_at_a_time(kernel, vectors, numbers):
    compiled = numba.njit(**OPTIONS)(kernel.py_func)
    arrays = [np.ones(64, np.float32) for _ in range(vectors)]
    compiled(*arrays, *([0.5] * numbers))
    (assembly,) = compiled.inspect_asm().values()
    packed = re.findall(r"\bv?(?:mul|sqrt|div|fn?m(?:add|sub)\d*)ps\b", assembly)
    double = re.findall(r"\bv?(?:mul|sqrt|div|add|sub|fn?m(?:add|sub)\d*)[ps]d\b", assembly)
    assert len(packed) >= 3
    assert not double  # a literal number in the loop would widen it to float64
