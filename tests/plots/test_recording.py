"""Pictures of what a Recorder saw, and of what moved an answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, data, layers, plots
from glassnet.callbacks.recorder import Recorder
from glassnet.errors import DataError, ShapeError, UnknownNameError

Dense = layers.Dense


def recorded(*stack: Any, epochs: int = 3) -> Recorder:
    recorder = Recorder()
    model = Sequential([*stack, Dense(3, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(data.spiral(50), epochs=epochs, verbose=0, callbacks=[recorder])
    return recorder


def test_one_line_for_each_layer_in_each_panel() -> None:
    recorder = recorded(Dense(8, "relu"), layers.BatchNormalization(), Dense(8, "tanh"))
    figure = plots.recording_curves(recorder)
    panels = [ax for ax in figure.axes if ax.get_visible()]
    assert [len(ax.lines) for ax in panels] == [4, 4, 4, 3]
    drawn = panels[0].lines[0]
    np.testing.assert_allclose(drawn.get_ydata(), recorder.layers["dense"].weight)
    assert list(drawn.get_xdata()) == [1, 2, 3]
    assert panels[1].get_yscale() == "log" and panels[3].get_ylim()[0] < 0
    only = plots.recording_curves(recorder.to_dict(), ["update"], ["dense"])
    ratio = np.divide(recorder.layers["dense"].update, recorder.layers["dense"].weight)
    np.testing.assert_allclose(only.axes[0].lines[0].get_ydata(), ratio)


def test_the_spread_of_the_outputs() -> None:
    recorder = recorded(Dense(8, "relu"), layers.BatchNormalization(), Dense(8, "tanh"))
    figure = plots.recorded_activations(recorder)
    images = [ax.images[0] for ax in figure.axes if ax.images and ax.get_title(loc="left")]
    assert len(images) == 3  # the normalization has no function
    for image in images:
        array = np.asarray(image.get_array())
        assert array.shape == (80, 3) and array.max(axis=0) == pytest.approx(1)
    tanh = figure.axes[1]
    record = recorder.layers["dense_1"]
    assert tanh.get_ylim() == (pytest.approx(min(record.low)), pytest.approx(max(record.high)))


def test_deep_networks_show_some_layers_and_numbers_that_are_not_there_leave_gaps() -> None:
    recorder = recorded(*[Dense(2, "relu") for _ in range(20)], epochs=1)
    figure = plots.recording_curves(recorder)
    assert len(figure.axes[0].lines) == 12
    recorder.layers["dense"].weight[0] = float("nan")
    recorder.layers["dense"].low[0] = float("nan")
    plots.recording_curves(recorder)
    plots.recorded_activations(recorder, ["dense"])


def test_bad_input() -> None:
    recorder = recorded(Dense(4, "relu"), epochs=1)
    with pytest.raises(DataError, match="nothing was recorded"):
        plots.recording_curves(Recorder())
    with pytest.raises(UnknownNameError, match="did you mean 'update'"):
        plots.recording_curves(recorder, ["updat"])
    with pytest.raises(UnknownNameError, match="unknown layer"):
        plots.recorded_activations(recorder, ["conv"])
    with pytest.raises(ShapeError, match="the picture has"):
        plots.attribution_image(np.zeros((2, 2)), {"a": np.zeros(4)})
    with pytest.raises(ShapeError, match="height, width"):
        plots.attribution_image(np.zeros(4), {})
    with pytest.raises(ShapeError, match="2 numbers for 3 features"):
        plots.attribution_bars(["a", "b", "c"], {"x": [1.0, 2.0]})
    with pytest.raises(DataError, match="no values"):
        plots.attribution_bars([], {})


def test_bars_keep_the_features_that_matter_most() -> None:
    values = np.arange(40) * np.where(np.arange(40) % 2, 1.0, -1.0)
    figure = plots.attribution_bars([f"f{i}" for i in range(40)], {"a": values, "b": values}, "t")
    first = figure.axes[0]
    assert len(first.patches) == 20
    assert [label.get_text() for label in first.get_yticklabels()][-1] == "f39"
    assert "the 20 that matter most of 40" in figure.get_suptitle()
