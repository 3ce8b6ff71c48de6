"""Running metrics against scikit-learn on all samples at once, and by hand."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from glassnet import metrics
from glassnet.errors import ConfigError, ShapeError, UnknownNameError
from glassnet.metrics import METRICS

N, K = 103, 4


def classification(seed=0, k=K, n=N, dtype=np.float32):
    rng = np.random.default_rng(seed)
    scores = rng.random((n, k)).astype(dtype)
    return rng.integers(0, k, n), scores / scores.sum(axis=1, keepdims=True)


def in_batches(metric, y, p, w=None, size=32):
    """103 = 3 batches of 32 and a short one of 7."""
    for start in range(0, len(y), size):
        part = slice(start, start + size)
        metric.update(y[part], p[part], None if w is None else w[part])
    return metric.result()


BY_SKLEARN = {
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p.argmax(1), sample_weight=w),
    "precision": lambda y, p, w: sk.precision_score(
        y, p.argmax(1), average="macro", sample_weight=w
    ),
    "recall": lambda y, p, w: sk.recall_score(y, p.argmax(1), average="macro", sample_weight=w),
    "f1": lambda y, p, w: sk.f1_score(y, p.argmax(1), average="macro", sample_weight=w),
    "top_k": lambda y, p, w: sk.top_k_accuracy_score(y, p, k=2, sample_weight=w),
}
BINARY = {
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p > 0.5, sample_weight=w),
    "binary_accuracy": lambda y, p, w: sk.accuracy_score(y, p > 0.5, sample_weight=w),
    "precision": lambda y, p, w: sk.precision_score(y, p > 0.5, sample_weight=w),
    "recall": lambda y, p, w: sk.recall_score(y, p > 0.5, sample_weight=w),
    "f1": lambda y, p, w: sk.f1_score(y, p > 0.5, sample_weight=w),
}
VALUES = {
    "mae": lambda y, p, w: sk.mean_absolute_error(y, p, sample_weight=w),
    "mse": lambda y, p, w: sk.mean_squared_error(y, p, sample_weight=w),
    "rmse": lambda y, p, w: math.sqrt(sk.mean_squared_error(y, p, sample_weight=w)),
    "r2": lambda y, p, w: sk.r2_score(y, p, sample_weight=w),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize("name", BY_SKLEARN)
def test_classes_over_batches(name, one_hot, weighted):
    y, p = classification()
    w = np.random.default_rng(1).random(N).astype(np.float32) if weighted else None
    metric = metrics.get({"name": "top_k", "k": 2} if name == "top_k" else name)
    targets = np.eye(K, dtype=np.float32)[y] if one_hot else y
    assert in_batches(metric, targets, p, w) == pytest.approx(BY_SKLEARN[name](y, p, w))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(N,), (N, 1)])
@pytest.mark.parametrize("name", BINARY)
def test_one_output_over_batches(name, shape, weighted):
    rng = np.random.default_rng(2)
    y, p = rng.integers(0, 2, N), rng.random(N).astype(np.float32)
    w = rng.random(N) if weighted else None
    for targets in (y, y.astype(np.float32).reshape(shape)):
        got = in_batches(metrics.get(name), targets, p.reshape(shape), w)
        assert got == pytest.approx(BINARY[name](y, p, w))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("name", VALUES)
def test_values_over_batches(name, outputs, weighted):
    rng = np.random.default_rng(3)
    y = (rng.normal(size=(N, outputs)) * 5 + 2).astype(np.float32)
    p = (y + rng.normal(size=y.shape)).astype(np.float32)
    w = rng.random(N) if weighted else None
    expected = VALUES[name](y.astype(float), p.astype(float), w)
    assert in_batches(metrics.get(name), y, p, w) == pytest.approx(expected)
    if outputs == 1:
        assert in_batches(metrics.get(name), y[:, 0], p, w) == pytest.approx(expected)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.sampled_from(sorted(METRICS)))
def test_the_sizes_of_the_batches_do_not_matter(sizes, name):
    y, p = classification(seed=4, n=sum(sizes), dtype=np.float64)
    one_hot = np.eye(K)[y]
    whole, parts = metrics.get(name), metrics.get(name)
    whole.update(one_hot, p)
    for start, size in zip(np.cumsum([0, *sizes]), sizes):
        parts.update(one_hot[start : start + size], p[start : start + size])
    assert parts.result() == pytest.approx(whole.result(), rel=1e-12)


def test_accuracy_by_hand_with_a_short_last_batch():
    metric = metrics.get("accuracy")
    eye = np.eye(2)
    metric.update(np.array([0, 1, 1, 1]), eye[[0, 1, 1, 0]])  # 3 of 4
    metric.update(np.array([0]), eye[[1]])  # 0 of 1
    assert metric.result() == 3 / 5  # and not the mean of 0.75 and 0
    metric.reset()
    assert math.isnan(metric.result())
    metric.update(np.array([1]), eye[[1]])
    assert metric.result() == 1.0


def test_equal_outputs_go_to_the_first_class():
    p = np.full((1, 3), 1 / 3, np.float32)
    for targets in (np.array([0]), np.eye(3)[[0]]):
        metric = metrics.get("accuracy")
        metric.update(targets, p)
        assert metric.result() == 1.0


def test_signs_with_threshold_zero():
    metric = metrics.get({"name": "accuracy", "threshold": 0.0})
    metric.update(np.array([[-1.0], [1.0], [1.0]]), np.array([[-0.3], [0.2], [-2.0]]))
    assert metric.result() == pytest.approx(2 / 3)


def test_several_labels_at_once():
    y = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    p = np.array([[0.9, 0.6, 0.4], [0.1, 0.2, 0.3]])
    metric = metrics.get("binary_accuracy")
    metric.update(y, p)
    assert metric.result() == pytest.approx((1 / 3 + 1) / 2)


def test_a_class_that_nobody_named_does_not_count():
    y, p = np.array([0, 0, 1]), np.eye(4)[[0, 1, 1]]
    metric = metrics.get("f1")
    metric.update(y, p)
    assert metric.result() == pytest.approx(sk.f1_score(y, [0, 1, 1], average="macro"))


def test_nan_is_never_among_the_best():
    metric = metrics.get({"name": "top_k", "k": 2})
    metric.update(np.array([0, 2]), np.full((2, 3), np.nan))
    assert metric.result() == 0.0


def test_r2_keeps_its_digits_where_the_mean_is_large():
    rng = np.random.default_rng(5)
    y = 1e9 + rng.normal(size=(N, 1))
    p = y + 0.1 * rng.normal(size=(N, 1))
    assert in_batches(metrics.get("r2"), y, p) == pytest.approx(sk.r2_score(y, p), rel=1e-6)


@pytest.mark.parametrize("error", [0.0, 1.0])
def test_r2_where_the_target_does_not_vary(error):
    y = np.ones((5, 1))
    metric = metrics.get("r2")
    metric.update(y, y + error)
    assert metric.result() == sk.r2_score(y, y + error)


def test_large_float32_values_do_not_overflow():
    metric = metrics.get("mse")
    metric.update(np.zeros((2, 1), np.float32), np.full((2, 1), 1e30, np.float32))
    assert metric.result() == pytest.approx(1e60)


def test_what_the_caller_holds_stays():
    y, p = classification()
    w = np.ones(N)
    kept = y.copy(), p.copy(), w.copy()
    for name in ("accuracy", "top_k", "f1"):
        metrics.get(name).update(y, p, w)
    for name in VALUES:
        metrics.get(name).update(np.eye(K)[y], p, w)
    for now, then in zip((y, p, w), kept):
        np.testing.assert_array_equal(now, then)


def test_an_empty_batch_counts_for_nothing():
    for name in METRICS:
        metric = metrics.get(name)
        metric.update(np.zeros((0, 3)), np.zeros((0, 3)))
        assert math.isnan(metric.result())


@pytest.mark.parametrize("name", METRICS)
def test_name_and_config(name):
    metric = metrics.get(name)
    assert metric.name == name
    config = json.loads(json.dumps(metric.get_config()))
    assert metrics.get(config).get_config() == metric.get_config()
    assert metrics.get(metric) is metric


@pytest.mark.parametrize("shape", [(N, K), (N, 1)])
@pytest.mark.parametrize("name", METRICS)
def test_going_on_from_a_checkpoint(name, shape):
    if name.startswith("top_k") and shape == (N, 1):
        return
    rng = np.random.default_rng(8)
    y, p = rng.integers(0, 2, shape).astype(float), rng.random(shape)
    unbroken, first, second = metrics.get(name), metrics.get(name), metrics.get(name)
    unbroken.update(y, p)
    for start in (40, 80):
        unbroken.update(y[start:], p[start:])
    first.update(y, p)
    second.set_state(json.loads(json.dumps(first.get_state())))
    for start in (40, 80):
        second.update(y[start:], p[start:])
    assert second.result() == unbroken.result()
    metrics.get(name).set_state(json.loads(json.dumps(metrics.get(name).get_state())))


@pytest.mark.parametrize("name", METRICS)
def test_lengths_that_differ(name):
    with pytest.raises(ShapeError, match=name):
        metrics.get(name).update(np.zeros((3, 2)), np.zeros((4, 2)))
    with pytest.raises(ShapeError, match="weights"):
        metrics.get(name).update(np.zeros((4, 2)), np.zeros((4, 2)), np.ones((4, 1)))


@pytest.mark.parametrize(
    ("name", "y", "p"),
    [
        ("mae", (5,), (5, 3)),
        ("r2", (5, 2), (5, 3)),
        ("accuracy", (5, 2), (5, 3)),
        ("accuracy", (5, 2), (5, 1)),
        ("top_k", (5,), (5, 1)),
        ("precision", (5, 2), (5, 3)),
    ],
)
def test_targets_of_the_wrong_form(name, y, p):
    with pytest.raises(ShapeError, match=name):
        metrics.get(name).update(np.zeros(y), np.zeros(p))


def test_unknown_names_and_settings():
    with pytest.raises(UnknownNameError, match="unknown metric 'acuracy': did you mean 'accuracy'"):
        metrics.get("acuracy")
    with pytest.raises(UnknownNameError, match="unknown setting of top_k 'n'"):
        metrics.get({"name": "top_k", "n": 3})
    with pytest.raises(ConfigError, match="k is 0"):
        metrics.get({"name": "top_k", "k": 0})


@pytest.mark.parity
def test_as_keras():
    keras = pytest.importorskip("keras")
    y, p = classification(seed=6, k=7)
    w = np.random.default_rng(7).random(N).astype(np.float32)
    one_hot = np.eye(7, dtype=np.float32)[y]
    pairs = [
        ("accuracy", keras.metrics.SparseCategoricalAccuracy(), y, p),
        ("accuracy", keras.metrics.CategoricalAccuracy(), one_hot, p),
        ("top_k", keras.metrics.SparseTopKCategoricalAccuracy(k=5), y, p),
        ("binary_accuracy", keras.metrics.BinaryAccuracy(), one_hot, p),
        ("mae", keras.metrics.MeanAbsoluteError(), one_hot, p),
        ("rmse", keras.metrics.RootMeanSquaredError(), one_hot, p),
        ("r2", keras.metrics.R2Score(), one_hot, p),
    ]
    for name, theirs, targets, predictions in pairs:
        for weights in (None, w):
            theirs.reset_state()
            theirs.update_state(targets, predictions, weights)
            ours = in_batches(metrics.get(name), targets, predictions, weights)
            assert ours == pytest.approx(float(theirs.result()), rel=1e-5), name
