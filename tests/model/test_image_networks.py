"""Networks over images and series as a whole: what fit does is what the layers say one by one."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import glassnet
from glassnet import calculus, callbacks, layers
from glassnet.layers import (
    L2,
    AveragePooling2D,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    MaxPooling1D,
    MaxPooling2D,
    Residual,
    SpatialDropout2D,
    UpSampling2D,
    ZeroPadding2D,
)
from glassnet.model.summary import describe

IMAGE = (9, 8, 2)


def _conv(filters, size=3, **settings):
    return Conv2D(filters, size, activation="relu", **settings)


NETWORKS = {
    "convolution, pooling, twice": lambda: [
        _conv(6), MaxPooling2D(2), _conv(5, 2), MaxPooling2D(2), Flatten(), Dense(3, "softmax"),
    ],
    "more filters than a tile": lambda: [
        _conv(34), MaxPooling2D(2), _conv(33, 2), Flatten(), Dense(3, "softmax"),
    ],
    "same, convolutions in a row": lambda: [
        _conv(4, padding="same"), _conv(4), MaxPooling2D(2), Flatten(), Dense(3, "softmax"),
    ],
    "pooling with a rest and strides": lambda: [
        _conv(4, 2, padding="same"), MaxPooling2D(2), MaxPooling2D(2, 1), Flatten(),
        Dense(3, "softmax"),
    ],
    "overlapping pooling": lambda: [
        _conv(4), MaxPooling2D(3, 2), Flatten(), Dense(3, "softmax"),
    ],
    "pooling of a convolution without ReLU": lambda: [
        Conv2D(4, 3), MaxPooling2D(2), Flatten(), Dense(3, "softmax"),
    ],
    "pooling first": lambda: [MaxPooling2D(2), _conv(4), Flatten(), Dense(3, "softmax")],
    "average pooling": lambda: [
        _conv(4), AveragePooling2D(2), Conv2D(3, 2, activation="tanh"), GlobalAveragePooling2D(),
        Dense(3, "softmax"),
    ],
    "convolution, average pooling, twice": lambda: [
        _conv(6), AveragePooling2D(2), _conv(5, 2), AveragePooling2D(2), Flatten(),
        Dense(3, "softmax"),
    ],
    "average pooling with a rest, more filters than a tile": lambda: [
        _conv(3, padding="same"), AveragePooling2D(2), _conv(34, 2), AveragePooling2D(2),
        Flatten(), Dense(3, "softmax"),
    ],
    "strides instead of pooling": lambda: [
        _conv(4, strides=2, padding="same"), _conv(4, strides=2), Flatten(), Dense(3, "softmax"),
    ],
    "batch normalization between": lambda: [
        Conv2D(4, 3, use_bias=False), BatchNormalization(), layers.Activation("relu"),
        MaxPooling2D(2), Flatten(), Dense(3, "softmax"),
    ],
    "a residual block": lambda: [
        _conv(3, padding="same"),
        Residual([_conv(3, padding="same"), Conv2D(3, 3, padding="same")]),
        MaxPooling2D(2), Flatten(), Dense(3, "softmax"),
    ],
    "no dense layer": lambda: [
        _conv(4), Conv2D(3, 1), GlobalAveragePooling2D(), layers.Activation("softmax"),
    ],
    "depthwise, then a pixel": lambda: [
        Conv2D(2, 3, groups=2), _conv(5, 1), MaxPooling2D(2), Flatten(), Dense(3, "softmax"),
    ],
    "padding and upsampling": lambda: [
        ZeroPadding2D(1), _conv(3), MaxPooling2D(2), UpSampling2D(2), _conv(2), Flatten(),
        Dense(3, "softmax"),
    ],
    "a penalty on the kernel": lambda: [
        Conv2D(4, 3, activation="relu", kernel_regularizer=L2(0.05)), MaxPooling2D(2), Flatten(),
        Dense(3, "softmax"),
    ],
    "a frozen first layer": lambda: [
        _conv(4, trainable=False), MaxPooling2D(2), _conv(3, 2), Flatten(), Dense(3, "softmax"),
    ],
    "bytes": lambda: [
        layers.Rescaling(1 / 255), _conv(4), MaxPooling2D(2), Flatten(), Dense(3, "softmax"),
    ],
}  # fmt: skip
SERIES = {
    "a series": lambda: [
        Conv1D(5, 3, activation="relu"), MaxPooling1D(2), Conv1D(4, 2, padding="same"),
        GlobalAveragePooling1D(), Dense(3, "softmax"),
    ],
}  # fmt: skip
ALL = NETWORKS | SERIES


def network(case, dtype="float32", optimizer="sgd"):
    model = glassnet.Sequential(ALL[case](), seed=3, dtype=dtype)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def samples(case, n=23, dtype="float32"):
    rng = np.random.default_rng(5)
    shape = (20, 2) if case in SERIES else IMAGE
    if case == "bytes":
        x = rng.integers(0, 256, (n, *shape), np.uint8)
    else:
        x = rng.normal(0, 1, (n, *shape)).astype(dtype)
    return x, rng.integers(0, 3, n)


@pytest.mark.parametrize("case", ALL)
def test_the_gradient_of_the_network_is_the_central_difference(case):
    model = network(case, "float64")
    x, y = samples(case, 3, "float64")
    model.build(x.shape[1:])
    _, gradient = model.loss_and_gradient(x, y)
    values = model.parameters.values
    rng = np.random.default_rng(0)
    h = 1e-5
    for i in rng.choice(values.size, 40, replace=values.size < 40):
        before = values[i]
        losses = []
        for step in (h, -h):
            values[i] = before + step
            losses.append(model.loss_and_gradient(x, y)[0])
        values[i] = before
        slope = (losses[0] - losses[1]) / (2 * h)
        assert gradient[i] == pytest.approx(slope, rel=1e-4, abs=2e-8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", ALL)
def test_fit_takes_the_steps_of_the_layers_one_by_one(case, dtype):
    """Batches of 8, 8 and 7, with memory reused, against plain steps in float64."""
    model = network(case, dtype)
    x, y = samples(case, dtype=dtype)
    model.build(x.shape[1:])
    slow = model.copy("float64")
    weights = slow.parameters.values.copy()
    wide = x if x.dtype == np.uint8 else x.astype(np.float64)
    moved = np.zeros(weights.size, bool)
    for run in slow.parameters.runs or [slice(None)]:
        moved[run] = True
    losses = []
    for _ in range(2):
        for start in (0, 8, 16):
            here = slice(start, start + 8)
            loss, gradient = slow.loss_and_gradient(wide[here], y[here], training=True)
            weights = np.where(moved, weights - 0.01 * gradient, weights)
            slow.parameters.values[...] = weights
            losses.append(loss)
    history = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    close = {"rtol": 1e-9, "atol": 1e-12} if dtype == "float64" else {"rtol": 0, "atol": 2e-6}
    np.testing.assert_allclose(model.parameters.values, weights, **close)
    np.testing.assert_allclose(model.parameters.state, slow.parameters.state, **close)
    expected = [np.average(losses[i : i + 3], weights=[8, 8, 7]) for i in (0, 3)]
    np.testing.assert_allclose(history.history["loss"], expected, rtol=1e-5)


@pytest.mark.parametrize("case", ALL)
def test_predictions_of_parts_and_of_all_are_those_of_the_layers(case):
    model = network(case)
    x, y = samples(case)
    model.fit(x, y, epochs=1, verbose=0)
    h = x
    for layer in model.layers:
        h = layer.forward(h)
    expected = h.copy()
    for size in (None, 1, 5, 22, 23, 100):
        np.testing.assert_allclose(model.predict(x, size), expected, rtol=0, atol=1e-6)
    assert model.predict(x[:0]).shape == (0, 3)


@pytest.mark.parametrize("case", ALL)
def test_saving_copying_and_pickling_keep_every_answer(case, tmp_path):
    model = network(case, optimizer="adam")
    x, y = samples(case)
    model.fit(x, y, epochs=1, verbose=0)
    answers = model.predict(x)
    model.save(tmp_path / "model.safetensors")
    for twin in (
        glassnet.load(tmp_path / "model.safetensors"),
        model.copy(),
        pickle.loads(pickle.dumps(model)),
    ):
        np.testing.assert_array_equal(twin.predict(x), answers)
        assert twin.get_config() == model.get_config()
    wide = model.copy("float64")
    assert wide.dtype == np.float64
    np.testing.assert_allclose(wide.predict(x), answers, rtol=0, atol=1e-5)
    fresh = glassnet.Sequential.from_config(model.get_config())
    assert [layer.get_config() for layer in fresh.layers] == [
        layer.get_config() for layer in model.layers
    ]


class Killed(callbacks.Callback):
    kept = False

    def on_train_batch_end(self, batch, logs):
        if self.run.epoch == 1 and batch == 2:
            raise RuntimeError("killed")


@pytest.mark.parametrize("case", ["convolution, pooling, twice", "a residual block", "a series"])
def test_a_checkpoint_in_the_middle_of_an_epoch_goes_on_with_the_same_bits(case, tmp_path):
    x, y = samples(case)
    straight = network(case, optimizer="adam")
    straight.fit(x, y, batch_size=8, epochs=3, verbose=0)

    path = tmp_path / "run.safetensors"
    first = network(case, optimizer="adam")
    with pytest.raises(RuntimeError, match="killed"):
        first.fit(
            x, y, batch_size=8, epochs=3, verbose=0,
            callbacks=[callbacks.Checkpoint(path, every_batches=2), Killed()],
        )  # fmt: skip
    second = network(case, optimizer="adam")
    again = callbacks.Checkpoint(path, every_batches=2)
    second.fit(x, y, batch_size=8, epochs=3, verbose=0, callbacks=[again], resume_from=path)
    np.testing.assert_array_equal(second.parameters.values, straight.parameters.values)


def test_gradient_check_of_the_library():
    model = network("convolution, pooling, twice", "float64")
    x, y = samples("convolution, pooling, twice", 4, "float64")
    assert calculus.check_gradient(model, x, y).ok


WORDS = {
    "Conv2D, relu, 3×3": Conv2D(4, 3, activation="relu"),
    "Conv2D, 3×5, strides 2, dilation 2, 2 groups, same, l2 0.1": Conv2D(
        4, (3, 5), 2, "same", 2, 2, kernel_regularizer=L2(0.1)
    ),
    "Conv2D, 1×1, strides 2×1, frozen": Conv2D(4, 1, (2, 1), trainable=False),
    "Conv1D, tanh, 5 steps": Conv1D(4, 5, activation="tanh"),
    "MaxPooling2D, 2×2": MaxPooling2D(2),
    "MaxPooling2D, 3×3, strides 2, same": MaxPooling2D(3, 2, "same"),
    "MaxPooling1D, 3 steps": MaxPooling1D(3),
    "ZeroPadding2D, 1": ZeroPadding2D(1),
    "ZeroPadding2D, top 1 bottom 0 left 2 right 3": ZeroPadding2D(((1, 0), (2, 3))),
    "UpSampling2D, 2×3": UpSampling2D((2, 3)),
    "SpatialDropout2D, rate 0.2": SpatialDropout2D(0.2),
    "GlobalAveragePooling2D": GlobalAveragePooling2D(),
}


@pytest.mark.parametrize("words", WORDS)
def test_the_summary_says_each_layer_in_few_words(words):
    assert describe(WORDS[words]) == words


def test_the_summary_counts_the_multiplications_of_each_layer():
    model = network("a residual block")
    model.build(IMAGE)
    first, block, head = 9 * 8 * 3 * 9 * 2, 2 * 9 * 8 * 3 * 9 * 3, 4 * 4 * 3 * 3
    text = model.summary()
    for number in (first, block, block // 2, head):
        assert f"{number:,} │" in text
    line = f"multiplications: {first + block + head:,} for each sample"
    assert line in text and line in model._repr_html_()
    plain = glassnet.Sequential([Dense(5), Dense(2)])
    assert "multiplications:" not in plain.summary()  # not built
    plain.build((3,))
    assert "multiplications: 25 for each sample" in plain.summary()
    assert [layer.multiplications() for layer in plain.layers] == [15, 10]


def test_weights_of_samples_count_each_sample_so_often():
    x, y = samples("convolution, pooling, twice", 9, "float64")
    counts = np.array([1, 2, 3, 1, 1, 2, 1, 1, 3])
    model = network("convolution, pooling, twice", "float64")
    model.build(IMAGE)
    loss, gradient = model.loss_and_gradient(x, y, counts * 9 / counts.sum())
    same, slopes = model.loss_and_gradient(x.repeat(counts, axis=0), y.repeat(counts))
    assert loss == pytest.approx(same, rel=1e-12)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-9, atol=1e-14)


def test_batches_of_an_iterable_and_a_validation_are_those_of_arrays():
    x, y = samples("more filters than a tile")
    arrays, parts = (network("more filters than a tile") for _ in range(2))
    history = arrays.fit(
        x, y, batch_size=8, shuffle=False, verbose=0, validation_data=(x[:9], y[:9]),
        sample_weight=np.arange(23) + 1.0,
    )  # fmt: skip
    weights = np.arange(23) + 1.0
    batches = [(x[i : i + 8], y[i : i + 8], weights[i : i + 8]) for i in (0, 8, 16)]
    parts.build(IMAGE)
    parts.fit(batches, verbose=0)
    np.testing.assert_allclose(parts.predict(x), arrays.predict(x), rtol=0, atol=1e-6)
    measured = arrays.evaluate(x[:9], y[:9])
    assert history.history["val_loss"][-1] == pytest.approx(measured["loss"], rel=1e-6)
    assert history.history["val_accuracy"][-1] == pytest.approx(measured["accuracy"])


def test_a_frozen_layer_stays_and_thaws():
    x, y = samples("a frozen first layer")
    model = network("a frozen first layer")
    model.build(IMAGE)
    first, second = (model.layers[i] for i in (0, 2))
    W, V = first.W.copy(), second.W.copy()
    model.fit(x, y, verbose=0)
    np.testing.assert_array_equal(first.W, W)
    assert abs(second.W - V).max() > 0
    first.trainable = True
    model.fit(x, y, verbose=0)
    assert abs(first.W - W).max() > 0


def test_the_same_seed_gives_the_same_bits_on_pictures():
    x, y = samples("batch normalization between")
    found = []
    for _ in range(2):
        model = network("batch normalization between", optimizer="adam")
        model.fit(x, y, batch_size=8, epochs=2, verbose=0)
        found.append(model.parameters.values.copy())
    np.testing.assert_array_equal(*found)


def test_a_small_network_learns_to_tell_bars():
    """Horizontal from vertical bars, anywhere in the picture: what a convolution is for."""
    rng = np.random.default_rng(0)
    x, y = np.zeros((300, 8, 8, 1), np.float32), rng.integers(0, 2, 300)
    for picture, label in zip(x, y):
        r, c = rng.integers(0, 6, 2)
        if label:
            picture[r : r + 3, c] = 1
        else:
            picture[r, c : c + 3] = 1
    model = glassnet.Sequential(
        [_conv(4), GlobalAveragePooling2D(), Dense(2, "softmax")], seed=1
    )  # fmt: skip
    model.compile(
        {"name": "adam", "learning_rate": 0.03}, "sparse_categorical_crossentropy", ["accuracy"]
    )
    model.fit(x[:200], y[:200], epochs=30, verbose=0)
    assert model.evaluate(x[200:], y[200:])["accuracy"] > 0.97


def test_training_on_images_is_the_same_as_in_plain_python():
    """With the compiler off, indices are checked: no loop may read behind its arrays."""
    code = """
        import numpy as np, glassnet
        from glassnet.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D
        model = glassnet.Sequential([
            Conv2D(3, 3, activation="relu", padding="same"), AveragePooling2D(),
            Conv2D(16, 3, activation="relu"), MaxPooling2D(), Flatten(), Dense(3, "softmax"),
        ], seed=1)
        model.compile("sgd", "sparse_categorical_crossentropy")
        x = np.random.default_rng(0).normal(size=(2, 9, 10, 1)).astype(np.float32)
        model.fit(x, np.arange(2), batch_size=2, epochs=1, verbose=0)
        print(*map(float, model.parameters.values))
    """
    compiled, plain = (
        np.array(
            subprocess.run(
                [sys.executable, "-c", textwrap.dedent(code)],
                env={**os.environ, "NUMBA_DISABLE_JIT": switch},
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split(),
            float,
        )
        for switch in ("0", "1")
    )
    np.testing.assert_allclose(plain, compiled, rtol=0, atol=1e-6)
