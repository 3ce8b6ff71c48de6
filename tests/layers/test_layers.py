"""What each layer computes, by hand, and what it refuses."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import ConfigError, FileFormatError, NotBuiltError, ShapeError
from glassnet.layers import (
    L1,
    L1L2,
    L2,
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    Input,
    LayerNormalization,
    Rescaling,
    Reshape,
    Residual,
    from_config,
)


def test_dense_by_hand():
    layer = Dense(2, "relu")
    layer.build((3,), dtype=np.float64)
    layer.W[...] = [[1, -1], [2, 0], [0, 3]]
    layer.b[...] = [0.5, -10]
    x = np.array([[1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(layer.forward(x), [[5.5, 0.0]])  # z = [5.5, -2]
    dx = layer.backward(np.array([[2.0, 7.0]]))
    np.testing.assert_array_equal(layer.db, [2, 0])
    np.testing.assert_array_equal(layer.dW, [[2, 0], [4, 0], [6, 0]])
    np.testing.assert_array_equal(dx, [[2, 4, 0]])


def test_the_bias_gradient_is_the_sum_over_the_samples():
    """Not the mean: the loss was divided by n already (mistake 3)."""
    layer = Dense(1)
    layer.build((1,), dtype=np.float64)
    layer.forward(np.ones((5, 1)))
    layer.backward(np.full((5, 1), 0.2))
    assert layer.db[0] == pytest.approx(1.0)


def test_backward_does_not_update():
    """An optimizer does (mistake 6)."""
    layer = Dense(2, "sigmoid")
    layer.build((2,), np.random.default_rng(0))
    before = layer.parameters.values.copy()
    layer.forward(np.ones((1, 2), np.float32))
    layer.backward(np.ones((1, 2), np.float32))
    np.testing.assert_array_equal(layer.parameters.values, before)


def test_the_views_are_the_flat_vector():
    layer = Dense(2)
    layer.build((2,))
    layer.parameters.values[...] = np.arange(6)
    np.testing.assert_array_equal(layer.W, [[0, 1], [2, 3]])
    np.testing.assert_array_equal(layer.b, [4, 5])
    layer.b[...] = 9
    assert layer.parameters.values[-1] == 9


def test_a_layer_used_alone_builds_itself():
    layer = Dense(3)
    assert layer([[1, 2]]).shape == (1, 3)
    assert layer.W.shape == (2, 3)
    assert layer.dtype == np.float64  # the type of what came first


def test_batch_normalization_while_training_and_afterwards():
    layer = BatchNormalization(momentum=0.9, epsilon=1e-6)
    x = np.random.default_rng(0).normal(3, 2, (500, 2))
    layer.build((2,), dtype=np.float64)
    y = layer.forward(x, training=True)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(0), 1, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_mean, 0.1 * x.mean(0))
    np.testing.assert_allclose(layer.moving_variance, 0.9 + 0.1 * x.var(0))
    layer.moving_mean[...], layer.moving_variance[...] = 1, 4
    np.testing.assert_allclose(layer.forward(x), (x - 1) / np.sqrt(4 + 1e-6))


def test_batch_normalization_of_images_is_per_channel_and_not_per_pixel():
    """Mistake 10."""
    x = np.random.default_rng(0).normal(size=(4, 3, 3, 2)) * [1, 5] + [0, 7]
    layer = BatchNormalization()
    layer.build((3, 3, 2), dtype=np.float64)
    assert layer.gamma.shape == (2,)
    y = layer.forward(x, training=True)
    np.testing.assert_allclose(y.mean((0, 1, 2)), 0, atol=1e-12)
    assert abs(y.mean(0)).max() > 0.1  # a pixel alone is not normalised


def test_a_frozen_batch_normalization_uses_its_running_values():
    layer = BatchNormalization(trainable=False)
    layer.build((1,))
    x = np.array([[5.0], [7.0]], np.float32)
    np.testing.assert_allclose(layer.forward(x, training=True), x / np.sqrt(1.001), rtol=1e-6)
    assert layer.moving_mean[0] == 0


def test_layer_normalization_of_each_sample():
    layer = LayerNormalization(epsilon=1e-9)
    x = np.array([[1.0, 2, 3], [10, 20, 60]])
    layer.build((3,), dtype=np.float64)
    y = layer.forward(x)
    np.testing.assert_allclose(y.mean(1), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(1), 1, rtol=1e-6)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean_and_drops_the_rate(rate):
    layer = Dropout(rate)
    layer.build((1000,), np.random.default_rng(0))
    x = np.ones((200, 1000), np.float32)
    y = layer.forward(x, training=True)
    assert (y == 0).mean() == pytest.approx(rate, abs=0.005)
    assert y.mean() == pytest.approx(1, abs=0.03)
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / (1 - layer.threshold / 65536))}
    np.testing.assert_array_equal(layer.backward(x), y)  # the same were dropped
    assert layer.forward(x) is x  # afterwards it does nothing


def test_dropout_is_seeded():
    draws = []
    for _ in range(2):
        layer = Dropout(0.5)
        layer.build((20,), np.random.default_rng(7))
        draws.append(layer.forward(np.ones((3, 20), np.float32), training=True))
    np.testing.assert_array_equal(*draws)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rescaling_reads_bytes(dtype):
    layer = Rescaling(1 / 255, -0.5)
    layer.build((2, 2), dtype=dtype)
    x = np.arange(0, 256, 32, dtype=np.uint8).reshape(2, 2, 2)
    y = layer.forward(x)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, x.astype(dtype) / 255 - 0.5, rtol=1e-6)


def test_residual_goes_two_ways():
    inner = Dense(2, kernel_initializer="zeros")
    block = Residual([inner])
    x = np.array([[1.0, -2.0]])
    np.testing.assert_array_equal(block(x), x)  # a block of zeros changes nothing
    np.testing.assert_array_equal(block.backward(np.ones((1, 2))), [[1, 1]])
    assert block.parameters.names == ["residual/dense/W", "residual/dense/b"]


def test_max_norm_shortens_only_what_is_too_long():
    layer = Dense(2, max_norm=1.0)
    layer.build((2,), dtype=np.float64)
    layer.W[...] = [[3, 0.1], [4, 0.2]]
    layer.constrain()
    np.testing.assert_allclose(layer.W, [[0.6, 0.1], [0.8, 0.2]])


def test_regularizers_have_kerass_factors():
    w = np.array([1.0, -2.0])
    assert L1(0.1).penalty(w) == pytest.approx(0.3)
    assert L2(0.1).penalty(w) == pytest.approx(0.5)  # l2·Σw², without ½
    with pytest.raises(ConfigError, match="l2"):
        L1L2(l2=-1)


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4))
def test_reshape_and_flatten_keep_every_number(n, a, b):
    x = np.arange(n * a * b, dtype=np.float32).reshape(n, a, b)
    flat = Flatten()(x)
    assert flat.shape == (n, a * b)
    back = Reshape((a, -1))(flat)
    np.testing.assert_array_equal(back, x)


REFUSED = {
    "units of 0": lambda: Dense(0),
    "units of -3": lambda: Dense(-3),
    "units of 2.5": lambda: Dense(2.5),
    "units as text": lambda: Dense("ten"),
    "rate of 1": lambda: Dropout(1.0),
    "negative rate": lambda: Dropout(-0.1),
    "rate as text": lambda: Dropout("half"),
    "NaN rate": lambda: Dropout(float("nan")),
    "momentum of 1": lambda: BatchNormalization(momentum=1),
    "epsilon of 0": lambda: LayerNormalization(epsilon=0),
    "max_norm of 0": lambda: Dense(1, max_norm=0),
    "infinite scale": lambda: Rescaling(float("inf")),
    "two unknown sizes": lambda: Reshape((-1, -1)),
    "empty residual": lambda: Residual([]),
    "no layer in a residual": lambda: Residual(["dense"]),
    "slash in a name": lambda: Dense(1, name="a/b"),
    "regularizer as number": lambda: Dense(1, kernel_regularizer=3),
    "input of 0": lambda: Input((0,)),
    "unknown activation": lambda: Activation("relo"),
    "unknown initializer": lambda: Dense(1, kernel_initializer="hee_normal"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_settings_out_of_range_are_refused(case):
    with pytest.raises(ConfigError) as error:
        REFUSED[case]()
    assert len(str(error.value)) > 20


def test_the_wrong_number_of_features_says_which_layer_and_how_many():
    layer = Dense(2, name="hidden")
    layer.build((4,))
    with pytest.raises(ShapeError, match=r"Dense 'hidden': input has 3 features, but .* for 4\. "):
        layer.forward(np.ones((2, 3), np.float32))


@pytest.mark.parametrize(
    ("layer", "shape", "says"),
    [
        (Dense(2), (3, 3), "Flatten"),
        (Reshape((5,)), (2, 3), "6 numbers"),
        (Residual([Dense(2)]), (3,), "same shape"),
        (Input((3,)), (4,), "not"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(layer, shape, says):
    with pytest.raises(ShapeError, match=says):
        layer.build(shape)


@pytest.mark.parametrize(
    "layer", [Dense(1), Activation("relu"), BatchNormalization(), LayerNormalization(), Flatten()]
)
def test_backward_before_forward_says_so(layer):
    with pytest.raises(NotBuiltError, match="forward"):
        layer.backward(np.ones((1, 1)))


def test_an_unbuilt_layer_says_how_to_build_it():
    with pytest.raises(NotBuiltError, match="build"):
        _ = Dense(1).dtype
    with pytest.raises(NotBuiltError, match="forward"):
        Dense(1).backward(np.ones((1, 1)))


@pytest.mark.parametrize("config", [None, 3, {}, {"layer": 5}, {"layer": "dense"},
                                    {"layer": "dense", "units": 1, "evil": 2}])  # fmt: skip
def test_a_damaged_description_is_refused(config):
    with pytest.raises(FileFormatError):
        from_config(config)


def test_pickles_carry_the_parameters_but_not_the_work_arrays():
    layer = Dense(2)
    y = layer(np.ones((3, 2)))
    layer.work.reuse = True
    layer(np.ones((3, 2)))
    twin = pickle.loads(pickle.dumps(layer))
    np.testing.assert_array_equal(twin(np.ones((3, 2))), y)
    assert not twin.work.reuse
