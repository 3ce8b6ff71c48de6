"""What the compiler makes of the update loops."""

import copy
import platform
import re

import numba
import numpy as np
import pytest

from glassnet import optimizers
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


DECAYING = {
    "momentum": optimizers.Momentum(0.01),
    "nesterov": optimizers.SGD(0.01, momentum=0.9, nesterov=True),
    "rmsprop": optimizers.RMSprop(0.01, momentum=0.9, centered=True),
    "adam": optimizers.Adam(beta_2=0.9),
    "amsgrad": optimizers.Adam(beta_2=0.9, amsgrad=True),
    "nadam": optimizers.Nadam(beta_2=0.9),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", DECAYING)
def test_what_decays_ends_at_0_and_not_as_subnormal_numbers(name, dtype):
    """Behind a dead unit; processors take a hundred times as long with subnormal numbers."""
    optimizer = copy.deepcopy(DECAYING[name])
    w, g = np.ones(40, dtype), np.linspace(-1, 1, 40).astype(dtype)
    optimizer.step(w, g)
    smallest = np.finfo(dtype).tiny
    for _ in range(1200 if dtype is np.float32 else 8000):
        optimizer.step(w, np.zeros_like(g))
        for kept in optimizer.state.values():
            assert not ((kept != 0) & (np.abs(kept) < smallest)).any()
    decayed = [state for key, state in optimizer.state.items() if key != "v_hat"]
    assert all((state == 0).all() for state in decayed)
    g[0] = np.nan
    optimizer.step(w, g)
    assert np.isnan(w[0])
    assert all(np.isnan(state[0]) for state in decayed)
