"""Batches out of a file: the same rows, the same features, the same places as in memory."""

import tracemalloc

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glassnet import Sequential, layers, optimizers
from glassnet.data import BatchSource, ParquetBatches, load_table
from glassnet.errors import ConfigError, DataError, FileFormatError, LabelError


def write(path, columns, row_group_size=7):
    pa.parquet.write_table(pa.table(columns), path, row_group_size=row_group_size)
    return path


def columns(n=50, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "a": rng.normal(5, 3, n),
        "id": np.arange(n, dtype=np.float64),  # tells the rows apart
        "c": np.array(["red", "green", "blue"])[rng.integers(0, 3, n)],
        "b": rng.integers(0, 2, n).astype(bool),
        "y": np.arange(n) % 3,
    }


def drawn(source, seed=0, skip=0):
    return [
        (b.x.copy(), b.y.copy(), b.size) for b in source.epoch(np.random.default_rng(seed), skip)
    ]


def ids(source, batches):
    """The number of the row that each sample came from."""
    at = source.preprocessing.feature_names.index("id")
    column = source.preprocessing.columns[source.preprocessing.column_names.index("id")]
    values = np.concatenate([b[0][:, at] for b in batches]) * column.scale + column.mean
    return np.rint(values).astype(int).tolist()


def test_what_is_learned_is_what_a_table_in_memory_teaches(tmp_path):
    path = write(tmp_path / "t.parquet", columns())
    source, whole = ParquetBatches(path, "y", shuffle=False), load_table(path, "y")
    assert isinstance(source, BatchSource)
    assert source.preprocessing.target == whole.preprocessing.target
    for ours, theirs in zip(source.preprocessing.columns, whole.preprocessing.columns):
        assert type(ours) is type(theirs) and ours.features == theirs.features
    np.testing.assert_allclose(
        np.concatenate([x for x, _ in source]), whole.x, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_array_equal(np.concatenate([y for _, y in source]), whole.y)
    assert source.task == "classification" and "whole numbers" in source.description


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    n=st.integers(1, 60),
    group=st.integers(1, 25),
    batch_size=st.integers(1, 20),
    buffer_rows=st.integers(1, 50),
    shuffle=st.booleans(),
    data=st.data(),
)
def test_every_row_once_and_a_way_back_in(
    tmp_path_factory, n, group, batch_size, buffer_rows, shuffle, data
):
    n += 2
    path = write(tmp_path_factory.mktemp("p") / "t.parquet", columns(n), group)
    source = ParquetBatches(
        path, "y", batch_size=batch_size, buffer_rows=buffer_rows, shuffle=shuffle, dtype="float64"
    )
    whole = drawn(source, 3)
    order = ids(source, whole)
    assert sorted(order) == list(range(n))
    assert [int(label) for b in whole for label in b[1]] == [k % 3 for k in order]
    assert len(whole) == len(source) == source.steps_per_epoch == -(-n // batch_size)
    assert [b[2] for b in whole[:-1]] == [batch_size] * (len(whole) - 1)
    if not shuffle:
        assert order == list(range(n))
    skip = data.draw(st.integers(0, len(whole)))
    rest = drawn(source, 3, skip)
    assert ids(source, rest) == order[skip * batch_size :] if rest else skip == len(whole)


def test_rows_that_are_dropped_are_not_counted_and_skipping_knows_them(tmp_path):
    content = columns(60)
    content["a"][::4] = np.nan
    path = write(tmp_path / "t.parquet", content, 9)
    source = ParquetBatches(path, "y", batch_size=4, buffer_rows=8, missing="drop", dtype="float64")
    whole = drawn(source, 1)
    assert source.n_samples == 45 and len(whole) == len(source) == 12
    assert sorted(ids(source, whole)) == [k for k in range(60) if k % 4]
    for skip in range(13):
        rest = drawn(source, 1, skip)
        assert [b[1].tolist() for b in rest] == [b[1].tolist() for b in whole[skip:]]


def test_epochs_differ_and_seeds_repeat_them(tmp_path):
    path = write(tmp_path / "t.parquet", columns(64), 8)

    def labels(source):
        return [np.concatenate([y for _, y in source]).tolist() for _ in range(2)]

    a, b, c = (labels(ParquetBatches(path, "y", batch_size=8, seed=s)) for s in (1, 1, 2))
    assert a == b and a[0] != a[1] and a != c
    source = ParquetBatches(path, "y", batch_size=8, seed=1)
    assert np.concatenate([y for _, y in source.batches(1)]).tolist() == a[1]
    late = [y.tolist() for _, y in source.batches(1, skip=5)]
    assert late == [y.tolist() for _, y in source.batches(1)][5:]


def test_public_batches_belong_to_the_caller_and_those_of_the_loop_are_reused(tmp_path):
    source = ParquetBatches(write(tmp_path / "t.parquet", columns(20)), "y", batch_size=5)
    a, b = [x for x, _ in source][:2]
    assert not np.shares_memory(a, b)
    inner = source.epoch(np.random.default_rng(0))
    a, b = next(inner).x, next(inner).x
    assert np.shares_memory(a, b)


def test_shuffling_mixes_groups_and_rows(tmp_path):
    source = ParquetBatches(
        write(tmp_path / "t.parquet", columns(64), 8), "y", batch_size=8, buffer_rows=16
    )
    order = ids(source, drawn(source))
    groups = [k // 8 for k in order]
    assert groups != sorted(groups)
    assert any(len(set(groups[i : i + 8])) > 1 for i in range(0, 64, 8))


def test_missing_values_are_filled_as_in_memory(tmp_path):
    content = columns(40)
    content["a"][3:9] = np.nan
    content["c"] = [None if k % 7 == 0 else v for k, v in enumerate(content["c"].tolist())]
    path = write(tmp_path / "t.parquet", content)
    source = ParquetBatches(path, "y", missing="fill", shuffle=False)
    whole = load_table(path, "y", missing="fill")
    np.testing.assert_allclose(np.concatenate([x for x, _ in source]), whole.x, atol=1e-5)


def test_the_median_comes_from_a_fair_sample(tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.data.sampling.SAMPLE", 500)
    values = np.arange(4000.0)  # sorted: the first 500 would give a median of 250
    values[0] = np.nan
    path = write(tmp_path / "t.parquet", {"a": values, "y": np.arange(4000) % 2}, 400)
    source = ParquetBatches(path, "y", missing="fill")
    assert 1750 < source.preprocessing.columns[0].fill < 2250


def test_an_earlier_preprocessor_is_used_and_regression_is_standardised(tmp_path):
    train = {"a": [1.0, 3.0], "y": [0.5, 2.5]}
    path = write(tmp_path / "train.parquet", train)
    source = ParquetBatches(path, "y", scale_target=True, shuffle=False)
    assert source.task == "regression"
    ((x, y),) = list(source)
    assert x.tolist() == [[-1], [1]] and y.tolist() == [-1, 1] and y.dtype == np.float32
    other = write(tmp_path / "test.parquet", {"z": [0, 0, 0], "y": [4.5, 0.5, 1.5], "a": [5, 7, 2]})
    again = ParquetBatches(other, preprocessing=source.preprocessing, shuffle=False)
    ((x, y),) = list(again)
    assert x[:, 0].tolist() == [3, 5, 0] and y.tolist() == [3, -1, 0]
    assert again.n_samples == 3


def test_memory_stays_flat_however_long_the_file(tmp_path, monkeypatch):
    """A file of 33 MB is learned from and drawn from within 6 MB of Python's and 6 of Arrow's."""
    monkeypatch.setattr("glassnet.data.sampling.SAMPLE", 8192)
    path = tmp_path / "big.parquet"
    rng = np.random.default_rng(0)
    schema = pa.schema([*((f"c{k}", pa.float64()) for k in range(12)), ("y", pa.int64())])
    with pa.parquet.ParquetWriter(path, schema, compression="none") as writer:
        for _ in range(16):
            values = {f"c{k}": rng.standard_normal(20_000) for k in range(12)}
            writer.write_table(pa.table({**values, "y": np.arange(20_000) % 2}))
    size = path.stat().st_size
    bound = 6 << 20
    assert size > 5 * bound
    usual, pool = pa.default_memory_pool(), pa.system_memory_pool()
    pa.set_memory_pool(pool)  # one whose peak nobody else has raised
    tracemalloc.start()
    try:
        source = ParquetBatches(path, "y", batch_size=128, buffer_rows=8192)
        rows = sum(batch.size for batch in source.epoch(np.random.default_rng(0)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(usual)
    assert rows == 320_000
    assert peak < bound, f"{peak / 1e6:.1f} MB in Python and NumPy"
    assert pool.max_memory() < bound, f"{pool.max_memory() / 1e6:.1f} MB in Arrow"


def test_a_model_trained_on_the_file_predicts_from_raw_rows_after_saving(tmp_path):
    rng = np.random.default_rng(0)
    a, c = rng.normal(10, 5, 600), np.array(["r", "g"])[rng.integers(0, 2, 600)]
    y = np.where((a > 10) ^ (c == "r"), "yes", "no")
    source = ParquetBatches(write(tmp_path / "t.parquet", {"a": a, "c": c, "y": y}, 100), "y")
    model = Sequential(
        [layers.Dense(16, activation="relu"), layers.Dense(2, activation="softmax")], seed=0
    )
    model.compile(optimizers.Adam(0.02), "sparse_categorical_crossentropy", ["accuracy"])
    history = model.fit(source, epochs=12, verbose=0)
    assert history.history["accuracy"][-1] > 0.95
    model.save(tmp_path / "m.safetensors")
    rows = Sequential.load(tmp_path / "m.safetensors").preprocessing
    x = rows.transform({"a": [3, 3, 17], "c": ["r", "g", "g"]})
    assert rows.decode_target(model.predict(x).argmax(axis=1)).tolist() == ["yes", "no", "yes"]


# Bad files


def test_missing_values_are_named_with_their_rows_in_the_file(tmp_path):
    content = columns(50)
    content["a"][[13, 40]] = np.nan
    path = write(tmp_path / "t.parquet", content)
    with pytest.raises(DataError, match=r"t\.parquet: .*'a' in rows 14, 41"):
        ParquetBatches(path, "y", strict=True)
    assert any("'a' in 2 rows" in note for note in ParquetBatches(path, "y").sample.notes)


def test_strange_values_are_named_with_their_rows_in_the_file(tmp_path):
    train = ParquetBatches(write(tmp_path / "a.parquet", columns(50)), "y", strict=True)
    content = columns(50)
    content["c"] = content["c"].astype(object)
    content["c"][33] = "pink"
    path = write(tmp_path / "b.parquet", content)
    source = ParquetBatches(path, preprocessing=train.preprocessing)
    with pytest.raises(DataError, match=r"b\.parquet: column 'c' is 'pink' in row 34"):
        list(source)


@pytest.mark.parametrize(
    ("content", "options", "error", "message"),
    [
        ({"a": [1.0, np.inf], "y": [0, 1]}, {}, DataError, "infinite in row 2"),
        ({"a": [1, 2], "z": [0, 1]}, {}, DataError, "unknown target column 'y'"),
        ({"a": [1, 2], "y": [1, 1]}, {}, LabelError, "1 in every row"),
        ({"a": [3, 3], "y": [0, 1]}, {}, DataError, "the same value in each row"),
        ({"a": [1, None], "b": [None, 1], "y": [0, 1]}, {"missing": "drop"}, DataError, "lacks"),
        ({"a": [], "y": []}, {}, DataError, "there are no rows"),
        ({"a": [1, 2], "y": [0, 1]}, {"batch_size": 0}, ConfigError, "batch_size"),
        ({"a": [1, 2], "y": [0, 1]}, {"buffer_rows": 0}, ConfigError, "buffer_rows"),
        ({"a": [1, 2], "y": [0, 1]}, {"target": None}, ConfigError, "name the target"),
    ],
)
def test_bad_files_and_options(tmp_path, content, options, error, message):
    path = write(tmp_path / "t.parquet", content)
    with pytest.raises(error, match=message):
        ParquetBatches(path, **({"target": "y"} | options))


def test_files_that_are_not_there_no_parquet_or_changed_since(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        ParquetBatches(tmp_path / "t.parquet", "y")
    (tmp_path / "t.parquet").write_text("a,y\n1,2\n")
    with pytest.raises(FileFormatError, match="not a Parquet file"):
        ParquetBatches(tmp_path / "t.parquet", "y")
    path = write(tmp_path / "t.parquet", columns(20))
    source = ParquetBatches(path, "y")
    write(path, columns(30))
    with pytest.raises(DataError, match="has changed since it was opened"):
        list(source)
    path.unlink()
    with pytest.raises(DataError, match="has changed"):
        list(source)


def test_a_generator_is_needed_to_shuffle_and_skip_has_its_bounds(tmp_path):
    source = ParquetBatches(write(tmp_path / "t.parquet", columns(20)), "y", batch_size=8)
    with pytest.raises(ConfigError, match="random generator"):
        source.epoch()
    with pytest.raises(ConfigError, match="cannot skip 4"):
        source.epoch(np.random.default_rng(0), skip=4)
