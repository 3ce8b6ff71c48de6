"""Several ranks train one network: the same bits, one story, and nobody waits for ever.

Ranks are threads of one process here; test_mpi.py takes real ones.
"""

from __future__ import annotations

import contextlib
import copy
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from threadpoolctl import threadpool_limits

from glassnet import Sequential, layers
from glassnet.callbacks import Callback, Checkpoint, CSVLogger, EarlyStopping
from glassnet.data import TableBatches
from glassnet.data.batches import Share
from glassnet.data.parquet import ParquetParts
from glassnet.distribute import Group
from glassnet.errors import ConfigError, DataError, DivergedError, MissingDependencyError, RankError
from glassnet.layers.regularizers import L2
from glassnet.optimizers import SGD


class Threads:
    """A communicator for each of some threads."""

    def __init__(self, ranks: int) -> None:
        self.said: list[Any] = [None] * ranks
        self.barrier = threading.Barrier(ranks, timeout=60)
        self.ranks = ranks


class Member:
    def __init__(self, threads: Threads, rank: int) -> None:
        self.threads, self.rank, self.ranks = threads, rank, threads.ranks

    def words(self, said: Any) -> list[Any]:
        self.threads.said[self.rank] = said
        self.threads.barrier.wait()
        heard = copy.deepcopy(self.threads.said)  # as they are now: the others go on
        self.threads.barrier.wait()
        return heard

    def gather(self, row):
        return np.stack(self.words(row.copy()))

    def exchange(self, rows):
        piece = rows.shape[1] // self.ranks
        mine = slice(self.rank * piece, (self.rank + 1) * piece)
        return np.concatenate([other[:, mine] for other in self.words(rows.copy())])

    def join(self, piece):
        return np.concatenate(self.words(piece.copy()))

    def add(self, vector):
        vector[...] = sum(self.words(vector.copy()))

    def rows(self, own, counts):
        found = np.concatenate(self.words(own.copy()))
        assert len(found) == sum(counts)
        return found

    def abort(self, status: int) -> None:
        self.threads.barrier.abort()


def on_ranks(ranks: int, work: Callable[[Group], Any], shards: int = 8, fast: bool = False):
    """What ``work`` returned, or raised, on each rank."""
    threads, results = Threads(ranks), [None] * ranks

    def run(rank: int) -> None:
        try:
            group = Group(Member(threads, rank), shards, fast)
            with group.open():
                results[rank] = work(group)
        except BaseException as error:
            results[rank] = error

    running = [threading.Thread(target=run, args=(rank,)) for rank in range(ranks)]
    with threadpool_limits(1, user_api="blas"):  # of the process: its threads share it
        for thread in running:
            thread.start()
        for thread in running:
            thread.join(90)
            assert not thread.is_alive(), "a rank hangs"
    return results


rng = np.random.default_rng(0)
X = rng.random((90, 6, 6, 1), dtype=np.float32)
Y = rng.integers(0, 3, 90)
FLAT = X.reshape(90, 36)


def images(seed=1):
    """All that could depend on the ranks: statistics of batches, random numbers, penalties."""
    model = Sequential([
        layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization(), layers.Flatten(),
        layers.Dropout(0.3), layers.Dense(3, "softmax", kernel_regularizer=L2(0.01)),
    ], seed=seed)  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy", "auc"])
    return model


