"""Losses: values worked by hand, gradients by central differences, weights, hostile input."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import activations
from glassnet.errors import ConfigError, DataError, LabelError, ShapeError, UnknownNameError
from glassnet.losses import (
    LOSSES,
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Hinge,
    Huber,
    KLDivergence,
    MeanAbsoluteError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    get,
)

EVERY = {
    "mse": MeanSquaredError(),
    "mae": MeanAbsoluteError(),
    "huber": Huber(),
    "huber(0.3)": Huber(delta=0.3),
    "hinge": Hinge(),
    "bce": BinaryCrossentropy(),
    "bce smoothed": BinaryCrossentropy(label_smoothing=0.2),
    "bce logits": BinaryCrossentropy(from_logits=True),
    "bce logits smoothed": BinaryCrossentropy(from_logits=True, label_smoothing=0.2),
    "cce": CategoricalCrossentropy(),
    "cce smoothed": CategoricalCrossentropy(label_smoothing=0.2),
    "cce logits": CategoricalCrossentropy(from_logits=True),
    "cce logits smoothed": CategoricalCrossentropy(from_logits=True, label_smoothing=0.2),
    "scce": SparseCategoricalCrossentropy(),
    "scce logits": SparseCategoricalCrossentropy(from_logits=True),
    "kl": KLDivergence(),
    "msle": MeanSquaredLogarithmicError(),
    "poisson": Poisson(),
    "poisson deviance": Poisson(deviance=True),
    "poisson logits": Poisson(from_logits=True),
    "poisson logits deviance": Poisson(from_logits=True, deviance=True),
}
CLASSES = {n: f for n, f in EVERY.items() if f.target == "classes"}


def each(table):
    return pytest.mark.parametrize("loss", table.values(), ids=table)


def sample(loss, n=6, k=4, seed=0, dtype=np.float64):
    """Targets, predictions and weights that suit the loss, away from corners and clips."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.05, 0.95, (n, k))
    t = {
        "values": rng.uniform(-1, 2, (n, k)),
        "signs": rng.choice([-1.0, 1.0], (n, k)),
        "probabilities": rng.uniform(0.05, 0.95, (n, k)),
        "classes": rng.integers(0, k, n),
    }[loss.target]
    if getattr(loss, "from_logits", False):
        p = rng.uniform(-4, 4, (n, k))
    t = abs(t) if loss.name in ("poisson", "mean_squared_logarithmic_error") else t  # counts
    t = t if t.ndim == 1 else t.astype(dtype)
    return t, p.astype(dtype), rng.uniform(0.1, 2, n).astype(dtype)


# --- values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "t", "p", "value"),
    [
        (MeanSquaredError(), [[1.0, 2.0], [3.0, 4.0]], [[1.0, 4.0], [3.0, 1.0]], (2 + 4.5) / 2),
        (MeanAbsoluteError(), [[1.0, 2.0], [3.0, 4.0]], [[1.0, 4.0], [3.0, 1.0]], (1 + 1.5) / 2),
        (Huber(), [0.0, 0.0, 0.0], [0.5, 1.0, -3.0], (0.125 + 0.5 + 2.5) / 3),
        (Huber(delta=2.0), [0.0, 0.0], [1.0, 5.0], (0.5 + 8) / 2),
        (Hinge(), [1.0, -1.0, 1.0], [0.3, 0.3, 2.0], (0.7 + 1.3 + 0) / 3),
        (Hinge(), [1.0, 0.0, 1.0], [0.3, 0.3, 2.0], (0.7 + 1.3 + 0) / 3),
        (BinaryCrossentropy(), [1, 0], [0.5, 0.25], (math.log(2) + math.log(4 / 3)) / 2),
        (BinaryCrossentropy(from_logits=True), [1, 0], [0.0, -math.log(3)], 0.4904146265),
        (CategoricalCrossentropy(), [[0, 1]], [[0.25, 0.75]], math.log(4 / 3)),
        (CategoricalCrossentropy(), [[0, 1]], [[1.0, 3.0]], math.log(4 / 3)),  # row sum divided out
        (SparseCategoricalCrossentropy(), [1, 0], [[0.25, 0.75], [0.5, 0.5]], 0.4904146265),
        (SparseCategoricalCrossentropy(from_logits=True), [2], [[0.0, 0.0, 0.0]], math.log(3)),
        (Poisson(), [0.0, 0.0], [0.5, 2.0], 1.25),
        (Poisson(from_logits=True), [0.0, 2.0], [0.0, 1.0], (1 + math.e - 2) / 2),
        (Poisson(True, True), [0.0, 2.0], [math.log(3.0), math.log(2.0)], 1.5),
        # log(10/100) = -log 10 twice, and what is below 0 counts as 1e-7
        (MeanSquaredLogarithmicError(), [99.0, 999.0], [9.0, 99.0], math.log(10) ** 2),
        (MeanSquaredLogarithmicError(), [[1.0, 0.0]], [[3.0, -5.0]], math.log(2) ** 2 / 2),
        (KLDivergence(), [[0.5, 0.5]], [[0.25, 0.75]], 0.5 * math.log(2) + 0.5 * math.log(2 / 3)),
    ],
)
def test_values_worked_by_hand(loss, t, p, value):
    assert loss(t, p) == pytest.approx(value, abs=1e-10)


