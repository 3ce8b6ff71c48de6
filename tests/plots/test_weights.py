import numpy as np
import pytest

from glassnet import Sequential, layers, plots
from glassnet.errors import DataError, NotBuiltError, ShapeError, UnknownNameError
from glassnet.plots.weights import layer_outputs

RNG = np.random.default_rng(0)


def model(*stack, shape=(16,)):
    made = Sequential(list(stack), seed=0)
    made.build(shape)
    return made


def test_each_unit_as_a_picture_of_the_input(assert_tidy):
    net = model(layers.Dense(5, "relu", name="eyes"), layers.Dense(2))
    figure = plots.weight_images(net)
    images = figure.axes[0].images
    for unit, image in enumerate(images):
        np.testing.assert_allclose(image.get_array(), net.layers[0].W[:, unit].reshape(4, 4))
    assert len(images) == 5
    assert len({(i.norm.vmin, i.norm.vmax) for i in images}) == 1  # one scale for all
    assert images[0].norm.vmax == np.abs(net.layers[0].W).max() == -images[0].norm.vmin
    assert {"eyes: 16 inputs to 5 units", "weight", "5"} <= set(assert_tidy(figure))


def test_the_pictures_shape_is_the_models_input():
    net = model(layers.Flatten(), layers.Dense(2), shape=(3, 5))
    assert plots.weight_images(net).axes[0].images[0].get_array().shape == (3, 5)


def test_one_unit_and_too_many_units(texts_of):
    single = plots.weight_images(RNG.normal(size=(16, 1)))
    assert "weights: 16 inputs to 1 unit" in texts_of(single)
    figure = plots.weight_images(RNG.normal(size=(16, 100)), limit=12)
    assert len(figure.axes[0].images) == 12
    assert "weights: 16 inputs to 100 units, the first 12 are shown" in texts_of(figure)


def test_colour_inputs_show_the_mean_of_their_channels():
    W = RNG.normal(size=(12, 1))
    image = plots.weight_images(W, shape=(2, 2, 3)).axes[0].images[0]
    np.testing.assert_allclose(image.get_array(), W[:, 0].reshape(2, 2, 3).mean(axis=2))


def test_weights_that_are_no_pictures():
    with pytest.raises(ShapeError, match="15 values do not make a square"):
        plots.weight_images(np.zeros((15, 3)))
    with pytest.raises(ShapeError, match=r"expected \(n_in, units\)"):
        plots.weight_images(np.zeros(16))


@pytest.mark.parametrize("draw", [plots.weight_images, plots.weight_histograms])
def test_a_model_without_weights(draw):
    with pytest.raises(NotBuiltError, match="build"):
        draw(Sequential([layers.Dense(3)]))
    with pytest.raises(NotBuiltError, match="at least one Dense"):
        draw(model(layers.Activation("relu")))
    with pytest.raises(NotBuiltError, match="fit"):
        plots.activation_histograms(Sequential([layers.Dense(3)]), [[1.0]])


def bars(ax):
    stairs = ax.patches[0].get_data()
    return stairs.values, stairs.edges


def test_histograms_count_every_value_on_one_axis(assert_tidy):
    values = {"narrow": RNG.normal(size=500), "wide": 10 * RNG.normal(size=(20, 30))}
    figure = plots.histograms(values, x_name="weight", title="Two", bins=40)
    for ax, array in zip(figure.axes, values.values()):
        shares, edges = bars(ax)
        np.testing.assert_allclose(shares, np.histogram(array, edges)[0] / array.size)
        assert shares.sum() == pytest.approx(1)
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()
    texts = assert_tidy(figure)
    assert {"narrow", "wide", "weight", "share of values (%)", "Two"} <= set(texts)
    narrow = values["narrow"]
    assert f"mean {narrow.mean():.2g}, std {narrow.std():.2g}" in texts


