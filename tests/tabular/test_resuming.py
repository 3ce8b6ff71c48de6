"""An ensemble that was stopped goes on to the bits of one that was not."""

import shutil
import signal

import numpy as np
import pytest

from glassnet import Sequential
from glassnet.callbacks import Callback, Checkpoint
from glassnet.data import TableBatches
from glassnet.errors import ConfigError, DataError, FileFormatError
from glassnet.tabular import MemberSettings, Recipe, fit_stream, fit_table, stream

SMALL = Recipe(
    rounds=(
        (MemberSettings(), MemberSettings("silu")),
        (MemberSettings("silu", bins=False, waves=0.5),),
    ),
    folds=4,
    units=(8, 8),
    min_epochs=12,
    steps=8,
)


def table(n=120, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    return x, (x[:, 0] + 0.5 * rng.normal(size=n) > 0).astype(np.int64)


class Copies(Callback):
    """A copy of the checkpoint after each epoch."""

    last = True
    kept = False

    def __init__(self, path):
        self.path = path

    def on_epoch_end(self, epoch, logs):
        shutil.copy(self.path, self.path.with_name(f"{epoch}.safetensors"))


def same(one, other):
    assert one.epochs == other.epochs
    assert one.history.history == other.history.history
    np.testing.assert_array_equal(one.combination.outputs, other.combination.outputs)
    np.testing.assert_array_equal(
        one.model.parameters.values, other.model.parameters.values, strict=True
    )


def test_from_every_epoch_to_the_same_bits(tmp_path):
    """Groups that have ended their waiting among them: dropout, two rounds, two activations."""
    fast = [MemberSettings(kind, learning_rate=0.3, dropout=0.3) for kind in ("relu", "silu")]
    rounds = (tuple(fast), (fast[0],))
    recipe = Recipe(rounds=rounds, folds=4, units=(8, 8), patience=0.0, steps=200)
    x, y = table()
    keep = Checkpoint(tmp_path / "c.safetensors")
    whole = fit_table(x, y, "classification", effort=recipe, seed=3,
                      callbacks=[keep, Copies(keep.path)])  # fmt: skip
    epochs = len(whole.history.epoch)
    assert len(set(whole.epochs)) > 1 and whole.history.stopped.startswith("no better epoch")
    for epoch in (0, epochs // 2, epochs - 1):
        again = fit_table(x, y, "classification", effort=recipe, seed=3,
                          resume_from=tmp_path / f"{epoch}.safetensors")  # fmt: skip
        same(whole, again)


def test_from_the_middle_of_a_stretch_of_a_stream(tmp_path, monkeypatch):
    """Ctrl-C in the second pass over the rows, in the middle of what is one epoch."""
    monkeypatch.setattr(stream, "CHUNK", 256)
    monkeypatch.setattr(stream, "STRETCH", 4)
    monkeypatch.setattr(stream, "ONCE", 6000)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 2))
    lines = [f"{a},{b},{'yes' if a + b > 0 else 'no'}" for a, b in x]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *lines]))

    def trained(**more):
        batches = TableBatches(tmp_path / "t.csv", "y", batch_size=100, buffer_rows=300)
        return fit_stream(batches, effort=SMALL, seed=2, **more)

    whole = trained()
    offer, count = stream.StreamedRows._offer, [0]

    def pressed(self, chunk, members):
        offer(self, chunk, members)
        count[0] += 1
        if count[0] == 6:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(stream.StreamedRows, "_offer", pressed)
    keep = Checkpoint(tmp_path / "c.safetensors")
    stopped = trained(callbacks=[keep])
    assert stopped.history.stopped == "interrupted by Ctrl-C" and len(stopped.history.epoch) == 1
    assert np.isfinite(stopped.model.predict(np.zeros((2, 2), np.float32))).all()
    monkeypatch.setattr(stream.StreamedRows, "_offer", offer)
    same(whole, trained(resume_from=keep.path))


def test_what_is_not_of_this_training_is_refused(tmp_path):
    x, y = table()
    keep = Checkpoint(tmp_path / "c.safetensors")
    fit_table(x, y, "classification", effort=SMALL, callbacks=[keep])
    given = {"effort": SMALL, "resume_from": keep.path}
    with pytest.raises(ConfigError, match="with another seed"):
        fit_table(x, y, "classification", seed=1, **given)
    with pytest.raises(ConfigError, match="with another recipe"):
        fit_table(x, y, "classification", **given | {"effort": "quick"})
    with pytest.raises(DataError, match="another table"):
        fit_table(*table(140), "classification", **given)
    with pytest.raises(FileFormatError, match=r"is no model yet.*--resume"):
        Sequential.load(keep.path)
    fitted = fit_table(x, y, "classification", effort=SMALL)
    fitted.model.save(tmp_path / "m.safetensors")
    with pytest.raises(FileFormatError, match="an ensemble stood"):
        fit_table(x, y, "classification", **given | {"resume_from": tmp_path / "m.safetensors"})


def test_a_callback_may_stop_it_as_in_keras():
    class Enough(Callback):
        def on_epoch_end(self, epoch, logs):
            self.model.stop_training = epoch == 1

    found = fit_table(*table(), "classification", effort=SMALL, callbacks=[Enough()]).history
    assert len(found.epoch) == 2 and found.stopped == "stop_training was set on the model"