def test_poisson_with_keras_epsilon():
    value = (1 - math.log(1 + 1e-7) + 2 - 3 * math.log(2 + 1e-7)) / 2
    assert Poisson()([1.0, 3.0], [1.0, 2.0]) == pytest.approx(value, abs=1e-15)
    least = (1 + 3 - 3 * math.log(3)) / 2
    assert Poisson(deviance=True)([1.0, 3.0], [1.0, 2.0]) == pytest.approx(value - least)


def test_poisson_of_a_rate_beyond_all_numbers_is_infinite():
    loss = Poisson(from_logits=True)
    assert loss([1.0, 2.0], [1000.0, 0.0]) == math.inf
    np.testing.assert_array_equal(loss.gradient([1.0, 2.0], [1000.0, 0.0]), [math.inf, -0.5])
    assert loss([2.0], [-1000.0]) == 2000.0


def test_poisson_refuses_negative_counts():
    with pytest.raises(LabelError, match=r"-2 in row 1, column 0"):
        Poisson()([1.0, -2.0], [1.0, 1.0])


def test_squared_logarithms_are_flat_below_zero_and_compare_no_negative_targets():
    loss = MeanSquaredLogarithmicError()
    gradient = loss.gradient([math.e - 1, 1.0, 3.0], [0.0, -2.0, 1.0])  # 0 is below 1e-7 too
    np.testing.assert_allclose(gradient, [0, 0, -math.log(2) / 3], rtol=1e-14)
    assert loss([1e-12], [1e-12]) == 0 == loss([0.0], [-1.0])
    with pytest.raises(LabelError, match=r"-0.5 in row 1, column 0; .*at least 0.*'huber'"):
        loss([1.0, -0.5], [1.0, 1.0])
    assert loss is not get("msle") == get("mean_squared_log_error") == loss


def test_label_smoothing_by_hand():
    # three classes, s = 0.3: the target (0, 1, 0) becomes (0.1, 0.8, 0.1)
    p = np.array([[0.2, 0.5, 0.3]])
    expected = -(0.1 * math.log(0.2) + 0.8 * math.log(0.5) + 0.1 * math.log(0.3))
    assert CategoricalCrossentropy(label_smoothing=0.3)([1], p) == pytest.approx(expected)
    logits = CategoricalCrossentropy(from_logits=True, label_smoothing=0.3)
    assert logits([1], np.log(p)) == pytest.approx(expected)
    # two outcomes, s = 0.2: the target 1 becomes 0.9
    expected = -(0.9 * math.log(0.7) + 0.1 * math.log(0.3))
    assert BinaryCrossentropy(label_smoothing=0.2)([1], [0.7]) == pytest.approx(expected)


