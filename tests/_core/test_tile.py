"""The compiled loops on registers against the plain loops beside them."""

import numba
import numpy as np
import pytest

from glassnet._core import tile as tiles
from glassnet._core.jit import OPTIONS

DTYPES = ("float32", "float64")
SIZES = ((12, 2), (6, 2), (12, 1), (5, 1))


@pytest.fixture(params=DTYPES)
def numbers(request):
    rng = np.random.default_rng(0)
    return lambda *shape: rng.normal(size=shape).astype(request.param)


def compiled_tile(rows, vectors):
    tile = tiles.tile

    @numba.njit(**OPTIONS)
    def call(x, places, starts, length, x_step, w, w_step, begin, begin_step, floor, out, step):
        tile(
            rows, vectors, x, 1, places, 2, starts, length, x_step, w, 3, w_step,
            begin, 4, begin_step, floor, out, 5, step,
        )  # fmt: skip

    return call


@pytest.mark.parametrize("floor", [0.0, -np.inf])
@pytest.mark.parametrize("begin_step", [0, 100])
@pytest.mark.parametrize("rows, vectors", SIZES)
def test_a_tile_is_the_plain_loop(numbers, rows, vectors, begin_step, floor):
    x, w, begin, out = numbers(400), numbers(3000), numbers(2000), numbers(2000)
    width = vectors * tiles.lanes(x.itemsize)
    places = np.arange(rows + 2) * 3
    starts, length, x_step = np.array([0, 50, 7]), 4, 2
    floor = x.dtype.type(floor)
    given = (places, starts, length, x_step, w, width + 1, begin, begin_step, floor)
    want = out.copy()
    tiles.plain_tile(
        rows, vectors, x, 1, places, 2, starts, length, x_step, w, 3, width + 1,
        begin, 4, begin_step, floor, want, 5, width + 2,
    )  # fmt: skip
    compiled_tile(rows, vectors)(x, *given, out, width + 2)
    np.testing.assert_allclose(out, want, rtol=1e-4 if x.dtype == np.float32 else 1e-12, atol=1e-5)
    assert (want >= floor).any()


def test_a_tile_lets_nan_through(numbers):
    x, w, out = numbers(400), numbers(3000), numbers(2000)
    x[7] = np.nan
    places, starts = np.arange(14), np.array([0])
    compiled_tile(12, 1)(x, places, starts, 4, 1, w, 16, w, 0, x.dtype.type(0), out, 16)
    assert np.isnan(out[5 : 5 + 12 * 16]).any()


@pytest.mark.parametrize("rows, vectors", [(1, 1), (3, 2), (5, 1), (2, 4)])
def test_gather_is_the_plain_loop(numbers, rows, vectors):
    gather = tiles.gather

    @numba.njit(**OPTIONS)
    def call(out, out_starts, x, x_starts, index, value):
        gather(rows, vectors, out, 1, out_starts, x, 2, x_starts, 1, index, value, 3, 9)

    x, out, value = numbers(900), numbers(900), numbers(12)
    x_starts = np.arange(rows + 1) * 40
    out_starts = np.arange(rows + 1) * 90
    index = np.random.default_rng(1).integers(0, 300, 12).astype(np.int32)
    want = out.copy()
    tiles.plain_gather(rows, vectors, want, 1, out_starts, x, 2, x_starts, 1, index, value, 3, 9)
    call(out, out_starts, x, x_starts, index, value)
    assert (want != numbers(900)).any()
    np.testing.assert_allclose(out, want, rtol=1e-4 if x.dtype == np.float32 else 1e-12, atol=1e-5)


def test_the_processor_has_vectors():
    size, count = tiles.registers()
    assert size in (16, 32, 64) and count in (16, 32)
    assert tiles.lanes(4) == 2 * tiles.lanes(8)