def dense(rate=0.1):
    model = Sequential([layers.Dense(8, "relu"), layers.Dense(3, "softmax")], seed=1)
    model.compile(SGD(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(model, x=X, y=Y, **settings):
    given = {"batch_size": 64, "epochs": 2, "verbose": 0, "validation_split": 0.2, **settings}
    return model.fit(x, y, **given)


def bits(model, history):
    parts = model.parameters.values.tobytes(), model.parameters.state.tobytes()
    return (*parts, repr(history.history))


@pytest.mark.parametrize("ranks", [2, 4])
def test_the_same_bits_on_any_number_of_ranks(ranks):
    model = images()
    alone = bits(model, fit(model, shards=8))

    def work(group):
        model = images(seed=1 if group.rank == 0 else 2 + group.rank)  # the first one's count
        return bits(model, fit(model, distribute=group))

    assert on_ranks(ranks, work) == [alone] * ranks


def test_the_same_bits_whatever_threads_blas_had():
    found = []
    x, y = rng.random((256, 784), dtype=np.float32), rng.integers(0, 3, 256)
    for threads in (1, 2):
        model = Sequential([layers.Dense(128, "relu"), layers.Dense(3, "softmax")], seed=1)
        model.compile("adam", "sparse_categorical_crossentropy")
        with threadpool_limits(threads, user_api="blas"):
            fit(model, x, y, batch_size=128, validation_split=0, shards=8)
        found.append(model.parameters.values.tobytes())
    assert found[0] == found[1]


def test_one_shard_is_the_usual_training():
    one, usual = images(), images()
    one.layers[3].rate = usual.layers[3].rate = 0.0
    fit(one, shards=1, epochs=1), fit(usual, epochs=1)
    np.testing.assert_allclose(one.parameters.values, usual.parameters.values, atol=1e-6)


def test_shards_make_the_gradient_of_the_whole_batch():
    cut, whole = dense(), dense()
    weights = np.arange(90) % 4
    for model, settings in ((cut, {"shards": 7}), (whole, {})):
        fit(model, FLAT, sample_weight=weights, shuffle=False, **settings)
    np.testing.assert_allclose(cut.parameters.values, whole.parameters.values, atol=1e-6)


def test_a_batch_of_fewer_samples_than_shards():
    model = images()
    alone = bits(model, fit(model, batch_size=86, validation_split=0, shards=8))  # the last has 4

    def work(group):
        model = images()
        return bits(model, fit(model, batch_size=86, validation_split=0, distribute=group))

    assert on_ranks(4, work) == [alone] * 4
    small = dense()
    fit(small, FLAT[:9], Y[:9], batch_size=6, validation_split=0, shards=8)
    assert np.isfinite(small.parameters.values).all()


def test_batches_from_elsewhere_are_shared_out():
    def source():
        return ((X[i : i + 30], Y[i : i + 30]) for i in range(0, 90, 30))

    def work(group):
        model = images()
        model.classes = np.arange(3)
        return bits(model, model.fit(source, epochs=2, verbose=0, **group))

    alone = work({"shards": 8})
    assert on_ranks(2, lambda group: work({"distribute": group})) == [alone] * 2


@pytest.fixture
def folder(tmp_path):
    """Six files of 100 rows, whose features are the number of the row."""
    path = tmp_path / "rows"
    path.mkdir()
    for part in range(6):
        rows = np.arange(100 * part, 100 * part + 100)
        columns = {"a": rows, "b": rows % 7, "y": np.array(["no", "yes"])[rows % 3 % 2]}
        pyarrow.parquet.write_table(pyarrow.table(columns), path / f"{part}.parquet")
    return path


def test_a_folder_of_tables_is_read_in_shares(folder):
    def work(group=None):
        source = TableBatches(folder, "y", batch_size=64, buffer_rows=160)
        model = Sequential([layers.Dense(8, "relu"), layers.Dense(2, "softmax")], seed=1)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        given = {"shards": 8} if group is None else {"distribute": group}
        return bits(model, model.fit(source, epochs=2, verbose=0, **given))

    alone = work()
    for ranks in (2, 4):
        assert on_ranks(ranks, work) == [alone] * ranks


@pytest.mark.parametrize("shuffle", [True, False])
def test_shares_of_a_table_are_all_its_rows_once(folder, shuffle, monkeypatch):
    source = TableBatches(folder, "y", batch_size=50, buffer_rows=96, shuffle=shuffle)

    def rows(share, skip=0):
        source.rows_of = share
        return [b.x[:, 0].copy() for b in source.epoch(np.random.default_rng(3), skip)]

    usual = np.sort(np.concatenate(rows(slice)))
    halves = [rows(Share(4, 0, 2)), rows(Share(4, 2, 2))]
    whole = rows(Share(4, 0, 4))
    for one, first, second in zip(whole, *halves, strict=True):
        np.testing.assert_array_equal(one, np.concatenate([first, second]))
    np.testing.assert_array_equal(np.sort(np.concatenate(whole)), usual)
    for late, same in zip(rows(Share(4, 0, 2), skip=7), halves[0][7:], strict=True):
        np.testing.assert_array_equal(late, same)
    read = []
    through = ParquetParts.read
    monkeypatch.setattr(
        ParquetParts, "read",
        lambda parts, part, names: read.append(part) or through(parts, part, names)
        if len(names) > 1 else through(parts, part, names),
    )  # fmt: skip
    rows(Share(2, 0, 1))
    assert len(read) == 3  # of six files


def test_allreduce_gives_the_same_numbers_to_rounding():
    model = images()
    fit(model, shards=8)

    def work(group):
        twin = images()
        fit(twin, distribute=group)
        return twin.parameters.values.copy()

    first, second = on_ranks(2, work, fast=True)
    assert first.tobytes() == second.tobytes()
    np.testing.assert_allclose(first, model.parameters.values, atol=1e-4)


def test_the_first_writes_and_all_go_on(tmp_path):
    model = images()
    whole = bits(model, fit(model, epochs=4, shards=8))

    def work(group, epochs, resume=None):
        folder = tmp_path / str(group.rank)
        folder.mkdir(exist_ok=True)
        model = images()
        kept = [EarlyStopping(patience=9), CSVLogger(folder / "h.csv"), Checkpoint(folder / "c")]
        with contextlib.suppress(StopIteration):
            return bits(model, fit(model, epochs=epochs, callbacks=kept, distribute=group,
                                   resume_from=resume and folder / resume))  # fmt: skip

    on_ranks(2, lambda group: work(group, 2))
    assert sorted(p.name for p in (tmp_path / "0").iterdir()) == ["c", "h.csv"]
    assert not list((tmp_path / "1").iterdir())
    resumed = on_ranks(4, lambda group: work(group, 4, "c"))  # the others do not see the file
    values = [one[0] for one in resumed]
    best = images()
    fit(best, epochs=4, shards=8, callbacks=[EarlyStopping(patience=9)])
    assert values == [best.parameters.values.tobytes()] * 4
    assert whole[2] == resumed[0][2]


class At(Callback):
    def __init__(self, rank, act):
        self.rank, self.act = rank, act

    def on_train_batch_end(self, batch, logs):
        if self.run.rank == self.rank and self.run.epoch == 1:
            self.act(self)


def mistake(callback):
    raise ValueError("my mistake")


def test_who_fails_ends_all():
    def work(group):
        return fit(dense(), FLAT, callbacks=[At(1, mistake)], distribute=group)

    first, second, *rest = on_ranks(4, work)
    assert isinstance(second, ValueError)
    for error in (first, *rest):
        assert isinstance(error, RankError) and error.rank == 1
        assert "rank 1 of 4 failed" in str(error) and "ValueError: my mistake" in str(error)


@pytest.mark.parametrize(
    "act", [lambda c: setattr(c.model, "stop_training", True), lambda c: c.run.stop("enough"),
            lambda c: c.group.interrupt(c.run)]
)  # fmt: skip
def test_who_stops_stops_all_after_the_same_step(act):
    def work(group):
        stopping = At(1, act)
        stopping.__dict__["group"] = group
        model = dense()
        history = fit(model, FLAT, batch_size=8, epochs=5, callbacks=[stopping], distribute=group)
        return model.optimizer.steps, bool(history.stopped)

    (steps, stopped), *others = on_ranks(2, work)
    assert others == [(steps, stopped)] and stopped and 9 < steps < 14


def bad(name, change, **given):
    def work(group):
        x, y, settings, model = FLAT, Y, given, dense()
        if group.rank == 1:
            x, y, settings, model = change(x, y, settings, model)
        return fit(model, x, y, distribute=group, **settings)

    return pytest.param(work, id=name)


def other_network(x, y, settings, model):
    model = Sequential([layers.Dense(9, "relu"), layers.Dense(3, "softmax")], seed=1)
    model.compile(SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return x, y, settings, model


@pytest.mark.parametrize("work", [
    bad("data", lambda x, y, s, m: (x + 1, y, s, m)),
    bad("fewer", lambda x, y, s, m: (x[:80], y[:80], s, m)),
    bad("batch_size", lambda x, y, s, m: (x, y, {"batch_size": 32}, m)),
    bad("epochs", lambda x, y, s, m: (x, y, {"epochs": 3}, m)),
    bad("layers", other_network),
    bad("validation", lambda x, y, s, m: (x, y, {**s, "validation_data": (x[:9], 2 - y[:9])}, m),
        validation_split=0, validation_data=(FLAT[:9], Y[:9])),
    bad("callbacks", lambda x, y, s, m: (x, y, {"callbacks": EarlyStopping(patience=3)}, m)),
])  # fmt: skip
def test_ranks_that_differ_say_in_what(work, request):
    errors = on_ranks(2, work)
    assert all(isinstance(error, DataError) for error in errors)
    assert str(errors[0]) == str(errors[1])
    assert "the ranks differ in" in str(errors[0])


@pytest.mark.parametrize("change", [
    bad("none", lambda x, y, s, m: (x[:0], y[:0], s, m)),
    bad("nan", lambda x, y, s, m: (np.where(x > 0.99, np.nan, x), y, s, m)),
])  # fmt: skip
def test_a_rank_without_data(change):
    first, second = on_ranks(2, change)
    assert isinstance(first, RankError) and isinstance(second, DataError)


def test_weights_that_went_apart():
    """By a rounding, as of another processor: the first one's count; by more, it is said."""

    def work(group, by):
        def turn(callback):
            callback.model.parameters.values[...] *= by

        model = dense()
        fit(model, FLAT, callbacks=[At(1, turn)], distribute=group)
        return model.parameters.values.tobytes()

    first, second = on_ranks(2, lambda group: work(group, np.float32(1 + 1e-6)))
    assert first == second and isinstance(first, bytes)
    errors = on_ranks(2, lambda group: work(group, np.float32(1.1)))
    assert all("the ranks have other weights" in str(error) for error in errors)


def test_without_mpi4py(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(MissingDependencyError, match="pip install mpi4py"):
        fit(dense(), FLAT, distribute="mpi")


def test_ranks_with_other_streams():
    def work(group):
        batches = [(FLAT[:32], Y[:32]), (FLAT[32:64], Y[32:64])][: 2 - group.rank]
        return dense().fit(lambda: iter(batches), epochs=1, verbose=0, distribute=group)

    errors = on_ranks(2, work)
    assert all(isinstance(error, DataError) and "went apart" in str(error) for error in errors)


def test_a_loss_that_is_not_finite_is_everybodys():
    model = dense(1e30)
    errors = on_ranks(2, lambda group: fit(copy.deepcopy(model), FLAT, distribute=group))
    assert all(isinstance(error, DivergedError) for error in errors)
    assert str(errors[0]) == str(errors[1])


def test_settings_that_cannot_be():
    with pytest.raises(ConfigError, match="shards=6 or 8"):
        raise on_ranks(2, lambda group: None, shards=7)[0]
    with pytest.raises(ConfigError, match="did you mean 'mpi'"):
        fit(dense(), FLAT, distribute="mp")
    with pytest.raises(ConfigError, match="shards"):
        fit(dense(), FLAT, shards=0)
    with pytest.warns(UserWarning, match="Take fewer shards"):
        fit(images(), batch_size=16, epochs=1, shards=8)