@each(EVERY)
def test_the_mean_of_the_samples(loss):
    """A mean and not a sum (and not a mean of something else): L = (1/n) Σ lᵢ."""
    t, p, w = sample(loss)
    losses = loss.per_sample(t, p)
    assert losses.shape == (6,)
    assert loss(t, p) == pytest.approx(losses.mean())
    assert loss(t, p, w) == pytest.approx((losses * w).sum() / 6)  # by n, not by Σw, as Keras
    singles = [loss(t[i : i + 1], p[i : i + 1]) for i in range(6)]
    np.testing.assert_allclose(losses, singles, rtol=1e-14)
    twice = np.concatenate([t, t]), np.concatenate([p, p])
    assert loss(*twice) == pytest.approx(loss(t, p))


@each(EVERY)
def test_call_gradient_and_both_are_one_computation(loss):
    t, p, w = sample(loss)
    for weights in (None, w):
        value, gradient = loss.value_and_gradient(t, p, weights)
        assert type(value) is float
        assert value == loss(t, p, weights)
        np.testing.assert_array_equal(gradient, loss.gradient(t, p, weights))
        assert gradient.shape == p.shape


# --- gradients ---------------------------------------------------------------------------


@each(EVERY)
def test_gradient_is_the_central_difference_by_coordinate(loss):
    t, p, w = sample(loss, n=3, k=3)
    h = 1e-6
    for weights in (None, w):
        gradient = loss.gradient(t, p, weights)
        for i in np.ndindex(p.shape):
            up, down = p.copy(), p.copy()
            up[i] += h
            down[i] -= h
            slope = (loss(t, up, weights) - loss(t, down, weights)) / (2 * h)
            assert gradient[i] == pytest.approx(slope, abs=1e-9, rel=1e-7)


@each(EVERY)
def test_gradient_along_random_directions(loss):
    h = 1e-6
    for seed in range(5):
        t, p, w = sample(loss, seed=seed)
        v = np.random.default_rng(seed + 50).standard_normal(p.shape)
        v /= np.linalg.norm(v)
        slope = (loss(t, p + h * v, w) - loss(t, p - h * v, w)) / (2 * h)
        assert (loss.gradient(t, p, w) * v).sum() == pytest.approx(slope, abs=1e-8)


@each(CLASSES)
def test_gradient_with_rows_that_do_not_sum_to_one(loss):
    """Soft targets, several at once, none: ∂L/∂z is p·Σt - t, and not p - t."""
    _, p, w = sample(loss, n=4, k=3)
    t = np.array([[0.2, 0.5, 0.3], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.1, 0.2, 0.3]])
    gradient, h = loss.gradient(t, p, w), 1e-6
    for i in np.ndindex(p.shape):
        up, down = p.copy(), p.copy()
        up[i] += h
        down[i] -= h
        slope = (loss(t, up, w) - loss(t, down, w)) / (2 * h)
        assert gradient[i] == pytest.approx(slope, abs=1e-9, rel=1e-7)


@each({n: f for n, f in EVERY.items() if "logits" not in n and f.target not in ("values", "signs")})
def test_gradient_through_the_clip(loss):
    """Where a probability is clipped the loss is flat, and so is its gradient."""
    t = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    p = np.array([[1.0 - 2e-9, 1e-9, 1e-9], [1e-9, 0.4, 0.6]])
    gradient, h = loss.gradient(t, p), 1e-10
    for i in np.ndindex(p.shape):
        up, down = p.copy(), p.copy()
        up[i] += h
        down[i] -= h
        slope = (loss(t, up) - loss(t, down)) / (2 * h)
        assert gradient[i] == pytest.approx(slope, abs=2e-5)  # 1e-16 / h


def test_absolute_error_has_no_slope_where_there_is_no_error():
    gradient = MeanAbsoluteError().gradient([1.0, 1.0, 1.0], [1.0, 2.0, 0.0])
    np.testing.assert_allclose(gradient, [0, 1 / 3, -1 / 3])


