"""The two layers for tables: numbers as codes of their columns, and networks side by side."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential
from glassnet.errors import ConfigError, DataError, NotBuiltError, ShapeError
from glassnet.layers import (
    BatchNormalization,
    Dense,
    Dropout,
    Ensemble,
    PeriodicEmbedding,
    PiecewiseLinearEncoding,
    from_config,
)
from glassnet.layers.ensemble import fast

RNG = np.random.default_rng(0)
X = RNG.normal(size=(600, 5))
X[:, 3] = RNG.integers(0, 4, 600)  # a few distinct values
X[:, 4] = RNG.integers(0, 2, 600)  # yes or no
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 1)


def three(**settings):
    """An encoding and three networks for three classes."""
    members = [
        [Dense(8, "relu"), Dropout(0.2), Dense(7, "tanh"), Dense(3, "softmax")],
        [Dense(9, "gelu", use_bias=False), Dense(3, "softmax", use_bias=False)],
        [Dense(3, "softmax")],
    ]
    model = Sequential([PiecewiseLinearEncoding().adapt(X), Ensemble(members, **settings)], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# ---- the encoding ----------------------------------------------------------------------------


def test_a_row_worked_by_hand():
    layer = PiecewiseLinearEncoding(
        [[0, 1, 3], None], clip=2, means=[0, 1, 0.5, 1], scales=[1, 2, 4, 10]
    )
    # c(2) = 2/√2; bin 1 is full: (1 - 1)·2; bin 2 is half full: (½ - ½)·4; (7 - 1)·10
    np.testing.assert_allclose(layer([[2.0, 7.0]]), [[2**0.5, 0, 0, 60]])
    np.testing.assert_allclose(layer([[-9.0, 1.0]])[0, 1:], [-2, -2, 0])
    assert layer.output_shape == (4,) and layer.first == [0, 3, 4]


def test_on_an_edge_the_slope_is_the_mean_of_both_sides():
    layer = PiecewiseLinearEncoding([[0, 1, 3]], clip=None)
    layer([[0.0], [1.0], [3.0], [4.0]])
    dx = layer.backward(np.ones((4, 3)))
    np.testing.assert_allclose(dx[:, 0], [1 + 0.5, 1 + 0.5 + 0.25, 1 + 0.25, 1])


def test_adapt_takes_quantiles_of_the_rows_and_of_the_values():
    layer = PiecewiseLinearEncoding().adapt(X, bins=8, rows_per_bin=50)
    column = X[:, 0]
    rows, values = np.quantile(column, np.arange(9) / 8), np.quantile(column, np.arange(5) / 4)
    np.testing.assert_allclose(layer.edges[0], np.unique([*rows, *values]))
    assert layer.edges[3] == (0, 1, 2, 3) and layer.edges[4] is None
    # 600 rows with 100 in each bin: 6 bins, and 3 by the distinct values
    fewer = PiecewiseLinearEncoding().adapt(X, rows_per_bin=100)
    rows, values = np.quantile(column, np.arange(7) / 6), np.quantile(column, np.arange(4) / 3)
    np.testing.assert_allclose(fewer.edges[0], np.unique([*rows, *values]))


def test_every_block_has_mean_0_and_variance_1():
    layer = PiecewiseLinearEncoding().adapt(X)
    y, first = layer(X), layer.first
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    variance = y.var(axis=0)
    for start, end in pairwise(first[:5]):
        assert variance[start] == pytest.approx(1)
        assert variance[start + 1 : end].sum() == pytest.approx(1)
    assert variance[-1] == pytest.approx(1)


def test_the_places_of_a_category_count_as_one_and_a_rare_one_stays_small():
    kinds = np.eye(3)[RNG.choice(3, 1000, p=[0.6, 0.39, 0.01])]
    rare = (RNG.random(1000) < 0.005).astype(float)
    x = np.column_stack([RNG.normal(size=1000), kinds, rare, np.full(1000, 7.0)])
    layer = PiecewiseLinearEncoding().adapt(x, groups=[1, 3, 1, 1])
    y = layer(x)
    assert y[:, -5:-2].var(axis=0).sum() == pytest.approx(1)
    assert len(set(layer.scales[-5:-2])) == 1
    assert layer.scales[-2] == layer.scales[-1] == pytest.approx(1 / 0.3)  # not 1/0.07, nor 1/0


def test_numbers_far_outside_and_bins_too_narrow_for_the_type_stay_finite():
    layer = PiecewiseLinearEncoding([[0, 1e-300, 1, 1 + 1e-12], [-1e38, 1e38]])
    layer.build((2,), dtype=np.float32)
    far = np.array([[1e30, -3e38], [-3e38, 3e38], [0, 0], [1, 1]], np.float32)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = layer.forward(far)
    assert np.isfinite(y).all() and (abs(y) <= 3).all()
    np.testing.assert_array_equal(y[0, 1:4], [1, 1, 1])
    np.testing.assert_allclose(y[1, 0], -3, rtol=1e-6)
    assert np.isnan(layer.forward(np.array([[np.nan, 0]], np.float32))[0, :4]).all()


column = st.lists(
    st.floats(-5, 5).map(lambda v: round(v, 2)), min_size=2, max_size=6, unique=True
).map(sorted)


@settings(max_examples=60, deadline=None)
@given(
    edges=st.lists(st.none() | column, min_size=1, max_size=4),
    clip=st.none() | st.floats(0.1, 10),
    seed=st.integers(0, 999),
)
def test_any_edges_give_what_interpolation_gives(edges, clip, seed):
    x = np.random.default_rng(seed).normal(0, 3, (7, len(edges)))
    parts = []
    for numbers, own in zip(x.T, edges):
        squeezed = own is not None and clip is not None
        parts.append(numbers / np.hypot(1, numbers / clip) if squeezed else numbers)
        parts += [np.interp(numbers, pair, [0, 1]) for pair in zip(own or (), (own or ())[1:])]
    layer = PiecewiseLinearEncoding(edges, clip)
    np.testing.assert_allclose(layer(x), np.stack(parts, axis=1), atol=1e-9)
    again = from_config(layer.get_config())
    np.testing.assert_array_equal(again(x), layer(x))


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: PiecewiseLinearEncoding([[0]]), ConfigError, "column 0 are [0], but must be at"),
        (lambda: PiecewiseLinearEncoding([None, [0, 2, 1]]), ConfigError, "column 1"),
        (lambda: PiecewiseLinearEncoding([[0, np.inf]]), ConfigError, "finite"),
        (lambda: PiecewiseLinearEncoding([[-1e308, 1e308]]), ConfigError, "must rise"),
        (lambda: PiecewiseLinearEncoding([["a", "b"]]), ConfigError, "finite numbers"),
        (lambda: PiecewiseLinearEncoding([]), ConfigError, "empty"),
        (lambda: PiecewiseLinearEncoding(5), ConfigError, "must be a list"),
        (lambda: PiecewiseLinearEncoding([[0, 1]], clip=0), ConfigError, "clip"),
        (lambda: PiecewiseLinearEncoding([[0, 1]], means=[1]), ConfigError, "2 features"),
        (lambda: PiecewiseLinearEncoding([[0, 1]], scales=3), ConfigError, "must be a list"),
        (lambda: PiecewiseLinearEncoding().build((2,)), ConfigError, "call adapt(x)"),
        (lambda: PiecewiseLinearEncoding([[0, 1]]).build((2,)), ShapeError, "expected (1,)"),
        (lambda: PiecewiseLinearEncoding().adapt([1, 2]), ShapeError, "must be rows"),
        (lambda: PiecewiseLinearEncoding().adapt([[]]), DataError, "empty"),
        (lambda: PiecewiseLinearEncoding().adapt([[1, np.nan]]), DataError, "row 0, column 1"),
        (lambda: PiecewiseLinearEncoding().adapt([["a"]]), DataError, "numbers"),
        (lambda: PiecewiseLinearEncoding().adapt(X, groups=[3]), ConfigError, "x has 5"),
        (lambda: PiecewiseLinearEncoding().adapt(X, bins=1), ConfigError, "at least 2"),
        (lambda: three().layers[0].adapt(X), ConfigError, "is built"),
        (lambda: Ensemble([]), ConfigError, "list with the layers of each"),
        (lambda: Ensemble([Dense(1)]), ConfigError, "member 0"),
        (lambda: Ensemble([[]]), ConfigError, "empty"),
        (lambda: Ensemble([[3]]), ConfigError, "expected a layer"),
        (lambda: Ensemble([[Dense(1)]], [1, 2]), ConfigError, "each of the 1 members"),
        (lambda: Ensemble([[Dense(1)]], ["a"]), ConfigError, "finite number"),
        (lambda: Ensemble([[Dense(1)], [Dense(2)]]).build((3,)), ShapeError, "one shape"),
        (lambda: three().member(3), ConfigError, "numbered from 0"),
        (lambda: three().member(-1), ConfigError, "at least 0"),
        (lambda: Sequential([Ensemble([[Dense(1)]])]).member(0), NotBuiltError, "needs parameters"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(make, error, says):
    with pytest.raises(error, match=r".") as caught:
        make()
    assert says in str(caught.value)


# ---- the ensemble ----------------------------------------------------------------------------


def test_a_sum_worked_by_hand_and_its_gradient():
    ones = [Dense(1, kernel_initializer="ones")]
    layer = Ensemble([ones, [Dense(1, use_bias=False)]], weights=[2, -1])
    layer.build((2,), dtype=np.float64)
    layer.members[1].layers[0].W = [[3], [5]]
    assert layer([[1.0, 10.0]]).tolist() == [[2 * 11 - 53]]
    np.testing.assert_array_equal(layer.backward(np.array([[1.0]])), [[2 - 3, 2 - 5]])
    np.testing.assert_array_equal(layer.members[1].layers[0].dW, [[-1], [-10]])


def test_it_learns_saves_and_gives_its_members(tmp_path):
    model = three(weights=[0.5, 0.3, 0.2])
    names = set(model.parameters.names)
    assert {"ensemble/member_0/dense/W", "ensemble/member_2/dense/b"} < names
    model.fit(X, Y, epochs=20, verbose=0)
    assert model.evaluate(X, Y)["accuracy"] > 0.9
    outputs = model.predict(X)
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-6)
    members = [model.member(k).predict(X) for k in range(3)]
    mixed = np.tensordot([0.5, 0.3, 0.2], members, axes=1)
    np.testing.assert_allclose(outputs, mixed, atol=1e-6)
    model.save(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(Sequential.load(tmp_path / "m.safetensors").predict(X), outputs)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), outputs)
    model.layers[1].weights = [1, 0, 0]
    np.testing.assert_allclose(model.predict(X), members[0], atol=1e-6)
    assert model.get_config()["layers"][1]["weights"] == [1, 0, 0]


def test_a_member_is_a_copy_with_all_that_belongs_to_the_network():
    model = three()
    model.fit(X, Y + 5, epochs=1, verbose=0)
    model.preprocessing = None
    one = model.member(1)
    assert [layer.kind for layer in one.layers] == ["piecewise_linear_encoding", "dense", "dense"]
    assert one.classes.tolist() == [5, 6, 7] and one.loss == model.loss
    before = model.predict(X)
    one.fit(X, Y + 5, epochs=1, verbose=0)
    np.testing.assert_array_equal(model.predict(X), before)


def test_the_loss_reads_means_of_probabilities_and_knows_it():
    model = three()
    assert not model.objective.fused and not model.loss.reads_logits
    p = model.predict(X)
    expected = -np.log(p[np.arange(len(Y)), Y]).mean()
    assert model.evaluate(X, Y)["loss"] == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ConfigError, match="twice"):
        model.compile("adam", {"name": "sparse_categorical_crossentropy", "from_logits": True})
    with pytest.raises(ConfigError, match="reads probabilities"):
        Sequential([Ensemble([[Dense(3)], [Dense(3)]])]).compile("adam", "categorical_crossentropy")
    mixed = Ensemble([[Dense(1, "sigmoid")], [Dense(1, "tanh")]])
    assert mixed.output_function is None
    assert Ensemble([[Dense(1, "sigmoid")]], [2]).output_function is None  # up to 2: no probability


def test_members_that_normalise_keep_their_running_values():
    model = Sequential([Ensemble([[BatchNormalization(), Dense(1)], [Dense(1)]])], seed=0)
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], epochs=2, verbose=0)
    members = [model.member(k).predict(X) for k in range(2)]
    np.testing.assert_allclose(model.predict(X), np.mean(members, axis=0), atol=1e-6)


# ---- both in one pass --------------------------------------------------------------------------


def with_waves():
    encoding = PiecewiseLinearEncoding().adapt(X)
    members = [
        [
            PeriodicEmbedding(2, 5, columns=encoding.first[:3]),
            Dense(8, "relu"),
            Dense(2, "softmax"),
        ],
        [Dense(2, "softmax")],
        [PeriodicEmbedding(3, 4), Dense(4, "silu", use_bias=False), Dense(2, "softmax")],
    ]
    model = Sequential([encoding, Ensemble(members, [0.5, 0.3, 0.2])], seed=0)
    model.build((5,))
    return model


@pytest.mark.parametrize("make", [lambda: three(weights=[0.5, 0.3, 0.2]), with_waves])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_tables_of_sums_give_what_the_layers_give(dtype, make, monkeypatch):
    monkeypatch.setattr(fast, "FEWEST", 1)
    monkeypatch.setattr(fast, "SHARE", 100)  # several parts, on all cores
    monkeypatch.setattr(fast, "BLOCK", 30)
    model = make().copy(dtype)
    assert isinstance(model.joined.passes[0], fast.EncodedEnsemble)
    wide = np.vstack([X, 5 * X[:50], np.array(model.layers[0].edges[0])[:, None] * np.ones(5)])
    by_layers = model.forward(wide.astype(dtype))
    np.testing.assert_allclose(
        model.predict(wide), by_layers, atol=1e-6 if dtype == "float32" else 1e-14
    )
    model.parameters.values[...] *= 2  # nothing is kept of the weights before
    by_layers = model.forward(wide.astype(dtype))
    np.testing.assert_allclose(
        model.predict(wide), by_layers, atol=1e-5 if dtype == "float32" else 1e-13
    )


def test_the_answer_for_a_row_does_not_depend_on_the_others():
    """To the last bit of float32, wherever it stands: products of one shape add in one order."""
    wide = [Dense(96, "relu"), Dense(96, "relu"), Dense(2, "softmax")]
    waves = [PeriodicEmbedding(columns=[0, 40]), Dense(96, "relu"), Dense(2, "softmax")]
    model = Sequential([PiecewiseLinearEncoding().adapt(X), Ensemble([wide, waves])], seed=0)
    x = np.random.default_rng(0).standard_normal((5000, 5)).astype(np.float32)
    model.build((5,))
    whole = model.predict(x)
    for begin, end in ((0, 256), (1, 258), (77, 1100), (2000, 4097), (4700, 5000)):
        np.testing.assert_array_equal(model.predict(x[begin:end]), whole[begin:end])


def test_what_is_not_all_dense_goes_through_its_layers():
    encoding = PiecewiseLinearEncoding([[0, 1]])
    assert fast.EncodedEnsemble.of(encoding, Ensemble([[BatchNormalization(), Dense(1)]])) is None
    assert fast.EncodedEnsemble.of(encoding, Dense(1)) is None

    class Own(Dense):
        def forward(self, x, training=False):
            return super().forward(x, training) + 1

    assert fast.EncodedEnsemble.of(encoding, Ensemble([[Own(1)]])) is None


def test_no_bin_is_as_narrow_as_the_rounding_of_its_quantiles():
    """Else a number's last digit decides, and every export answers otherwise."""
    rng = np.random.default_rng(1)
    x = np.round(rng.gamma(2.0, 8.0, (1163, 1))) / 7  # with the quantile 3.0000000000000004
    encoding = PiecewiseLinearEncoding().adapt(x, bins=48, rows_per_bin=40)
    assert np.diff(encoding.edges[0]).min() > 1e-3
    np.testing.assert_allclose(encoding(x), encoding(x * (1 + 1e-9)), atol=1e-4)
