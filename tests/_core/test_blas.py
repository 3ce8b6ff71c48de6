"""Products of compiled loops without the rest of SciPy's linear algebra."""

import subprocess
import sys

import numba
import pytest

PRODUCT = """
import sys
import numpy as np
from glassnet._core.blas import products_alone
from glassnet._core.jit import kernel

{before}
products_alone()

@kernel
def product(a, b, out):
    np.dot(a, b, out)

a, out = np.arange(9.0).reshape(3, 3), np.empty((3, 3))
product(a, a, out)
assert (out == a @ a).all()
print("scipy.linalg" in sys.modules)
import scipy.linalg
assert np.allclose(scipy.linalg.inv(np.eye(2) * 2), np.eye(2) / 2)
from scipy.linalg import cython_blas
assert cython_blas is sys.modules["scipy.linalg.cython_blas"]
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
@pytest.mark.parametrize(("before", "imported"), [("", False), ("import scipy.linalg", True)])
def test_a_compiled_product_needs_no_more_of_scipy(before, imported):
    code = PRODUCT.format(before=before)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(imported)