def test_what_is_not_finite_is_counted_not_drawn(texts_of):
    figure = plots.histograms({"a": [1.0, 2.0, np.nan, np.inf], "b": [np.nan]})
    assert sorted(bars(figure.axes[0])[0])[-2:] == [0.5, 0.5]  # shares of the finite ones
    texts = texts_of(figure)
    assert any("2 not finite" in text for text in texts)
    assert any("no finite value" in text for text in texts)


def test_constant_values_and_what_lies_outside(texts_of):
    assert bars(plots.histograms({"a": [3.0, 3.0]}).axes[0])[0].sum() == 1
    figure = plots.histograms({"a": [0.0, 1.0, 9.0]}, x_limits=(-2, 2))
    assert any("1 outside" in text for text in texts_of(figure))
    with pytest.raises(DataError, match="a is empty"):
        plots.histograms({"a": []})


def test_many_layers_take_two_rows(assert_tidy):
    values = {f"layer number {i}": RNG.normal(size=50) for i in range(4)}
    assert_tidy(plots.histograms(values, columns=3))


def test_weights_of_every_layer_inside_blocks_too():
    net = model(layers.Dense(4), layers.Residual([layers.Dense(4, name="inner")], name="block"))
    titles = [ax.get_title(loc="left") for ax in plots.weight_histograms(net).axes]
    assert titles == ["dense", "block/inner"]


def test_activations_are_the_layers_outputs_without_dropout():
    net = model(
        layers.Rescaling(1 / 255), layers.Dense(8, "tanh"), layers.Dropout(0.5),
        layers.BatchNormalization(), layers.Dense(3, "softmax"),
    )  # fmt: skip
    x = RNG.integers(0, 256, size=(50, 16)).astype(np.uint8)
    outputs = layer_outputs(net, x)
    assert list(outputs) == ["dense", "batch_normalization", "dense_1"]
    np.testing.assert_allclose(outputs["dense_1"], net.predict(x), rtol=1e-6)
    first = net.layers[1]
    np.testing.assert_allclose(outputs["dense"], np.tanh(x / 255 @ first.W + first.b), atol=1e-6)
    figure = plots.activation_histograms(net, x)
    assert bars(figure.axes[0])[0].sum() == pytest.approx(1)
    with pytest.raises(ShapeError):
        plots.activation_histograms(net, np.zeros((2, 3)))


def test_kernels_are_shown_filter_by_filter(assert_tidy):
    net = model(
        layers.Conv2D(5, 3, name="eyes"), layers.Conv2D(2, (2, 1), name="deep"), layers.Flatten(),
        layers.Dense(2), shape=(8, 8, 1),
    )  # fmt: skip
    figure = plots.weight_images(net)
    images = figure.axes[0].images
    assert {"eyes: 5 filters of 3×3", "What each filter looks for"} <= set(assert_tidy(figure))
    for f, image in enumerate(images):
        np.testing.assert_allclose(image.get_array(), net.layers[0].W[:, :, 0, f])
    deep = plots.weight_images(net, layer="deep")
    assert "deep: 2 filters of 2×1, over 5 channels, the mean of them" in assert_tidy(deep)
    np.testing.assert_allclose(
        deep.axes[0].images[1].get_array(), net.layers[1].W[..., 1].mean(axis=2), rtol=1e-6
    )
    with pytest.raises(UnknownNameError, match="flatten"):
        plots.weight_images(net, layer="flatten")
    series = plots.weight_images(RNG.normal(size=(7, 3, 1)))
    assert series.axes[0].images[0].get_array().shape == (3, 7)
    assert "weights: 1 filter of 7, over 3 channels, one in each row" in assert_tidy(series)


def test_histograms_of_a_network_over_images(assert_tidy):
    net = model(
        layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(),
        layers.Dense(2, "softmax"), shape=(8, 8, 2),
    )  # fmt: skip
    assert {"conv2d", "dense"} <= set(assert_tidy(plots.weight_histograms(net)))
    x = RNG.normal(size=(5, 8, 8, 2))
    assert {"conv2d", "max_pooling2d"} <= set(assert_tidy(plots.activation_histograms(net, x)))