# --- stable and true ---------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@each({n: f for n, f in EVERY.items() if "logits" in n and f.name != "poisson"})
def test_fused_losses_at_a_thousand(loss, dtype):
    z = np.array([[1000, -1000, 0], [-1000, 1000, -1000], [1000, 1000, 1000]], dtype)
    s, k = getattr(loss, "label_smoothing", 0.0), 3
    hot = np.eye(3)[[1, 1, 0]]
    t = hot if loss.target == "probabilities" else np.array([1, 1, 0])
    with np.errstate(all="raise", under="ignore"):
        losses, gradient = loss.per_sample(t, z), loss.gradient(t, z)
    if loss.target == "classes":
        soft = hot * (1 - s) + s / k
        log_p = np.array([[0, -2000, -1000], [-2000, 0, -2000], -np.log([3, 3, 3])])
        p = np.exp(log_p)
        expected, slope = -(soft * log_p).sum(axis=1), (p - soft) / 3
    else:
        soft = hot * (1 - s) + s / 2
        expected = (np.maximum(z, 0) - z * soft + np.log1p(np.exp(-abs(z)))).mean(axis=1)
        slope = (activations.sigmoid(z.astype(np.float64)) - soft) / 9
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
    np.testing.assert_allclose(gradient, slope, atol=1e-7)
    assert np.isfinite(loss(t, z))


@settings(max_examples=60, deadline=None)
@given(
    z=st.lists(st.floats(-1000, 1000, width=32), min_size=2, max_size=5),
    dtype=st.sampled_from([np.float32, np.float64]),
    data=st.data(),
)
def test_crossentropy_is_never_negative(z, dtype, data):
    z = np.array([z], dtype)
    c = data.draw(st.integers(0, z.shape[1] - 1))
    hot = np.eye(z.shape[1])[[c]]
    y = activations.softmax(z)
    for smoothing in (0.0, 0.1):
        logits = CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
        assert logits([c], z) >= 0
        assert logits(hot, z) >= 0
        assert CategoricalCrossentropy(label_smoothing=smoothing)([c], y) >= 0
        assert BinaryCrossentropy(from_logits=True, label_smoothing=smoothing)(hot, z) >= 0
        p = activations.sigmoid(z)
        assert BinaryCrossentropy(label_smoothing=smoothing)(hot, p) >= 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_certain_and_right_is_not_below_zero(dtype):
    """log(y + 1e-7) gives a negative loss at y = 1; clipping at 1 - 1e-7 does not."""
    one = np.array([[1.0, 0.0]], dtype)
    for loss in (CategoricalCrossentropy(), BinaryCrossentropy()):
        assert 0 < loss(one, one) < 1.3e-7
    # and certain and wrong is clipped to -log(1e-7), as in Keras
    wrong = np.array([[0.0, 1.0]], dtype)
    assert CategoricalCrossentropy()(one, wrong) == pytest.approx(-math.log(1e-7), rel=1e-6)


@each(EVERY)
def test_nan_stays_visible(loss):
    t, p, w = sample(loss)
    p[2, 1] = np.nan
    value, gradient = loss.value_and_gradient(t, p)
    assert math.isnan(value)
    assert np.isnan(loss.per_sample(t, p)[2])
    assert np.isnan(gradient[2, 1])
    w[0] = np.nan
    assert math.isnan(loss(*sample(loss)[:2], w))


# --- forms of the targets ----------------------------------------------------------------


@each(CLASSES)
def test_class_numbers_and_one_hot_rows_are_the_same(loss):
    classes, p, w = sample(loss, n=50)
    value, gradient = loss.value_and_gradient(classes, p, w)
    forms = [
        np.eye(4)[classes],
        np.eye(4, dtype=np.float32)[classes],
        np.eye(4, dtype=bool)[classes],
        np.eye(4, dtype=np.int8)[classes],
        classes.astype(np.int32),
        classes.astype(np.uint8),
        classes.astype(np.float32),
        classes[:, np.newaxis],
        classes.tolist(),
        np.repeat(classes, 2)[::2],
    ]
    for form in forms:
        other, other_gradient = loss.value_and_gradient(form, p, w)
        assert other == pytest.approx(value, rel=1e-14)
        np.testing.assert_allclose(other_gradient, gradient, rtol=1e-13, atol=1e-17)


