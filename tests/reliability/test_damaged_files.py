"""Damaged models and checkpoints: only errors of glassnet's own, and nothing is half replaced."""

from __future__ import annotations

import numpy as np
import pytest
from damage import damages

from glassnet import Sequential, layers
from glassnet._core import storage
from glassnet.callbacks import Checkpoint, EarlyStopping
from glassnet.callbacks.base import attach
from glassnet.errors import FileFormatError, GlassnetError
from glassnet.model import saving
from glassnet.training.run import Run

X = np.linspace(-1, 1, 48, dtype=np.float32).reshape(12, 4)
Y = np.arange(12) % 3


def network() -> Sequential:
    model = Sequential(
        [
            layers.Dense(5, activation="relu"),
            layers.BatchNormalization(),
            layers.Dense(3, "softmax"),
        ],
        seed=1,
    )
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(model: Sequential, path: object, epochs: int, again: object = None) -> None:
    calls = [EarlyStopping("loss", patience=9), Checkpoint(path)]
    model.fit(X, Y, epochs=epochs, batch_size=4, verbose=0, callbacks=calls, resume_from=again)


@pytest.fixture
def written(tmp_path):
    """A checkpoint, its tensors and its contents."""
    fit(network(), tmp_path / "c.safetensors", 2)
    return (tmp_path, *storage.read_tensors(tmp_path / "c.safetensors"))


def test_a_damaged_checkpoint_is_refused_in_our_words_and_changes_nothing(written, monkeypatch):
    folder, tensors, whole = written
    model = network()
    fit(model, folder / "d.safetensors", 1)
    before = model.parameters.values.copy(), model.optimizer.get_state()["steps"]
    raw = []
    for what, damaged in damages(whole, each=2):
        monkeypatch.setattr(
            "glassnet.model.saving.read_tensors", lambda *a, d=damaged: (dict(tensors), d)
        )
        run = Run(epochs=2, batch_size=4, sample_count=12)
        run.metrics = model.metrics
        run.callbacks = [EarlyStopping("loss", patience=9)]
        attach(model, run)
        try:
            saving.resume(model, run, folder / "c.safetensors")
        except GlassnetError:
            if not np.array_equal(model.parameters.values, before[0]) or run.epoch:
                raw.append(f"{what}: half replaced")
        except Exception as error:
            raw.append(f"{what}: {type(error).__name__} {error}")
        model.parameters.values[...] = before[0]
    assert not raw, "\n".join(raw[:20])


def test_a_damaged_model_is_refused_in_our_words(written, monkeypatch):
    folder, tensors, whole = written
    raw = []
    for what, damaged in damages({"model": whole["model"]}, each=3):
        monkeypatch.setattr(
            "glassnet.model.saving.read_tensors", lambda *a, d=damaged: (dict(tensors), d)
        )
        try:
            Sequential.load(folder / "c.safetensors")
        except GlassnetError:
            pass
        except Exception as error:
            raw.append(f"{what}: {type(error).__name__} {error}")
    assert not raw, "\n".join(raw[:20])


def test_a_file_that_asks_for_more_memory_than_it_holds_is_refused_before(written):
    folder, tensors, whole = written
    whole["model"]["layers"][0]["units"] = 10**12  # 16 TB
    storage.write_tensors(folder / "m.safetensors", tensors, whole)
    with pytest.raises(FileFormatError, match=r"in the file, .* in the network"):
        Sequential.load(folder / "m.safetensors")


@pytest.mark.parametrize("name", [5, ["a"], {"a": 1}])
def test_a_network_whose_name_is_no_text_is_refused_and_not_shown(name):
    """It was loaded, and its summary raised what the table's library does."""
    config = saving.config_of(network()) | {"name": name}
    with pytest.raises(GlassnetError, match="must be a text"):
        saving.from_config(Sequential, config)
    with pytest.raises(GlassnetError, match="must be a text"):
        Sequential(name=name)
