from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle, Rectangle

from glassnet import Sequential, layers, plots
from glassnet.errors import DataError, NotBuiltError, ShapeError
from glassnet.plots import style

RNG = np.random.default_rng(0)


def lines(figure):
    """[(start, end, w, width, dashed?)] of every line."""
    found = []
    for c in figure.axes[0].collections:
        if isinstance(c, LineCollection):
            dashed = c.get_linestyle()[0][1] is not None
            found += [
                (*map(tuple, segment), w, width, dashed)
                for segment, w, width in zip(c.get_segments(), c.get_array(), c.get_linewidths())
            ]
    return found


def circles(figure):
    return [p for p in figure.axes[0].patches if isinstance(p, Circle)]


def test_every_weight_is_a_line_with_its_sign_and_size():
    W = np.array([[1.0, -2.0, 0.5], [0.25, -0.125, 4.0]])
    figure = plots.network_drawing([W])
    drawn = lines(figure)
    assert sorted(w for *_, w, _, _ in drawn) == sorted(W.ravel())
    by_size = sorted(drawn, key=lambda line: abs(line[2]))
    assert np.all(np.diff([width for *_, width, _ in by_size]) > 0)  # wider where larger
    assert all(dashed == (w < 0) for _, _, w, _, dashed in drawn)
    ends = {w: (start[1], end[1]) for start, end, w, _, _ in drawn}
    heights = [c.center[1] for c in circles(figure)]
    assert ends[4.0] == (heights[1], heights[2 + 2])  # from input 2 to unit 3
    assert ends[-2.0] == (heights[0], heights[2 + 1])


def test_circles_carry_the_biases():
    b = np.array([1.0, -1.0])
    figure = plots.network_drawing([np.array([[0.5, 2.0]])], biases=[b])
    norm = style.symmetric([2.0])
    for circle, value in zip(circles(figure)[1:], b):
        np.testing.assert_allclose(circle.get_facecolor(), style.DIVERGING(norm(value)))


def test_a_real_model_with_its_names(assert_tidy):
    net = Sequential(
        [layers.Dense(4, "relu", name="hidden"), layers.Dropout(0.1), layers.Dense(3, "softmax")]
    )
    net.build((2,))
    names = ["setosa", "versicolor", "virginica"]
    figure = plots.network_drawing(net, input_names=["x1", "x2"], output_names=names)
    texts = assert_tidy(figure)
    assert {"x1", "x2", *names, "hidden", "2 features", "4 units, relu\n+ dropout"} <= set(texts)
    assert "3 units, softmax" in texts
    assert any(text.startswith("20 weights as lines") and "7 biases" in text for text in texts)
    assert len(circles(figure)) == 9 and len(lines(figure)) == 20


def test_large_layers_are_cut_and_say_so(assert_tidy):
    W1, W2 = RNG.normal(size=(784, 50)), RNG.normal(size=(50, 10))
    figure = plots.network_drawing([W1, W2], max_units=7, output_names=[f"d{i}" for i in range(10)])
    texts = assert_tidy(figure)
    assert texts.count("⋮") == 3
    assert {"784 features\n7 of them drawn", "50 units\n7 of them drawn"} <= set(texts)
    assert any("not drawn" in text for text in texts)
    assert len(circles(figure)) == 21
    shown = [0, 1, 2, 3, 7, 8, 9]  # of the outputs: the first four and the last three
    assert [text for text in texts if text[0] == "d"] == [f"d{i}" for i in shown]
    weights = {round(w, 9) for *_, w, _, _ in lines(figure)}
    edge = np.r_[0:4, 781:784], np.r_[0:4, 47:50]
    assert {round(w, 9) for w in W1[np.ix_(*edge)].ravel()} <= weights
    assert len(lines(figure)) == 2 * 49


@pytest.mark.parametrize("sizes", [(1, 1), (30, 1, 30)])
def test_any_form_is_tidy(sizes, assert_tidy):
    weights = [RNG.normal(size=pair) for pair in pairwise(sizes)]
    assert_tidy(plots.network_drawing(weights))


def test_deep_model_with_long_names(assert_tidy):
    stack = [layers.Dense(3, "leaky_relu", name=f"a_long_layer_name_{i}") for i in range(9)]
    net = Sequential(stack)
    net.build((3,))
    assert_tidy(plots.network_drawing(net, output_names=["a very long name of a class"] * 3))


def test_a_block_and_layers_without_bias(texts_of):
    net = Sequential([
        layers.Flatten(), layers.Dense(4, use_bias=False), layers.BatchNormalization(),
        layers.Activation("tanh"), layers.Residual([layers.Dense(4)], name="block"),
    ])  # fmt: skip
    net.build((2, 2))
    texts = texts_of(plots.network_drawing(net))
    assert {"4 units, linear\n+ batch norm\n+ tanh", "4 units, linear\n+ residual"} <= texts
    assert "block/dense" in texts


def test_zeros_and_nan(texts_of):
    assert len(lines(plots.network_drawing([np.zeros((2, 2))]))) == 4
    figure = plots.network_drawing([np.array([[np.nan, 1.0]])])
    assert [w for *_, w, _, _ in lines(figure)] == [1.0]
    assert any("1 value not finite" in text for text in texts_of(figure))


