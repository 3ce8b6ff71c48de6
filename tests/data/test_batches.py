"""Every sample exactly once an epoch, the last short batch counted, and a way back in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.data import ArrayBatches, BatchSource, IterableBatches
from glassnet.errors import ConfigError, DataError, ShapeError


def arrays(n, features=3, dtype=np.float32):
    x = np.arange(n * features).reshape(n, features).astype(dtype)
    return x, np.arange(n), np.arange(n) / n + 1


def drawn(source, seed=0, skip=0):
    """The batches as copies: the source may reuse its arrays."""
    return [
        (
            b.x.copy(),
            b.y.copy(),
            None if b.sample_weight is None else b.sample_weight.copy(),
            b.size,
        )
        for b in source.epoch(np.random.default_rng(seed), skip)
    ]


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 60),
    batch_size=st.integers(1, 70),
    shuffle=st.booleans(),
    seed=st.integers(0, 9),
)
def test_every_sample_exactly_once_and_x_y_and_weight_stay_together(n, batch_size, shuffle, seed):
    x, y, w = arrays(n)
    source = ArrayBatches(x, y, w, batch_size=batch_size, shuffle=shuffle)
    batches = drawn(source, seed)
    seen = np.concatenate([b[1] for b in batches])
    assert sorted(seen) == list(range(n))
    assert len(batches) == source.steps_per_epoch == -(-n // batch_size)
    assert all(len(b[0]) == len(b[1]) == len(b[2]) == b[3] for b in batches)
    assert all(b[3] == batch_size for b in batches[:-1])
    np.testing.assert_array_equal(np.concatenate([b[0] for b in batches]), x[seen])
    np.testing.assert_array_equal(np.concatenate([b[2] for b in batches]), w[seen])


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 40), batch_size=st.integers(1, 12), shuffle=st.booleans(), data=st.data())
def test_skip_k_is_the_same_epoch_without_its_first_k_batches(n, batch_size, shuffle, data):
    source = ArrayBatches(*arrays(n), batch_size=batch_size, shuffle=shuffle)
    k = data.draw(st.integers(0, source.steps_per_epoch))
    whole, rest = drawn(source, 4), drawn(source, 4, skip=k)
    assert len(rest) == len(whole) - k
    for a, b in zip(whole[k:], rest):
        np.testing.assert_array_equal(a[0], b[0])
        np.testing.assert_array_equal(a[1], b[1])


def test_the_generator_stands_at_the_same_place_however_many_batches_are_skipped():
    source = ArrayBatches(*arrays(10), batch_size=3)
    a, b = np.random.default_rng(0), np.random.default_rng(0)
    source.epoch(a)
    list(source.epoch(b, skip=2))
    assert a.bit_generator.state == b.bit_generator.state


def test_each_epoch_has_its_own_order_and_seeds_repeat_it():
    source = ArrayBatches(*arrays(50), batch_size=50)
    rng = np.random.default_rng(1)
    first, second = (next(source.epoch(rng)).y.copy() for _ in range(2))
    assert first.tolist() != second.tolist()
    assert first.tolist() == next(source.epoch(np.random.default_rng(1))).y.tolist()


def test_images_stay_bytes_and_the_data_is_not_touched():
    x = np.random.default_rng(0).integers(0, 256, (20, 4, 4), dtype=np.uint8)
    kept = x.copy()
    for batch in ArrayBatches(x, np.arange(20), batch_size=6).epoch(np.random.default_rng(0)):
        assert batch.x.dtype == np.uint8 and batch.x.shape[1:] == (4, 4)
        batch.x[:] = 0  # the batch is a copy, the caller's array is not in reach
    np.testing.assert_array_equal(x, kept)


def test_unshuffled_batches_are_views_without_a_copy():
    x, y, w = arrays(10)
    for batch in ArrayBatches(x, y, w, batch_size=4, shuffle=False).epoch():
        assert np.shares_memory(batch.x, x) and np.shares_memory(batch.y, y)
        assert np.shares_memory(batch.sample_weight, w)


def test_shuffled_batches_reuse_their_arrays_and_two_epochs_at_once_do_not_share_them():
    source = ArrayBatches(*arrays(12), batch_size=4)
    rng = np.random.default_rng(0)
    first = source.epoch(rng)
    a, b = next(first), next(first)
    assert np.shares_memory(a.x, b.x)
    other = next(source.epoch(rng))
    assert not np.shares_memory(b.x, other.x)
    first.close()


def test_columns_in_any_memory_order_give_the_same_batches():
    x, y, _ = arrays(9)
    a = drawn(ArrayBatches(x, y, batch_size=4))
    b = drawn(ArrayBatches(np.asfortranarray(x), y, batch_size=4))
    np.testing.assert_array_equal(
        np.concatenate([p[0] for p in a]), np.concatenate([p[0] for p in b])
    )


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, "8", None, True])
def test_a_bad_batch_size_is_refused(batch_size):
    with pytest.raises(ConfigError, match="batch_size"):
        ArrayBatches(*arrays(5), batch_size=batch_size)


def test_lengths_that_differ_and_empty_data_are_refused():
    x, y, w = arrays(5)
    with pytest.raises(ShapeError, match="5 samples, but y has 4"):
        ArrayBatches(x, y[:4])
    with pytest.raises(ShapeError, match="sample_weight has 3"):
        ArrayBatches(x, y, w[:3])
    with pytest.raises(DataError, match="no samples"):
        ArrayBatches(x[:0], y[:0])


@pytest.mark.parametrize("skip", [-1, 4])
def test_skipping_more_than_there_is_is_refused(skip):
    with pytest.raises(ConfigError, match="skip"):
        ArrayBatches(*arrays(9), batch_size=3).epoch(np.random.default_rng(0), skip)


def test_shuffling_without_a_generator_is_refused():
    with pytest.raises(ConfigError, match="random generator"):
        ArrayBatches(*arrays(9)).epoch()


# Batches that somebody else makes


def made(n=3, size=4):
    for k in range(n):
        yield np.full((size, 2), float(k)), np.arange(size)


def test_a_list_and_a_function_last_for_many_epochs():
    for source in (IterableBatches(list(made())), IterableBatches(made)):
        assert isinstance(source, BatchSource)
        for _ in range(2):
            assert [b.x[0, 0] for b in source.epoch()] == [0, 1, 2]
    assert IterableBatches(list(made())).steps_per_epoch == 3
    assert IterableBatches(made).steps_per_epoch is None


def test_a_generator_lasts_for_one_epoch_and_says_so():
    source = IterableBatches(made())
    assert len(list(source.epoch())) == 3
    with pytest.raises(DataError, match=r"used up by the first epoch\. Give a function"):
        source.epoch()


def test_skip_drops_the_first_batches():
    assert [b.x[0, 0] for b in IterableBatches(made).epoch(skip=2)] == [2]
    assert list(IterableBatches(made).epoch(skip=3)) == []
    with pytest.raises(DataError, match="cannot skip 4"):
        list(IterableBatches(made).epoch(skip=4))


def test_sample_weights_come_along():
    (batch,) = IterableBatches([(np.ones((2, 1)), [0, 1], [1, 3])]).epoch()
    assert batch.sample_weight.tolist() == [1.0, 3.0] and batch.size == 2


@pytest.mark.parametrize(
    ("batches", "error", "message"),
    [
        ([], DataError, "no batch at all"),
        ([np.ones((2, 2))], DataError, r"batch 0: expected a tuple"),
        ([(np.ones((2, 2)),)], DataError, "tuple of 1"),
        (
            [(np.ones((2, 2)), [0, 1]), (np.ones((2, 3)), [0, 1])],
            ShapeError,
            r"batch 1: x .*\(3,\)",
        ),
        ([(np.ones((2, 2)), [0, 1, 2])], ShapeError, "batch 0: x has 2 samples, but y has 3"),
        ([(np.array([[np.nan, 1.0]]), [0])], DataError, r"batch 0: .*x\[0, 0\] is nan"),
        ([(np.ones((0, 2)), [])], DataError, "batch 0: x is empty"),
        ([(np.ones((2, 2)), [0, 1], [1.0, -1.0])], DataError, r"sample_weight\[1\] is -1"),
        ([(np.ones((2, 2)), [0, 1], [0.0, 0.0])], DataError, "all sample weights are zero"),
        ([(np.ones((2, 2)), [0, 1], [1.0])], ShapeError, "sample_weight must be one number"),
        (lambda: None, DataError, "returned NoneType"),
    ],
)
def test_bad_batches_are_named(batches, error, message):
    with pytest.raises(error, match=message):
        list(IterableBatches(batches).epoch())


def test_what_is_no_iterable_is_refused():
    with pytest.raises(DataError, match="got int"):
        IterableBatches(3)