@pytest.mark.parametrize(("sparse", "dense"), [("scce", "cce"), ("scce logits", "cce logits")])
def test_sparse_and_categorical_are_the_same(sparse, dense):
    classes, p, w = sample(EVERY[sparse])
    value, gradient = EVERY[sparse].value_and_gradient(classes, p, w)
    other, other_gradient = EVERY[dense].value_and_gradient(np.eye(4)[classes], p, w)
    assert value == pytest.approx(other, rel=1e-14)
    np.testing.assert_allclose(gradient, other_gradient, rtol=1e-13, atol=1e-17)


def test_two_classes_by_booleans():
    z = np.array([[0.3, -0.2], [1.0, 2.0]])
    loss = SparseCategoricalCrossentropy(from_logits=True)
    assert loss([True, False], z) == loss([1, 0], z)


def test_hinge_takes_zero_for_minus_one():
    p = np.linspace(-2, 2, 8)
    t = np.array([0, 1, 0, 1, 1, 0, 0, 1])
    for a, b in zip(Hinge().value_and_gradient(t, p), Hinge().value_and_gradient(2 * t - 1, p)):
        np.testing.assert_array_equal(a, b)


@each(EVERY)
def test_a_column_and_a_flat_array(loss):
    if loss.target == "classes":
        return
    t, p, w = sample(loss, k=1)
    expected = loss.value_and_gradient(t, p, w)
    for form in ((t[:, 0], p[:, 0]), (t[:, 0], p)):
        value, gradient = loss.value_and_gradient(*form, w)
        assert value == expected[0]
        np.testing.assert_array_equal(gradient.reshape(6, 1), expected[1])
        assert gradient.shape == form[1].shape
        assert loss.per_sample(*form).shape == (6,)


@each(EVERY)
def test_more_dimensions_are_more_rows(loss):
    t, p, _ = sample(loss, n=6)
    w = np.array([0.5, 2.0])
    deep = p.reshape(2, 3, 4)
    deep_t = t.reshape(2, 3) if t.ndim == 1 else t.reshape(2, 3, 4)
    assert loss(deep_t, deep) == pytest.approx(loss(t, p))
    assert loss(deep_t, deep, w) == pytest.approx(loss(t, p, np.repeat(w, 3)))
    assert loss(deep_t, deep, np.repeat(w, 3).reshape(2, 3)) == loss(deep_t, deep, w)
    rows = loss.per_sample(t, p).reshape(2, 3).mean(axis=1)
    np.testing.assert_allclose(loss.per_sample(deep_t, deep), rows)
    assert loss.gradient(deep_t, deep).shape == deep.shape


@each(EVERY)
def test_a_weight_of_two_is_a_sample_twice(loss):
    t, p, _ = sample(loss)
    value, gradient = loss.value_and_gradient(t, p, np.array([2, 1, 1, 0, 1, 1]))
    index = [0, 0, 1, 2, 4, 5]
    assert value == pytest.approx(loss(t[index], p[index]))
    assert not gradient[3].any()
    np.testing.assert_array_equal(
        loss.gradient(t, p, np.ones(6)), loss.gradient(t, p)
    )  # weights of one are no weights, bit for bit


# --- arrays: whose they are --------------------------------------------------------------


@each(EVERY)
def test_out_equals_allocation_bit_for_bit(loss):
    for dtype in (np.float32, np.float64):
        t, p, w = sample(loss, dtype=dtype)
        before = t.copy(), p.copy(), w.copy()
        value, gradient = loss.value_and_gradient(t, p, w)
        assert gradient.dtype == dtype
        assert loss.per_sample(t, p).dtype == dtype
        assert not np.shares_memory(gradient, p)
        for now, then in zip((t, p, w), before):
            np.testing.assert_array_equal(now, then)  # y_pred is not turned into its gradient
        into = np.full_like(p, 7)
        assert loss.value_and_gradient(t, p, w, out=into) == (value, pytest.approx(gradient, abs=0))
        np.testing.assert_array_equal(into, gradient)
        again, same = loss.value_and_gradient(t, p, w, out=p)
        assert same is p
        assert again == value
        np.testing.assert_array_equal(p, gradient)


