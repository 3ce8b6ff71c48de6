"""Every layer against central differences in float64, one coordinate at a time."""

import numpy as np
import pytest

from glassnet import layers
from glassnet.layers import (
    L1L2,
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
)

H = 1e-6

# name → (the layer, the shape of one sample, as in training or not)
CASES = {
    "dense": (lambda: Dense(3, "tanh"), (4,), False),
    "dense without bias": (lambda: Dense(3, "sigmoid", use_bias=False), (4,), False),
    "dense that needs z": (lambda: Dense(3, "gelu"), (4,), False),
    "dense with softmax": (lambda: Dense(3, "softmax"), (4,), False),
    "dense linear": (lambda: Dense(2), (3,), False),
    "activation": (lambda: Activation("tanh"), (3, 2), False),
    "activation that needs z": (lambda: Activation("silu"), (5,), False),
    "batch norm of a batch": (lambda: BatchNormalization(), (3,), True),
    "batch norm by running values": (lambda: BatchNormalization(), (3,), False),
    "batch norm of images": (lambda: BatchNormalization(), (2, 3, 2), True),
    "layer norm": (lambda: LayerNormalization(), (5,), True),
    "layer norm of a matrix": (lambda: LayerNormalization(), (2, 4), False),
    "flatten": (lambda: Flatten(), (2, 3), False),
    "reshape": (lambda: Reshape((3, -1)), (2, 3), False),
    "rescaling": (lambda: Rescaling(0.3, -0.2), (4,), False),
    "input": (lambda: Input((4,)), (4,), False),
    "dropout afterwards": (lambda: Dropout(0.5), (4,), False),
    "residual": (lambda: Residual([Dense(4, "tanh"), Dense(4)]), (4,), False),
    "residual in training": (
        lambda: Residual([BatchNormalization(), Dense(3, "tanh")]), (3,), True
    ),
    "residual in residual": (
        lambda: Residual([Residual([Dense(3, "tanh")]), Dense(3)]), (3,), False
    ),
}  # fmt: skip


def built(case: str):
    make, shape, training = CASES[case]
    rng = np.random.default_rng(0)
    layer = make()
    layer.build(shape, rng, np.float64)
    layer.parameters.values[...] += rng.normal(0, 0.3, layer.parameters.size)
    if layer.parameters.state.size:
        layer.parameters.state[...] = rng.uniform(0.5, 1.5, layer.parameters.state.size)
    x = rng.normal(0, 1, (6, *shape))
    dy = rng.normal(0, 1, layer.forward(x, training).shape)
    return layer, x, dy, training


def value(layer, x, dy, training) -> float:
    """Σ dy·forward(x): its derivative is what backward(dy) must give."""
    state = layer.parameters.state.copy()
    total = float(np.sum(layer.forward(x, training) * dy))
    layer.parameters.state[...] = state
    return total


def differences(f, array):
    """Central differences of f() by every number of ``array``."""
    flat = array.reshape(-1)
    slope = np.empty_like(flat)
    for i in range(flat.size):
        before = flat[i]
        flat[i] = before + H
        up = f()
        flat[i] = before - H
        slope[i] = (up - f()) / (2 * H)
        flat[i] = before
    return slope.reshape(array.shape)


@pytest.mark.parametrize("case", CASES)
def test_the_gradients_are_the_central_differences(case):
    layer, x, dy, training = built(case)
    layer.forward(x, training)
    dx = layer.backward(dy)
    gradients = layer.parameters.gradients.copy()
    expected = differences(lambda: value(layer, x, dy, training), x)
    np.testing.assert_allclose(dx, expected, rtol=1e-6, atol=1e-8)
    expected = differences(lambda: value(layer, x, dy, training), layer.parameters.values)
    np.testing.assert_allclose(gradients, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("case", CASES)
def test_backward_twice_gives_the_same_and_touches_nothing_of_the_caller(case):
    layer, x, dy, training = built(case)
    x_before, dy_before = x.copy(), dy.copy()
    y = layer.forward(x, training)
    y_before = y.copy()
    first = layer.backward(dy)
    gradients = layer.parameters.gradients.copy()
    second = layer.backward(dy)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(gradients, layer.parameters.gradients)
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(dy, dy_before)
    np.testing.assert_array_equal(y, y_before)


@pytest.mark.parametrize("case", CASES)
def test_reused_memory_gives_the_same_bits_as_new_memory(case):
    layer, x, dy, training = built(case)
    state = layer.parameters.state.copy()
    y = layer.forward(x, training)
    dx = layer.backward(dy)
    gradients = layer.parameters.gradients.copy()
    waiting = [layer]
    while waiting:
        one = waiting.pop()
        one.work.reuse = True
        waiting += one.sublayers()
    for rows in (6, 3, 6):  # a short batch in between
        layer.parameters.state[...] = state
        again = layer.forward(x[:rows].copy(), training)
        back = layer.backward(dy[:rows].copy())
        if rows == 6:
            np.testing.assert_array_equal(again, y)
            np.testing.assert_array_equal(back, dx)
            np.testing.assert_array_equal(layer.parameters.gradients, gradients)


@pytest.mark.parametrize("case", [c for c in CASES if not CASES[c][2]])
def test_a_batch_is_its_samples_one_by_one(case):
    layer, x, _, _ = built(case)
    whole = layer.forward(x)
    for i in range(len(x)):
        np.testing.assert_allclose(layer.forward(x[i : i + 1])[0], whole[i], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("case", CASES)
def test_the_first_layer_skips_the_gradient_that_nobody_reads(case):
    layer, x, dy, training = built(case)
    layer.forward(x, training)
    layer.backward(dy)
    gradients = layer.parameters.gradients.copy()
    layer.parameters.gradients[...] = np.nan
    layer.backward(dy, need_dx=False)
    np.testing.assert_array_equal(layer.parameters.gradients, gradients)


@pytest.mark.parametrize("case", CASES)
def test_a_config_makes_the_same_layer_again(case):
    layer, x, _, _ = built(case)
    twin = layers.from_config(layer.get_config())
    twin.build(layer.input_shape, dtype=np.float64)
    twin.parameters.values[...] = layer.parameters.values
    twin.parameters.state[...] = layer.parameters.state
    np.testing.assert_array_equal(twin.forward(x, False), layer.forward(x, False))
    assert twin.get_config() == layer.get_config()


def test_penalties_are_the_derivative_of_what_they_add():
    layer = Dense(3, kernel_regularizer=L1L2(0.03, 0.07))
    layer.build((2,), np.random.default_rng(1), np.float64)
    layer.dW[...] = 0
    layer.add_penalty_gradient()
    np.testing.assert_allclose(layer.dW, differences(layer.penalty, layer.W), rtol=1e-7)
    W = layer.W
    assert layer.penalty() == pytest.approx(0.03 * abs(W).sum() + 0.07 * (W**2).sum())


def test_softmax_alone_has_its_full_jacobian():
    layer = Dense(3, "softmax")
    layer.build((2,), np.random.default_rng(0), np.float64)
    x = np.array([[0.5, -1.0]])
    y = layer.forward(x)[0]
    z = x[0] @ layer.W + layer.b
    np.testing.assert_allclose(y, np.exp(z) / np.exp(z).sum())
    jacobian = np.diag(y) - np.outer(y, y)
    for k in range(3):
        layer.backward(np.eye(3)[[k]])
        np.testing.assert_allclose(layer.db, jacobian[k], atol=1e-15)
