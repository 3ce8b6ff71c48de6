import copy
import json
from types import SimpleNamespace

import numpy as np
import pytest

from glassnet import Sequential, layers
from glassnet.calculus import check_gradient
from glassnet.errors import ConfigError, DataError, NotBuiltError


class TwoLayers:
    """x -> ReLU(x·W1 + b1)·W2 + b2 -> softmax, cross-entropy; by hand, with a mistake at will."""

    def __init__(self, mistake=None, dtype=np.float64, hidden=4, seed=0):
        shapes = {"W1": (2, hidden), "b1": (hidden,), "W2": (hidden, 3), "b2": (3,)}
        self.mistake, self.rng = mistake, np.random.default_rng(seed)
        sizes = [int(np.prod(s)) for s in shapes.values()]
        ends = np.cumsum(sizes)
        slices = {n: slice(int(e) - s, int(e)) for n, e, s in zip(shapes, ends, sizes)}
        values = self.rng.normal(size=ends[-1]).astype(dtype)
        self.parameters = SimpleNamespace(
            values=values,
            slices=slices,
            state=np.zeros(1),
            view=lambda name: self.parameters.values[slices[name]].reshape(shapes[name]),
        )
        self.drop = False

    def loss_and_gradient(self, x, y, sample_weight=None, training=False):
        W1, b1, W2, b2 = (self.parameters.view(n) for n in ("W1", "b1", "W2", "b2"))
        x = np.asarray(x, dtype=W1.dtype)
        n = len(x)
        z = x @ W1 + b1
        mask = z > 0
        if training and self.drop:
            mask = mask & (self.rng.random(z.shape) < 0.5)
        a = z * mask
        logits = a @ W2 + b2
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.mean(np.log(p[np.arange(n), y]))
        d = p.copy()
        d[np.arange(n), y] -= 1
        d /= n
        if self.mistake == "softmax twice":
            d = p * (d - (d * p).sum(axis=1, keepdims=True))
        if self.mistake == "sum for mean":
            d = d * n
        back = (d @ W2.T) * (np.ones_like(mask) if self.mistake == "no ReLU" else mask)
        gradients = {"W1": x.T @ back, "b1": back.sum(0), "W2": a.T @ d, "b2": d.sum(0)}
        if self.mistake == "mean of the bias gradient":
            gradients["b2"] = d.mean(0)
        if self.mistake == "one number":
            gradients["W2"][2, 1] *= 1.001
        if self.mistake == "sign":
            gradients["W1"] *= -1
        if self.mistake == "nan":
            gradients["b1"][0] = np.nan
        if self.mistake == "stale":
            self.kept = getattr(self, "kept", gradients)
            gradients = self.kept
        return float(loss), np.concatenate([g.ravel() for g in gradients.values()])


@pytest.fixture
def batch():
    rng = np.random.default_rng(1)
    return rng.normal(size=(20, 2)), np.arange(20) % 3


def test_a_right_backward_pass(batch):
    report = check_gradient(TwoLayers(), *batch)
    assert report.ok and bool(report)
    assert report.checked == report.size == 27 and not report.sampled
    assert [row.name for row in report.rows] == ["W1", "b1", "W2", "b2"]
    assert report.worst.relative_error < 1e-6
    text = str(report)
    assert "all 27 parameters" in text and "\nok: the worst is " in text
    assert "float32" not in text


@pytest.mark.parametrize(
    ("mistake", "where"),
    [
        ("softmax twice", {"W1", "b1", "W2", "b2"}),
        ("sum for mean", {"W1", "b1", "W2", "b2"}),
        ("no ReLU", {"W1", "b1"}),
        ("mean of the bias gradient", {"b2"}),
        ("one number", {"W2"}),
        ("sign", {"W1"}),
        ("nan", {"b1"}),
    ],
)
def test_mistakes_are_found_where_they_are(batch, mistake, where):
    report = check_gradient(TwoLayers(mistake), *batch)
    assert not report.ok and not report
    assert {row.name for row in report.rows if row.wrong} == where
    assert report.worst.name.split("[")[0] in where
    assert "NOT ok: " in str(report) and f"Worst is {report.worst.name}: " in str(report)
    assert not any(row.kinks for row in report.rows)


