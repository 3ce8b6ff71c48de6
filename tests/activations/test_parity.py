"""Activations and losses against PyTorch and Keras: values and gradients."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest

from glassnet import activations, losses, verify

pytestmark = pytest.mark.parity

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
TIGHT = {"float32": {"rtol": 5e-6, "atol": 5e-7}, "float64": {"rtol": 1e-11, "atol": 1e-13}}


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


@pytest.mark.timeout(300)
@pytest.mark.parametrize("judge", ["Keras", "PyTorch"])
def test_activations_are_the_same_there(judge):
    """With the names that each activation says it has there."""
    peers = [peer for peer in verify.find() if peer.name == judge and peer.present]
    if not peers:
        pytest.skip(f"{judge} is not installed")
    report = verify.run("activations", peers=peers)
    assert report.ok and not report.not_compared, report.notes()
    compared = {row.subject for row in report.rows if row.judge == judge}
    assert compared >= {f.name for f in activations.each()} - {"step"}


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
    "msle": (losses.MeanSquaredLogarithmicError(), "MeanSquaredLogarithmicError", {}),
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
    t = np.abs(t) if loss.name in ("poisson", "mean_squared_logarithmic_error") else t  # counts
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
