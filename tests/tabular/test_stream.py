"""The recipe on a table that is read in parts: the same networks, folds that none learned from."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from glassnet.callbacks import LambdaCallback
from glassnet.data import TableBatches
from glassnet.errors import ConfigError
from glassnet.tabular import MemberSettings, Recipe, fit_stream, stream

SMALL = Recipe(rounds=((MemberSettings(), MemberSettings(bins=False)),), folds=4, units=(16, 16))


@pytest.fixture
def table(tmp_path, monkeypatch):
    """10,000 rows in chunks of 1,024, of which 2,000 are the sample and 1,000 held out."""
    monkeypatch.setattr(stream, "CHUNK", 1024)
    monkeypatch.setattr(stream, "ONCE", 90_000)  # three passes
    monkeypatch.setattr("glassnet.data.sampling.SAMPLE", 2000)
    rng = np.random.default_rng(0)
    x, c = rng.standard_normal((10_000, 2)), rng.integers(0, 3, 10_000)
    z = np.sin(2 * x[:, 0]) + (c == 1) * x[:, 1]
    columns = {"a": x[:, 0], "b": x[:, 1] * 9 + 5, "c": [f"c{k}" for k in c], "value": z * 4 + 7}
    sure = rng.random(10_000) < 1 / (1 + np.exp(-4 * z))
    columns["class"] = np.where(sure, "yes", "no")
    path = tmp_path / "t.parquet"
    pa.parquet.write_table(pa.table(columns), path, row_group_size=700)
    return path


def opened(table, target):
    other = {"class": "value", "value": "class"}[target]
    return TableBatches(table, target, held_out=0.1, scale_target=True, ignore=[other])


def test_classes_and_values_are_learned_and_no_member_sees_its_fold(table, monkeypatch):
    seen = []
    offer = stream.StreamedRows._offer

    def watched(self, chunk, members):
        offer(self, chunk, members)
        for member in members:
            own = chunk.rows[member.batches.rows]
            assert len(own) == len(set(own.tolist()))
            held = {tuple(row) for row in self._x[member.held_out].tolist()}
            assert not held & {tuple(row) for row in chunk.x[member.batches.rows].tolist()}
        seen.append(chunk.rows.copy())

    monkeypatch.setattr(stream.StreamedRows, "_offer", watched)
    batches = opened(table, "class")
    fitted = fit_stream(batches, effort=SMALL, seed=1)
    x, y = batches.sample.x_test, batches.sample.y_test
    p = fitted.model.predict(x)
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    assert loss < 0.55 < np.log(2) and abs(loss - fitted.combination.loss) < 0.08
    drawn = np.concatenate(seen)
    assert not np.isin(drawn, batches.rows_held_out).any() and len(set(drawn.tolist())) > 8000
    assert len(fitted.combination.rows) == batches.sample.n_samples
    assert fitted.history.history["val_loss"][-1] < fitted.history.history["val_loss"][0]

    batches = opened(table, "value")
    fitted = fit_stream(batches, effort=SMALL)
    apart = fitted.model.predict(batches.sample.x_test)[:, 0] - batches.sample.y_test
    assert np.mean(apart**2) < 0.7


def test_copies_of_a_row_lie_in_one_fold(tmp_path, monkeypatch):
    """Noise that stands five times in a table is not answered by heart: ln 2 = 0.69."""
    monkeypatch.setattr(stream, "CHUNK", 512)
    monkeypatch.setattr(stream, "ONCE", 4_000_000)
    rng = np.random.default_rng(0)
    which = rng.permutation(np.repeat(np.arange(600), 5))
    columns = {f"x{j}": rng.normal(size=600)[which] for j in range(6)}
    columns["class"] = rng.choice(["no", "yes"], 600)[which]
    pa.parquet.write_table(pa.table(columns), tmp_path / "t.parquet", row_group_size=700)
    able = Recipe(rounds=((MemberSettings(dropout=0.0),),), folds=4, units=(48, 48))
    fitted = fit_stream(TableBatches(tmp_path / "t.parquet", "class"), effort=able)
    assert fitted.combination.loss > 0.66


def test_a_few_different_rows_are_all_learned_from(tmp_path, monkeypatch):
    """A truth table, one row of which makes half of all: none of the networks is without rows."""
    monkeypatch.setattr(stream, "CHUNK", 512)
    a, b = np.arange(4000) % 2 * (np.arange(4000) % 8 == 1), np.arange(4000) % 3 == 0
    columns = {"a": a, "b": b.astype(int), "class": np.where(a ^ b, "yes", "no")}
    pa.parquet.write_table(pa.table(columns), tmp_path / "t.parquet", row_group_size=700)
    batches = TableBatches(tmp_path / "t.parquet", "class")
    fitted = fit_stream(batches, effort=SMALL)
    answers = fitted.model.predict({"a": [0, 0, 1, 1], "b": [0, 1, 0, 1]}).argmax(1)
    assert batches.preprocessing.decode_target(answers).tolist() == ["no", "yes", "yes", "no"]


def test_the_same_seed_gives_the_same_weights_on_any_number_of_cores(table, monkeypatch):
    monkeypatch.setattr(stream, "ONCE", 9_000)
    models = []
    for size in (1, 3):
        monkeypatch.setattr(stream.TEAM, "size", size)
        models.append(fit_stream(opened(table, "class"), effort=SMALL, seed=5).model)
    for a, b in zip(*(model.get_weights() for model in models)):
        np.testing.assert_array_equal(a, b)


def test_a_training_that_is_stopped_keeps_its_model(table):
    def stop(epoch, logs):
        callback.model.stop_training = True
        callback.run.stop("enough")

    callback = LambdaCallback(on_epoch_end=stop)
    batches = opened(table, "class")
    fitted = fit_stream(batches, effort=SMALL, callbacks=[callback])
    assert fitted.history.stopped == "enough" and len(fitted.history.epoch) == 1
    assert np.isfinite(fitted.model.predict(batches.sample.x_test)).all()


def test_batches_that_cannot_be_learned_from_are_refused(table):
    batches = opened(table, "class")
    again = TableBatches(table, preprocessing=batches.preprocessing)
    with pytest.raises(ConfigError, match="open the table without preprocessing="):
        fit_stream(again)
    with pytest.raises(ConfigError, match=r"'value' is not standardised: .* scale_target=True"):
        fit_stream(TableBatches(table, "value"))


def test_a_class_that_counts_more_is_answered_more_often(table):
    batches = opened(table, "class")
    shares = []
    for weights in ((1.0, 1.0), (1.0, 8.0)):
        fitted = fit_stream(batches, effort=SMALL, class_weights=np.array(weights))
        shares.append((fitted.model.predict(batches.sample.x_test)[:, 1] > 0.5).mean())
    assert shares[1] > shares[0] + 0.2
