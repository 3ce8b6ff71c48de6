"""What a Recorder sees is what is there."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, data, layers
from glassnet._core.strict_json import to_json
from glassnet.callbacks import Checkpoint, LambdaCallback
from glassnet.callbacks.recorder import Recorder
from glassnet.errors import ConfigError, DataError, ShapeError

Dense = layers.Dense
DIGITS = data.load("digits")
X, Y = DIGITS.x.reshape(len(DIGITS.x), -1)[:300] / 16.0, DIGITS.y[:300]


def made(*stack: Any, optimizer: Any = "adam") -> Sequential:
    model = Sequential(list(stack), seed=0)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def usual() -> Sequential:
    return made(
        Dense(12, "relu"), layers.Residual([Dense(12, "tanh"), layers.Dropout(0.2)]),
        layers.BatchNormalization(), layers.Activation("silu"), Dense(10, "softmax"),
    )  # fmt: skip


def test_norms_are_those_of_the_layers() -> None:
    model = usual()
    kept: list[tuple[np.ndarray, np.ndarray]] = []

    def keep(epoch: int, logs: Any) -> None:
        kept.append((model.parameters.values.copy(), model.parameters.gradients.copy()))

    recorder = Recorder(X[:50])
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[LambdaCallback(on_epoch_end=keep), recorder])
    assert recorder.epochs == [0, 1, 2]
    assert list(recorder.layers) == [
        "dense", "residual/dense", "batch_normalization", "activation", "dense_1"
    ]  # fmt: skip
    for name in ("dense", "residual/dense", "batch_normalization"):
        slices = [s for key, s in model.parameters.slices.items() if key.startswith(f"{name}/")]
        place = slice(slices[0].start, slices[-1].stop)
        record = recorder.layers[name]
        for epoch, (values, gradients) in enumerate(kept):
            assert record.weight[epoch] == pytest.approx(np.linalg.norm(values[place]), rel=1e-5)
            assert record.gradient[epoch] == pytest.approx(
                np.linalg.norm(gradients[place]), rel=1e-5
            )
            if epoch:
                moved = np.linalg.norm(values[place] - kept[epoch - 1][0][place])
                assert record.update[epoch] == pytest.approx(moved, rel=1e-4)
    assert np.isnan(recorder.layers["activation"].weight).all()


def test_outputs_dead_and_saturated_units_and_histograms() -> None:
    low = {"name": "constant", "value": -20.0}
    model = made(Dense(4, "relu", bias_initializer=low), Dense(3, "sigmoid"), Dense(10, "softmax"))
    model.build(X.shape[1])
    model.parameters.view("dense_1/b")[...] = [9.0, -9.0, 0.0]
    recorder = Recorder(X[:40], bins=7)
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[recorder])
    first, second, last = recorder.layers.values()
    assert first.dead == [1.0] and np.isnan(first.saturated[0])
    assert second.saturated[0] == pytest.approx(2 / 3) and np.isnan(second.dead[0])
    assert last.activation == "softmax" and 0 <= last.saturated[0] <= 1
    y = model.predict(X[:40])
    assert sum(last.counts[0]) == y.size == 400
    np.testing.assert_array_equal(last.counts[0], np.histogram(y, 7)[0])
    assert last.mean[0] == pytest.approx(0.1, rel=1e-5)
    assert (last.low[0], last.high[0]) == (pytest.approx(y.min()), pytest.approx(y.max()))
    assert first.counts[0] == [160, 0, 0, 0, 0, 0, 0]  # all outputs are 0


def test_recording_changes_no_bit_of_the_training() -> None:
    plain, recorded = usual(), usual()
    plain.fit(X, Y, epochs=3, verbose=0)
    recorded.fit(X, Y, epochs=3, verbose=0, callbacks=[Recorder()])
    assert plain.parameters.values.tobytes() == recorded.parameters.values.tobytes()
    assert plain.parameters.state.tobytes() == recorded.parameters.state.tobytes()


def test_a_checkpoint_keeps_what_was_recorded(tmp_path: Any) -> None:
    whole, first, rest = Recorder(every=2), Recorder(every=2), Recorder(every=2)
    usual().fit(X, Y, epochs=6, verbose=0, callbacks=[whole, Checkpoint(tmp_path / "a")])
    usual().fit(X, Y, epochs=4, verbose=0, callbacks=[first, Checkpoint(tmp_path / "b")])
    usual().fit(X, Y, epochs=6, verbose=0, callbacks=[rest, Checkpoint(tmp_path / "b")],
                resume_from=tmp_path / "b")  # fmt: skip
    assert whole.epochs == [1, 3, 5] and first.epochs == [1, 3]
    assert to_json(whole.to_dict()) == to_json(rest.to_dict())
    json.loads(to_json(whole.to_dict()))


def test_a_second_fit_begins_anew() -> None:
    model, recorder = usual(), Recorder()
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[recorder])
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[recorder])
    assert recorder.epochs == [0, 1, 2] and len(recorder.layers["dense"].counts) == 3


def test_bad_input() -> None:
    with pytest.raises(ConfigError, match="bins"):
        Recorder(bins=1)
    with pytest.raises(ConfigError, match="every"):
        Recorder(every=0)
    with pytest.raises(ShapeError, match="3 features, but the layer was built for 64"):
        usual().fit(X, Y, verbose=0, callbacks=[Recorder(np.zeros((2, 3)))])
    with pytest.raises(DataError, match="NaN"):
        usual().fit(X, Y, verbose=0, callbacks=[Recorder(np.full((2, 64), np.nan))])