@each(EVERY)
def test_arrays_that_are_not_contiguous(loss):
    t, p, w = sample(loss, n=12)
    expected = loss.value_and_gradient(t[::2].copy(), p[::2].copy(), w[::2].copy())
    value, gradient = loss.value_and_gradient(t[::2], p[::2], w[::2])
    assert value == expected[0]
    np.testing.assert_array_equal(gradient, expected[1])
    tt = t[::2] if t.ndim == 1 else np.asfortranarray(t[::2])
    out = np.zeros((4, 6)).T
    assert loss.value_and_gradient(tt, np.asfortranarray(p[::2]), w[::2], out=out)[0] == value
    np.testing.assert_array_equal(out, expected[1])


@each({n: EVERY[n] for n in ("mse", "bce", "scce logits")})
def test_read_only_and_lists(loss):
    t, p, w = sample(loss)
    value = loss(t, p, w)
    assert loss(t.tolist(), p.tolist(), w.tolist()) == value
    t.flags.writeable = p.flags.writeable = w.flags.writeable = False
    assert loss(t, p, w) == value


# --- errors ------------------------------------------------------------------------------


@each(EVERY)
def test_empty(loss):
    with pytest.raises(DataError, match="empty"):
        loss(np.zeros((0, 3)), np.zeros((0, 3)))


@each(EVERY)
def test_shapes_that_do_not_fit(loss):
    t, p, w = sample(loss)
    with pytest.raises(ShapeError, match="y_true has shape"):
        loss(t[:5], p)
    with pytest.raises(ShapeError, match="y_true has shape"):
        loss(np.ones((6, 3)), p)
    with pytest.raises(ShapeError, match="y_true has shape"):
        loss(np.ones((1, 4)), p)  # would broadcast
    with pytest.raises(ShapeError, match=r"sample_weight has shape \(5,\), expected \(6,\)"):
        loss(t, p, w[:5])
    with pytest.raises(ShapeError, match="sample_weight"):
        loss(t, p, np.ones((6, 4)))
    with pytest.raises(ShapeError, match="single number"):
        loss(1.0, 1.0)
    with pytest.raises(ShapeError, match="out"):
        loss.gradient(t, p, out=np.zeros((4, 6)))


def test_a_column_against_a_flat_array_is_not_broadcast():
    assert MeanSquaredError()([1.0, 2.0], [[1.0], [2.0]]) == 0
    with pytest.raises(ShapeError):
        MeanSquaredError()([[1.0], [2.0]], [1.0, 2.0])


@each(EVERY)
def test_not_numbers(loss):
    t, p, _ = sample(loss)
    with pytest.raises(DataError, match="y_pred"):
        loss(t, p.astype(str))
    with pytest.raises(DataError, match="y_true"):
        loss(t.astype(str), p)
    with pytest.raises(DataError, match="y_true"):
        loss(t.astype(object), p)


@each(CLASSES)
def test_class_numbers_outside(loss):
    classes, p, _ = sample(loss)
    for bad in (4, -1, 2**40, -(2**63)):
        wrong = classes.copy()
        wrong[3:] = bad
        for dtype in (np.int64, np.float64):
            with pytest.raises(LabelError, match=r"class -?\d+ in row 3; expected .* 0 to 3"):
                loss(wrong.astype(dtype), p)
    with pytest.raises(LabelError, match=r"holds 1.5 in row 2"):
        loss([0, 1, 1.5, 2, 0, 0], p)
    with pytest.raises(LabelError, match="holds nan in row 0"):
        loss([np.nan, 1, 1.5, 2, 0, 0], p)
    with pytest.raises(LabelError, match="0 to 1"):
        loss(np.eye(4)[classes] * 2, p)
    for narrow in (p[:, :1], p[:, 0]):
        with pytest.raises(ShapeError, match="binary_crossentropy"):
            loss(classes, narrow)