def test_the_number_that_is_wrong_is_named(batch):
    report = check_gradient(TwoLayers("one number"), *batch)
    assert report.worst.name == "W2[2, 1]"
    assert report.worst.backward == pytest.approx(1.001 * report.worst.differences, rel=1e-6)
    assert "1 WRONG" in str(report)


def test_a_common_factor_is_named(batch):
    report = check_gradient(TwoLayers("mean of the bias gradient"), *batch)
    assert report.rows[3].ratio == pytest.approx(1 / 20)
    assert "b2: the backward pass gives 0.05 times the true value throughout" in str(report)
    report = check_gradient(TwoLayers("sum for mean"), *batch)
    assert report.rows[0].ratio == pytest.approx(20)


def test_a_stale_gradient(batch):
    model = TwoLayers("stale")
    model.loss_and_gradient(*batch)
    model.parameters.values += 0.1
    assert not check_gradient(model, *batch).ok


def test_the_model_is_left_as_it_was(batch):
    model = TwoLayers()
    before = model.parameters.values.copy()
    check_gradient(model, *batch)
    np.testing.assert_array_equal(model.parameters.values, before)

    calls = []
    honest = model.loss_and_gradient

    def fails(*arguments):
        calls.append(1)
        if len(calls) > 10:
            raise RuntimeError("mine")
        return honest(*arguments)

    model.loss_and_gradient = fails
    with pytest.raises(RuntimeError, match="mine"):
        check_gradient(model, *batch)
    np.testing.assert_array_equal(model.parameters.values, before)


# --- kinks ---------------------------------------------------------------------------------------


def test_exactly_at_a_kink(batch):
    """A bias of 0 under an input of 0: z is 0, where ReLU has no slope."""
    x, y = batch
    x[:4] = 0
    y[:4] = 0
    model = TwoLayers()
    model.parameters.view("b1")[...] = 0
    report = check_gradient(model, x, y)
    assert report.ok, str(report)
    assert report.rows[1].kinks >= 2
    assert "at a kink" in str(report) and "right to both sides" in str(report)


@pytest.mark.parametrize("distance", [-8e-6, -2e-6, 3e-7, 5e-6, 9e-6])
def test_close_to_a_kink(batch, distance):
    x, y = batch
    x[0] = 0
    model = TwoLayers()
    model.parameters.view("b1")[...] = distance
    report = check_gradient(model, x, y)
    assert report.ok, str(report)
    assert report.rows[1].kinks >= 1


def test_a_mistake_is_not_excused_by_kinks(batch):
    x, y = batch
    x[:4] = 0
    y[:4] = 0
    model = TwoLayers("no ReLU")
    model.parameters.view("b1")[...] = 0
    report = check_gradient(model, x, y)
    assert not report.ok and report.rows[0].wrong == 8


# --- precision -------------------------------------------------------------------------------


def test_float32_without_a_copy_is_coarse_but_not_blind(batch):
    report = check_gradient(TwoLayers(dtype=np.float32), *batch)
    assert report.ok and report.computed_in == "float32"
    assert "float32 is coarse" in str(report)
    assert not check_gradient(TwoLayers("sign", dtype=np.float32), *batch).ok
    assert not check_gradient(TwoLayers("sum for mean", dtype=np.float32), *batch).ok


def test_gradients_of_zero_prove_nothing(batch):
    model = TwoLayers()
    model.parameters.values[...] = 0
    model.parameters.view("b2")[...] = [60, -60, -60]
    x, _ = batch
    report = check_gradient(model, x, np.zeros(20, int))
    assert report.ok and "no proof" in str(report)
    assert all(row.tiny == row.checked for row in report.rows)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "selu"])
