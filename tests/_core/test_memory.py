"""Vectors that begin at cache lines, apart from each other."""

from __future__ import annotations

import copy
import tracemalloc

import numpy as np
import pytest

from glassnet import Sequential, callbacks, layers
from glassnet._core.memory import vector


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
def test_vectors_begin_in_different_lines_of_a_page(dtype, size):
    made = [vector(size, np.dtype(dtype), lane, 0.5) for lane in range(7)]
    starts = [array.ctypes.data % 4096 for array in made]
    assert starts == [576 * lane % 4096 for lane in range(7)]
    for array in made:
        assert array.shape == (size,) and array.dtype == dtype and (array == 0.5).all()
        assert array.flags.c_contiguous and array.flags.writeable


def test_the_vectors_of_a_network_and_its_optimizer_are_apart():
    model = Sequential([layers.Dense(100, "relu"), layers.Dense(1)], seed=0)
    model.compile("adam", "mean_squared_error")
    rng = np.random.default_rng(0)
    model.fit(rng.standard_normal((10, 50)), rng.standard_normal(10), verbose=0)

    def starts(model):
        vectors = [model.parameters.values, model.parameters.gradients]
        vectors += model.optimizer.state.values()
        return [v.ctypes.data % 4096 for v in vectors]

    assert starts(model) == [0, 576, 1152, 1728]
    twin = copy.deepcopy(model.optimizer)
    twin.set_state(model.optimizer.get_state())  # as a resumed run does
    for name, array in model.optimizer.state.items():
        np.testing.assert_array_equal(array, twin.state[name])


STACKS = {
    "compiled": [layers.Dense(16, "relu"), layers.Dense(3, "softmax")],
    "through the layers": [layers.Dense(16, "leaky_relu"), layers.Dense(3, "softmax")],
    "batch normalization": [
        layers.Dense(16, kernel_regularizer=layers.L2(1e-3)), layers.BatchNormalization(),
        layers.Activation("relu"), layers.Dense(3, "softmax"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", STACKS)
def test_a_step_allocates_no_array_after_the_first(name):
    """Whatever is as large as a row of the batch would show among the peaks of a step."""
    model = Sequential(copy.deepcopy(STACKS[name]), seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2000, 8)).astype(np.float32)
    y = rng.integers(0, 3, 2000)
    peaks: list[int] = []

    def look(batch, logs):
        peaks.append(tracemalloc.get_traced_memory()[1] - before[0])
        tracemalloc.reset_peak()
        before[0] = tracemalloc.get_traced_memory()[0]

    before = [0]
    tracemalloc.start()
    try:
        note = callbacks.LambdaCallback(on_train_batch_end=look)
        model.fit(x, y, batch_size=200, epochs=3, verbose=0, shuffle=False, callbacks=[note])
    finally:
        tracemalloc.stop()
    one = 200 * 3 * 4  # bytes of the smallest array of a step: the output
    inside = [p for i, p in enumerate(peaks) if i >= 10 and i % 10]  # not where an epoch begins
    assert max(inside) < one, inside