@pytest.mark.parametrize("loss", [BinaryCrossentropy(), BinaryCrossentropy(True), KLDivergence()])
def test_probabilities_outside(loss):
    t, p, _ = sample(loss)
    t[4, 2] = 1.5
    with pytest.raises(LabelError, match=r"holds 1.5 in row 4, column 2; expected probabilities"):
        loss(t, p)
    t[1, 0] = -0.01
    with pytest.raises(LabelError, match=r"holds -0.01 in row 1, column 0"):
        loss(t, p)


def test_signs_outside():
    p = np.zeros((3, 2))
    with pytest.raises(LabelError, match="holds 2 in row 1, column 0; expected -1 and 1, or 0"):
        Hinge()([[1, 0], [2, 1], [0, 0]], p)
    with pytest.raises(LabelError, match="holds 0 in row 1, column 1"):
        Hinge()([[1, -1], [1, 0], [1, 1]], p)


def test_settings_out_of_range():
    for bad in (0, -1, math.inf, math.nan):
        with pytest.raises(ConfigError, match="delta"):
            Huber(delta=bad)
    for bad in (-0.1, 1.1, math.nan):
        with pytest.raises(ConfigError, match="label_smoothing"):
            CategoricalCrossentropy(label_smoothing=bad)
        with pytest.raises(ConfigError, match="label_smoothing"):
            BinaryCrossentropy(label_smoothing=bad)


# --- names -------------------------------------------------------------------------------


def test_names():
    assert get("mse") == get("mean_squared_error") == MeanSquaredError()
    assert get({"name": "huber", "delta": 2}) == Huber(2)
    assert get(Hinge()) == Hinge()
    with pytest.raises(UnknownNameError, match=r"unknown loss 'crossentropy'.*did you mean"):
        get("crossentropy")
    with pytest.raises(UnknownNameError):
        get(None)
    with pytest.raises(ConfigError, match=r"'detla'.*did you mean 'delta'"):
        get({"name": "huber", "detla": 2})


@each(EVERY)
def test_config_and_pickle_bring_it_back(loss):
    assert get(loss.get_config()) == loss
    assert pickle.loads(pickle.dumps(loss)) == loss
    assert LOSSES[loss.name].name == loss.name


def test_fused_forms():
    softmax, sigmoid, relu = activations.softmax, activations.sigmoid, activations.relu
    smoothed = CategoricalCrossentropy(label_smoothing=0.1)
    fused = smoothed.fused_with(softmax)
    assert fused == CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    assert fused.display_name == "softmax_crossentropy"
    sparse = SparseCategoricalCrossentropy().fused_with(softmax)
    assert sparse == SparseCategoricalCrossentropy(from_logits=True)
    binary = BinaryCrossentropy().fused_with(sigmoid)
    assert binary == BinaryCrossentropy(from_logits=True)
    assert binary.display_name == "sigmoid_crossentropy"
    for loss in EVERY.values():
        assert loss.fused_with(relu) is None
    assert BinaryCrossentropy().fused_with(softmax) is None
    assert CategoricalCrossentropy().fused_with(sigmoid) is None
    assert fused.fused_with(softmax) is None  # on logits already
    assert smoothed.display_name == "categorical_crossentropy"


def test_sigmoid_and_binary_crossentropy_in_two_steps_or_one():
    t, z, w = sample(BinaryCrossentropy(from_logits=True))
    y = activations.sigmoid(z)
    alone, fused = BinaryCrossentropy(), BinaryCrossentropy(from_logits=True)
    assert alone(t, y, w) == pytest.approx(fused(t, z, w), rel=1e-12)
    two_steps = activations.sigmoid.backward(y, alone.gradient(t, y, w))
    np.testing.assert_allclose(two_steps, fused.gradient(t, z, w), atol=1e-15)


@each(EVERY)
def test_formulas_are_there(loss):
    for text in (loss.formula, loss.gradient_formula, loss.latex, loss.gradient_latex):
        assert "=" in text
    for latex in (loss.latex, loss.gradient_latex):
        assert latex.count("{") == latex.count("}")
        assert latex.count(r"\left") == latex.count(r"\right")
        assert latex.isascii()