def test_a_network(batch, dtype, activation):
    model = Sequential(
        [layers.Dense(5, activation=activation), layers.Dense(3, activation="softmax")],
        seed=0,
        dtype=dtype,
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    report = check_gradient(model, *batch)
    assert report.ok, str(report)
    assert (report.own_dtype, report.computed_in) == (dtype, "float64")
    assert model.parameters.values.dtype == dtype
    if dtype == "float32":
        assert all(0 < row.rounding < 1e-5 for row in report.rows)
        assert "float64 copy" in str(report) and "  float32  " in str(report)


def test_a_mistake_of_the_float32_network_alone_is_found(batch):
    """Its float64 copy is right, so differences alone would call it right."""
    model = Sequential([layers.Dense(4, activation="relu"), layers.Dense(3)], seed=0)
    model.compile("sgd", "mse")
    x, _ = batch
    y = np.zeros((20, 3))
    model.build((2,))
    right = model.layers[0].backward

    def halves(dy, need_dx=True):
        dx = right(dy, need_dx)
        model.layers[0].db *= 0.5
        return dx

    object.__setattr__(model.layers[0], "backward", halves)  # of this object alone
    report = check_gradient(model, x, y)
    assert not report.ok
    assert report.worst.name.startswith("dense/b") and report.rows[1].ratio == pytest.approx(0.5)
    assert [row.name for row in report.rows if row.wrong] == ["dense/b"]


def test_batch_normalization_and_dropout_as_in_training(batch):
    model = Sequential(
        [layers.Dense(6), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(3)],
        seed=0,
    )
    model.compile("sgd", "mse")
    x, _ = batch
    y = np.ones((20, 3))
    model.build((2,))
    state = model.parameters.state.copy()
    random = copy.deepcopy(model.rng.bit_generator.state)
    for training in (False, True):
        report = check_gradient(model, x, y, training=training)
        assert report.ok and report.training == training, str(report)
    np.testing.assert_array_equal(model.parameters.state, state)
    assert model.rng.bit_generator.state == random


def test_dropout_of_a_model_is_held_still(batch):
    model = TwoLayers()
    model.drop = True
    assert check_gradient(model, *batch, training=True).ok


def test_weights_and_sample_weights_count(batch):
    model = Sequential(
        [layers.Dense(4, activation="tanh", kernel_regularizer=layers.L2(0.1)), layers.Dense(1)],
        seed=0,
        dtype="float64",
    )
    model.compile("sgd", "mse")
    x, _ = batch
    assert check_gradient(model, x, x[:, :1], np.linspace(0, 2, 20)).ok


# --- samples -------------------------------------------------------------------------------------


def test_a_sample_of_many(batch):
    model = TwoLayers(hidden=60)
    report = check_gradient(model, *batch, max_parameters=50)
    assert report.sampled and report.checked == 20 + 20 + 25 + 3
    assert [row.size for row in report.rows] == [120, 60, 180, 3]
    assert "68 of 363 parameters (a sample)" in str(report)
    again = check_gradient(model, *batch, max_parameters=50)
    assert again.to_dict() == report.to_dict()
    other = check_gradient(model, *batch, max_parameters=50, seed=1)
    assert other.worst != report.worst


def test_as_plain_data(batch):
    for model in (TwoLayers(), TwoLayers("sum for mean"), TwoLayers("nan")):
        report = check_gradient(model, *batch)
        found = json.loads(json.dumps(report.to_dict(), allow_nan=False))
        assert found["ok"] is report.ok
        assert found["tensors"][0]["name"] == "W1" and found["tensors"][0]["shape"] == [2, 4]
        assert found["worst"]["name"] == report.worst.name
        assert found["text"] == str(report)


# --- bad input -----------------------------------------------------------------------------------


def test_a_model_that_is_not_ready(batch):
    model = Sequential([layers.Dense(3)])
    with pytest.raises(NotBuiltError, match="compile"):
        check_gradient(model, *batch)
    model.compile("sgd", "mse")  # compiled is enough: the batch says the shape
    assert check_gradient(model, batch[0], np.zeros((20, 3))).ok


def test_a_loss_that_is_no_number(batch):
    model = TwoLayers()
    model.parameters.values[...] = np.nan
    with pytest.raises(DataError, match="the loss is nan"):
        check_gradient(model, *batch)


def test_a_loss_that_changes(batch):
    model = TwoLayers()
    honest = model.loss_and_gradient

    def shaky(*arguments):
        loss, gradient = honest(*arguments)
        return loss + np.random.default_rng().random(), gradient

    model.loss_and_gradient = shaky
    with pytest.raises(ConfigError, match="changes from call to call"):
        check_gradient(model, *batch)


@pytest.mark.parametrize("setting", ["h", "tolerance", "max_parameters"])
@pytest.mark.parametrize("value", [0, -1, "a", float("nan")])
def test_settings(batch, setting, value):
    with pytest.raises(ConfigError, match=f"check_gradient: {setting} is"):
        check_gradient(TwoLayers(), *batch, **{setting: value})
