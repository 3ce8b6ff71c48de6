"""Sums that do not depend on who computes which part of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.distribute.tree import Adder, total


def by_ranks(rows, ranks):
    each, left = len(rows) // ranks, []
    for rank in range(ranks):
        adder = Adder(each, rows.shape[1], rows.dtype)
        for row in rows[rank * each : (rank + 1) * each]:
            adder.next()[...] = row
            adder.take()
        left.append(adder.sums().copy())
    return total(np.concatenate(left)).copy()


def test_eight_and_six_by_hand():
    """2²⁴ + 1 is 2²⁴ in float32: the order of a sum shows in its bits."""
    big = np.float32(2**24)
    rows = np.array([big, 1, 1, 1, -big, 0, 0, 0], np.float32)[:, None]
    # ((2²⁴+1) + (1+1)) + ((-2²⁴+0) + (0+0)) = 2; one after the other it is 0
    assert by_ranks(rows, 1)[0] == 2
    rows = np.array([1, big, -big, 1, 0, 1], np.float32)[:, None]
    # ((1+2²⁴) + (-2²⁴+1)) + (0+1): -2²⁴+1 is exact
    assert by_ranks(rows, 1)[0] == (np.float32(2**24) + (np.float32(1) - big)) + 1


@given(st.integers(1, 24), st.integers(0, 2**32))
def test_the_same_bits_for_every_number_of_ranks(shards, seed):
    rng = np.random.default_rng(seed)
    rows = (rng.normal(size=(shards, 3)) * 10.0 ** rng.integers(-6, 6, (shards, 3))).astype("f4")
    alone = by_ranks(rows, 1)
    assert alone == pytest.approx(rows.astype("f8").sum(0), abs=1e-5 * float(np.abs(rows).sum()))
    for ranks in range(2, shards + 1):
        if shards % ranks == 0:
            assert by_ranks(rows, ranks).tobytes() == alone.tobytes()


def test_of_a_power_of_two_a_rank_sends_one_vector():
    assert [Adder(n, 1, np.dtype("f4")).left for n in (1, 2, 3, 4, 6, 8, 12)] == [
        1,
        1,
        3,
        1,
        3,
        1,
        3,
    ]
