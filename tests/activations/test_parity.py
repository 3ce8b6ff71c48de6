"""Activations and losses against PyTorch and Keras: values and gradients."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest

from glassnet import activations, losses

pytestmark = pytest.mark.parity

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
TIGHT = {"float32": {"rtol": 5e-6, "atol": 5e-7}, "float64": {"rtol": 1e-11, "atol": 1e-13}}
# In float32 each side is off by a few units in the last place, TensorFlow's tanh and erf more.
# In float64 Keras still rounds its constants (0.2, √2, α, λ) to float32.
LOOSE = {"float32": {"rtol": 1e-5, "atol": 5e-6}, "float64": {"rtol": 1e-7, "atol": 1e-8}}


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def keras():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("tensorflow")
        module = pytest.importorskip("keras")
    if module.backend.backend() != "tensorflow":
        pytest.skip("Keras runs on another backend")
    return module


# --- activations -------------------------------------------------------------------------

TORCH = {
    "sigmoid": lambda F, z: F.sigmoid(z),
    "tanh": lambda F, z: F.tanh(z),
    "relu": lambda F, z: F.relu(z),
    "leaky_relu": lambda F, z: F.leaky_relu(z, 0.2),
    "elu": lambda F, z: F.elu(z),
    "selu": lambda F, z: F.selu(z),
    "gelu": lambda F, z: F.gelu(z),
    "gelu_tanh": lambda F, z: F.gelu(z, approximate="tanh"),
    "silu": lambda F, z: F.silu(z),
    "softplus": lambda F, z: F.softplus(z, threshold=1000),
    "softmax": lambda F, z: F.softmax(z, dim=-1),
    "log_softmax": lambda F, z: F.log_softmax(z, dim=-1),
}
KERAS = {
    "sigmoid": lambda A, z: A.sigmoid(z),
    "tanh": lambda A, z: A.tanh(z),
    "relu": lambda A, z: A.relu(z),
    "leaky_relu": lambda A, z: A.leaky_relu(z),  # the default slope too
    "elu": lambda A, z: A.elu(z),
    "selu": lambda A, z: A.selu(z),
    "gelu": lambda A, z: A.gelu(z),
    "gelu_tanh": lambda A, z: A.gelu(z, approximate=True),
    "silu": lambda A, z: A.silu(z),
    "softplus": lambda A, z: A.softplus(z),
    "softmax": lambda A, z: A.softmax(z),
    "log_softmax": lambda A, z: A.log_softmax(z),
}


def arrays(dtype):
    rng = np.random.default_rng(0)
    z = rng.standard_normal((40, 7)) * 3
    z[0] = [0, 1, -1, 20, -20, 5, -5]
    return z.astype(dtype), rng.standard_normal((40, 7)).astype(dtype)


def ours(name, z, dy):
    f = activations.get(name)
    y = f.forward(z)
    return y, f.backward(z if f.needs_z else y, dy)


@DTYPES
@pytest.mark.parametrize("name", TORCH)
def test_activations_of_pytorch(torch, name, dtype):
    z, dy = arrays(dtype)
    zt = torch.tensor(z, requires_grad=True)
    yt = TORCH[name](torch.nn.functional, zt)
    yt.backward(torch.tensor(dy))
    y, dz = ours(name, z, dy)
    tolerance = LOOSE[dtype] if dtype == "float32" else TIGHT[dtype]
    np.testing.assert_allclose(y, yt.detach().numpy(), **tolerance)
    np.testing.assert_allclose(dz, zt.grad.numpy(), **tolerance)


@DTYPES
@pytest.mark.parametrize("name", KERAS)
def test_activations_of_keras(keras, name, dtype):
    import tensorflow as tf

    z, dy = arrays(dtype)
    zt = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(zt)
        yt = KERAS[name](keras.activations, zt)
    expected = tape.gradient(yt, zt, output_gradients=tf.constant(dy)).numpy()
    y, dz = ours(name, z, dy)
    np.testing.assert_allclose(y, yt.numpy(), **LOOSE[dtype])
    if name == "selu":  # at the corner, 0, TensorFlow takes the slope from the right: λ
        expected[0, 0] = dy[0, 0] * activations.selu.derivative(0.0)
    np.testing.assert_allclose(dz, expected, **LOOSE[dtype])


# --- losses ------------------------------------------------------------------------------

LOSSES = {
    "mse": (losses.MeanSquaredError(), "MeanSquaredError", {}),
    "mae": (losses.MeanAbsoluteError(), "MeanAbsoluteError", {}),
    "huber": (losses.Huber(0.7), "Huber", {"delta": 0.7}),
    "hinge": (losses.Hinge(), "Hinge", {}),
    "bce": (losses.BinaryCrossentropy(), "BinaryCrossentropy", {}),
    "cce": (losses.CategoricalCrossentropy(), "CategoricalCrossentropy", {}),
    "scce": (losses.SparseCategoricalCrossentropy(), "SparseCategoricalCrossentropy", {}),
    "kl": (losses.KLDivergence(), "KLDivergence", {}),
    "poisson": (losses.Poisson(), "Poisson", {}),
}
for _base in ("bce", "cce", "scce"):
    for _settings in (
        {"from_logits": True},
        {"label_smoothing": 0.15},
        {"from_logits": True, "label_smoothing": 0.15},
    ):
        if _base == "scce" and "label_smoothing" in _settings:
            continue
        _loss, _class, _ = LOSSES[_base]
        LOSSES[f"{_base} {_settings}"] = (type(_loss)(**_settings), _class, _settings)


def problem(loss, dtype, edge=False):
    """Targets, predictions and weights; with ``edge`` also certain and wild predictions."""
    rng = np.random.default_rng(1)
    n, k = 30, 5
    logits = getattr(loss, "from_logits", False)
    p = rng.standard_normal((n, k)) * 3 if logits else rng.dirichlet(np.ones(k), n) * 0.98 + 0.004
    if loss.target == "values":
        t = rng.standard_normal((n, k))
    elif loss.target == "signs":
        t = rng.choice([-1.0, 1.0], (n, k))
    elif loss.name == "sparse_categorical_crossentropy":
        t = rng.integers(0, k, n)
    else:
        t = rng.dirichlet(np.ones(k), n)
        t[: n // 2] = np.eye(k)[rng.integers(0, k, n // 2)]
    t = np.abs(t) if loss.name == "poisson" else t  # counts
    if edge:
        p[:k] = np.where(np.eye(k) > 0, 60.0, -60.0) if logits else np.eye(k)
    t = t if t.ndim == 1 else t.astype(dtype)
    return t, p.astype(dtype), rng.uniform(0, 2, n).astype(dtype)


def keras_value_and_gradient(keras, name, settings, t, p, w, dtype):
    import tensorflow as tf

    loss = getattr(keras.losses, name)(dtype=dtype, **settings)
    pt = tf.constant(p)
    with tf.GradientTape() as tape:
        tape.watch(pt)
        value = loss(tf.constant(t), pt, sample_weight=w)
    return float(value), np.asarray(tape.gradient(value, pt))


@DTYPES
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("case", LOSSES)
def test_losses_of_keras(keras, case, weighted, dtype):
    loss, name, settings = LOSSES[case]
    t, p, w = problem(loss, dtype)
    weights = w if weighted else None
    value, gradient = loss.value_and_gradient(t, p, weights)
    expected, slope = keras_value_and_gradient(keras, name, settings, t, p, weights, dtype)
    assert value == pytest.approx(expected, rel=TIGHT[dtype]["rtol"])
    if settings.get("from_logits") and t.ndim == 2 and loss.target == "classes":
        t_sum = t.sum(axis=1)  # TensorFlow's gradient takes the targets to sum to 1
        np.testing.assert_allclose(t_sum, 1, rtol=1e-6)
    np.testing.assert_allclose(gradient, slope, **TIGHT[dtype])


@DTYPES
@pytest.mark.parametrize("case", [c for c in LOSSES if LOSSES[c][0].target != "values"])
def test_losses_of_keras_where_it_clips(keras, case, dtype):
    loss, name, settings = LOSSES[case]
    t, p, _ = problem(loss, dtype, edge=True)
    value = loss(t, p)
    expected, _ = keras_value_and_gradient(keras, name, settings, t, p, None, dtype)
    assert value == pytest.approx(expected, rel=1e-5 if dtype == "float32" else 1e-6)


@pytest.mark.parametrize("case", LOSSES)
def test_losses_of_samples_of_keras(keras, case):
    loss, name, settings = LOSSES[case]
    t, p, _ = problem(loss, "float64")
    theirs = getattr(keras.losses, name)(dtype="float64", reduction="none", **settings)
    np.testing.assert_allclose(loss.per_sample(t, p), np.asarray(theirs(t, p)), rtol=1e-11)


def test_hinge_of_keras_with_zeros_and_ones(keras):
    rng = np.random.default_rng(2)
    t, p = rng.integers(0, 2, (9, 3)), rng.standard_normal((9, 3))
    assert losses.Hinge()(t, p) == pytest.approx(
        float(keras.losses.Hinge(dtype="float64")(t.astype(float), p)), rel=1e-12
    )


@DTYPES
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_softmax_crossentropy_of_pytorch_at_a_thousand(torch, smoothing, dtype):
    rng = np.random.default_rng(3)
    z = rng.uniform(-1000, 1000, (50, 4)).astype(dtype)
    c = rng.integers(0, 4, 50)
    zt = torch.tensor(z, requires_grad=True)
    value = torch.nn.functional.cross_entropy(zt, torch.tensor(c), label_smoothing=smoothing)
    value.backward()
    loss = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    ours, gradient = loss.value_and_gradient(c, z)
    assert ours == pytest.approx(value.item(), rel=1e-6)
    np.testing.assert_allclose(gradient, zt.grad.numpy(), **TIGHT[dtype])


@DTYPES
def test_sigmoid_crossentropy_of_pytorch_at_a_thousand(torch, dtype):
    rng = np.random.default_rng(4)
    z = rng.uniform(-1000, 1000, (50, 3)).astype(dtype)
    t = rng.uniform(0, 1, (50, 3)).astype(dtype)
    zt = torch.tensor(z, requires_grad=True)
    functional = torch.nn.functional
    value = functional.binary_cross_entropy_with_logits(zt, torch.tensor(t))
    value.backward()
    ours, gradient = losses.BinaryCrossentropy(from_logits=True).value_and_gradient(t, z)
    assert ours == pytest.approx(value.item(), rel=1e-6)
    np.testing.assert_allclose(gradient, zt.grad.numpy(), **TIGHT[dtype])


@pytest.mark.parametrize("case", ["mse", "mae", "huber", "kl"])
def test_losses_of_pytorch(torch, case):
    """PyTorch's mean is over all numbers, which is the same; its KL is per row on request."""
    loss = LOSSES[case][0]
    t, p, _ = problem(loss, "float64")
    t = np.clip(t, 1e-7, 1) if case == "kl" else t
    F, pt, tt = torch.nn.functional, torch.tensor(p, requires_grad=True), torch.tensor(t)
    value = {
        "mse": lambda: F.mse_loss(pt, tt),
        "mae": lambda: F.l1_loss(pt, tt),
        "huber": lambda: F.huber_loss(pt, tt, delta=0.7),
        "kl": lambda: F.kl_div(pt.log(), tt, reduction="batchmean"),
    }[case]()
    value.backward()
    ours, gradient = loss.value_and_gradient(t, p)
    assert ours == pytest.approx(value.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, pt.grad.numpy(), atol=1e-14)