@pytest.mark.parametrize(
    ("weights", "options", "error", "message"),
    [
        ([np.zeros((2, 3)), np.zeros((4, 1))], {}, ShapeError, r"layer 2 have shape \(4, 1\)"),
        ([np.zeros(3)], {}, ShapeError, "one row for each unit before"),
        ([np.zeros((2, 3))], {"biases": [np.zeros(2)]}, ShapeError, r"expected \(3,\)"),
        ([np.zeros((2, 3))], {"biases": []}, ShapeError, "0 biases for 1 layers"),
        ([np.zeros((2, 3))], {"input_names": ["a"]}, ShapeError, "1 input_names for 2"),
        ([np.zeros((2, 3))], {"max_units": 1}, ShapeError, "at least 2"),
        ([np.zeros((0, 3))], {}, DataError, "empty"),
        ([], {}, NotBuiltError, "no weights"),
        (Sequential([layers.Dense(3)]), {}, NotBuiltError, "build"),
    ],
)
def test_bad_input(weights, options, error, message):
    with pytest.raises(error, match=message):
        plots.network_drawing(weights, **options)


# ---- feature maps ----------------------------------------------------------------------------


def over_images():
    net = Sequential(
        [
            layers.Conv2D(3, 5, activation="relu", name="eyes"), layers.BatchNormalization(),
            layers.MaxPooling2D(2, name="pool"), layers.Conv2D(9, 3), layers.Flatten(),
            layers.Dense(4, "softmax", name="out"),
        ],
        seed=0,
    )  # fmt: skip
    net.build((16, 12, 1))
    net.layers[0].b = [0.5, -0.5, 0.0]
    return net


def cards(figure):
    return [p for p in figure.axes[0].patches if isinstance(p, Rectangle) and p.get_fill()]


def test_feature_maps_are_cards_and_what_follows_circles(assert_tidy):
    net = over_images()
    figure = plots.network_drawing(net, output_names=["a", "b", "c", "d"])
    texts = assert_tidy(figure)
    assert {
        "1 channel, 16×12", "3 maps, 12×8\nconv 5×5\nrelu\n+ batch norm",
        "3 maps, 6×4\nmax pooling 2×2", "9 maps, 4×2\nconv 3×3", "72 numbers\n12 of them drawn",
        "4 units, softmax", "eyes", "pool", "out", "d",
    } <= set(texts)  # fmt: skip
    assert any("318 weights in kernels are not drawn" in t for t in texts)
    drawn = cards(figure)
    assert len(drawn) == 1 + 3 + 3 + 6  # of nine maps six
    assert drawn[0].get_height() > drawn[0].get_width()  # 16×12
    assert drawn[1].get_height() > drawn[4].get_height() > drawn[7].get_height()
    largest = max(np.abs(net.layers[-1].W).max(), 0.5)
    norm = style.symmetric([largest])
    np.testing.assert_allclose(drawn[1].get_facecolor(), style.DIVERGING(norm(0.5)), atol=1e-6)
    windows = [p for p in figure.axes[0].patches if isinstance(p, Rectangle) and not p.get_fill()]
    assert windows[0].get_height() / drawn[0].get_height() == pytest.approx(5 / 16)
    assert windows[1].get_width() / drawn[3].get_width() == pytest.approx(2 / 8)
    assert len(lines(figure)) == 12 * 4 and len(circles(figure)) == 12 + 4


def test_maps_in_every_form(assert_tidy):
    C, stacks = layers.Conv2D, []
    stacks.append(([layers.Conv1D(2, 3), layers.MaxPooling1D(2), layers.GlobalMaxPooling1D(),
                    layers.Dense(2)], (20, 3)))  # fmt: skip
    stacks.append(([layers.Reshape((4, 4, 1)), C(2, 3)], (16,)))
    stacks.append(([C(4, 3, padding="same"), layers.Residual([C(4, 3, padding="same")]),
                    layers.Activation("relu"), layers.GlobalAveragePooling2D(), layers.Dropout(0.5),
                    layers.Dense(3, use_bias=False)], (8, 8, 3)))  # fmt: skip
    stacks.append(([C(1, 1, use_bias=False), layers.UpSampling2D(2), layers.ZeroPadding2D(1)],
                   (1, 1, 1)))  # fmt: skip
    for stack, shape in stacks:
        net = Sequential(stack, seed=0)
        net.build(shape)
        assert_tidy(plots.network_drawing(net))
    with pytest.raises(ShapeError, match="output_names"):
        plots.network_drawing(over_images(), output_names=["a"])
    with pytest.raises(NotBuiltError, match="build"):
        plots.network_drawing(Sequential([C(2, 3), layers.Flatten(), layers.Dense(2)]))


def test_flatten_alone_draws_circles_as_before():
    net = Sequential([layers.Flatten(), layers.Dense(3)], seed=0)
    net.build((4, 4, 1))
    assert not cards(plots.network_drawing(net))
