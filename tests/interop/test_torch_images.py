"""Convolutions, pooling and their kin, to PyTorch and from it: channels first there, last here."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from glassnet import Sequential, interop, layers
from glassnet.errors import ConfigError, FileFormatError
from glassnet.interop.torch.files import _wanted, read

torch = pytest.importorskip("torch")
nn = torch.nn

pytestmark = [
    pytest.mark.parity,
    # of what PyTorch does for an even kernel with padding="same"
    pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning"),
]


def answers(module, x):
    """What the module gives for images with their channels last."""
    with torch.no_grad():
        y = module(torch.tensor(np.moveaxis(x, -1, 1).copy())).numpy()
    return np.moveaxis(y, 1, -1) if y.ndim > 2 else y


def samples(shape, n=4, dtype=np.float32):
    return np.random.default_rng(3).normal(size=(n, *shape)).astype(dtype)


def same(**given):
    return {"padding": "same", **given}


STACKS = {
    "lenet": ((9, 8, 2), lambda: [
        layers.Rescaling(0.5, -0.1), layers.Conv2D(4, 3, **same(activation="relu")),
        layers.MaxPooling2D(2), layers.Conv2D(3, (2, 3), activation="tanh"), layers.Flatten(),
        layers.Dense(5, "relu"), layers.Dense(3, "softmax"),
    ]),
    "with layers between": ((6, 5, 3), lambda: [
        layers.Conv2D(4, 2), layers.Flatten(), layers.Dropout(0.5), layers.BatchNormalization(),
        layers.Activation("tanh"), layers.LayerNormalization(), layers.Rescaling(0.5),
        layers.Flatten(), layers.Dense(3), layers.Dense(2),
    ]),
    "every setting": ((11, 12, 4), lambda: [
        layers.ZeroPadding2D(((1, 0), (2, 3))),
        layers.Conv2D(6, (3, 2), strides=(2, 1), groups=2, use_bias=False),
        layers.BatchNormalization(), layers.Activation("relu"), layers.SpatialDropout2D(0.2),
        layers.UpSampling2D((2, 1)), layers.Conv2D(4, 3, dilation_rate=(2, 1), padding="same"),
        layers.AveragePooling2D((3, 2), strides=2, padding="same"),
        layers.MaxPooling2D(3, strides=1, padding="same"), layers.GlobalAveragePooling2D(),
        layers.Dense(3),
    ]),
    "blocks": ((7, 6, 2), lambda: [
        layers.Conv2D(4, 3, **same()), layers.BatchNormalization(),
        layers.Residual([layers.Conv2D(4, 3, **same(activation="relu")),
                         layers.BatchNormalization(),
                         layers.Residual([layers.Conv2D(4, (1, 4), **same())])]),
        layers.GlobalMaxPooling2D(), layers.Dense(3, "softmax"),
    ]),
    "images that are changed in training": ((6, 6, 3), lambda: [
        *layers.augment("shift=1,rotation=9,zoom=0.1,flip,contrast=0.1,brightness=0.1,noise=0.1",
                        (6, 6, 3)), layers.Conv2D(2, 2), layers.Flatten(), layers.Dense(2),
    ]),
    "depthwise": ((8, 8, 3), lambda: [
        layers.Conv2D(6, 3, groups=3), layers.Conv2D(6, 3, groups=6, padding="same"),
        layers.Flatten(), layers.Dense(2),
    ]),
    "series": ((14, 3), lambda: [
        layers.Conv1D(4, 3, **same(activation="relu")), layers.SpatialDropout1D(0.1),
        layers.MaxPooling1D(2), layers.BatchNormalization(), layers.Conv1D(4, 2, 2, groups=4),
        layers.AveragePooling1D(2, padding="same"), layers.Flatten(), layers.Dense(2),
    ]),
    "global series": ((9, 2), lambda: [layers.Conv1D(4, 3), layers.GlobalAveragePooling1D()]),
    "largest of a series": ((9, 2), lambda: [layers.GlobalMaxPooling1D()]),
    "images out of rows": ((16,), lambda: [
        layers.Reshape((4, 4, 1)), layers.Conv2D(3, 2), layers.Flatten(), layers.Dense(2),
    ]),
    "images all through": ((5, 4, 2), lambda: [layers.Conv2D(3, 2), layers.UpSampling2D(2)]),
    "batch normalization alone": ((4, 5, 3), lambda: [
        layers.BatchNormalization(), layers.Flatten(), layers.Dense(2),
    ]),
    "of a series too": ((4, 3), lambda: [
        layers.BatchNormalization(), layers.Flatten(), layers.Dense(2),
    ]),
    "flattened and put together": ((4, 5, 3), lambda: [
        layers.MaxPooling2D((2, 1)), layers.Flatten(), layers.Activation("relu"),
        layers.Reshape((2, 5, 3)), layers.Conv2D(2, 2), layers.GlobalMaxPooling2D(),
    ]),
}  # fmt: skip


def built(nets, name, dtype="float32"):
    shape, make = STACKS[name]
    model = Sequential(make(), seed=1, dtype=dtype)
    model.build(shape)
    return nets.unsettle(model), samples(shape, dtype=dtype)


@pytest.mark.parametrize("name", STACKS)
def test_there_and_back(nets, tmp_path, name):
    for dtype, close in (("float32", 1e-5), ("float64", 1e-13)):
        model, x = built(nets, name, dtype)
        if dtype == "float64" and not model.parameters.size:
            continue  # nothing in PyTorch's module has a type
        module = interop.to_torch(model)
        expected = model.predict(x)
        np.testing.assert_allclose(answers(module, x), expected, rtol=close, atol=close)
        back = interop.from_torch(module, model.input_shape)
        np.testing.assert_array_equal(back.predict(x), expected)
        interop.save_torch_weights(model, tmp_path / "w.safetensors")
        described, _ = read(tmp_path / "w.safetensors")
        np.testing.assert_array_equal(described.predict(x), expected)


@settings(max_examples=40, deadline=None)
@given(drawn=st.data())
def test_any_chain_of_layers(nets, drawn):
    model = drawn.draw(nets.image_networks())
    x = nets.rows_for(model, 3)
    try:
        module = interop.to_torch(model)
    except ConfigError as error:
        assert "strides of 1" in str(error)  # the one pooling that PyTorch does not have
        assume(False)
    np.testing.assert_allclose(answers(module, x), model.predict(x), rtol=1e-4, atol=1e-4)
    back = interop.from_torch(module, model.input_shape)
    np.testing.assert_array_equal(back.predict(x), model.predict(x))


@pytest.mark.parametrize("name", ["lenet", "with layers between", "blocks", "series"])
def test_gradients(nets, name):
    shape, make = STACKS[name]
    stack = [x for x in make() if not x.random_in_training]
    model = Sequential(stack, seed=0, dtype="float64")
    model.compile("sgd", "mse")
    model.build(shape)
    nets.unsettle(model)
    x = samples(shape, dtype=np.float64)
    y = np.random.default_rng(0).normal(size=(len(x), model.outputs))
    module = interop.to_torch(model)
    loss, _ = model.loss_and_gradient(x, y, training=True)
    module.train()
    theirs = nn.functional.mse_loss(module(torch.tensor(np.moveaxis(x, -1, 1).copy())),
                                    torch.tensor(y))  # fmt: skip
    theirs.backward()
    assert loss == pytest.approx(theirs.item(), rel=1e-12)
    # a gradient lies as its weight does: put it in the weight's place and read it
    grads = {k: p.grad.clone() for k, p in module.named_parameters()}
    module.load_state_dict({**module.state_dict(), **grads})
    back = interop.from_torch(module.eval(), shape)
    for ours, read_back in zip(model.parameters.names, back.parameters.names):
        np.testing.assert_allclose(
            model.parameters.gradient(ours), back.parameters.view(read_back), rtol=1e-9, atol=1e-12
        )


# ---- networks that PyTorch made ---------------------------------------------------------------


def trained(*modules, shape):
    """In evaluation mode, its running values moved; a sample's shape channels last."""
    torch.manual_seed(0)
    module = nn.Sequential(*modules)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-1, 1)
        module(torch.tensor(np.moveaxis(samples(shape, 16), -1, 1).copy()))
    return module.eval()


OF_PYTORCH = {
    "as people have it": ((14, 14, 1), lambda: [
        nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Sequential(nn.Conv2d(4, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(),
                      nn.MaxPool2d(2, 2)),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(54, 8), nn.ReLU(), nn.Linear(8, 3),
    ]),
    "strides and padding": ((8, 9, 3), lambda: [
        nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 5, 1, (2, 0)),
        nn.Flatten(), nn.Linear(16, 2),
    ]),
    "the beginning of a ResNet": ((17, 16, 3), lambda: [
        nn.Conv2d(3, 4, 7, stride=2, padding=3, bias=False), nn.BatchNorm2d(4),
        nn.ReLU(inplace=True), nn.MaxPool2d(3, stride=2, padding=1), nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(), nn.Linear(4, 2),
    ]),
    "averages with zeros": ((7, 8, 2), lambda: [
        nn.AvgPool2d(3, 2, padding=1), nn.AvgPool2d(2, ceil_mode=True), nn.Flatten(),
        nn.Linear(8, 2),
    ]),
    "averages without zeros": ((7, 7, 2), lambda: [
        nn.AvgPool2d(3, 2, padding=1, count_include_pad=False), nn.Flatten(), nn.Linear(32, 2),
    ]),
    "over the edge": ((7, 8, 2), lambda: [
        nn.MaxPool2d(2, ceil_mode=True), nn.AdaptiveMaxPool2d(1), nn.Flatten(),
    ]),
    "adaptive": ((6, 8, 2), lambda: [nn.AdaptiveAvgPool2d((3, 2)), nn.AdaptiveMaxPool2d((None, 1)),
                                     nn.Flatten(), nn.Linear(6, 1)]),
    "depthwise and pointwise": ((6, 6, 3), lambda: [
        nn.Conv2d(3, 6, 3, groups=3, padding="same"), nn.Conv2d(6, 2, 1), nn.Tanh(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    ]),
    "larger": ((4, 3, 2), lambda: [
        nn.ZeroPad2d((1, 2, 0, 1)), nn.Upsample(scale_factor=2), nn.Dropout2d(0.2),
        nn.Upsample((30, 12)), nn.UpsamplingNearest2d(scale_factor=(1, 2)), nn.Conv2d(2, 1, 3),
    ]),
    "dilated": ((12, 11, 2), lambda: [
        nn.Conv2d(2, 3, 3, dilation=2, padding=2), nn.Conv2d(3, 2, 3, dilation=(2, 1)),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(),
    ]),
    "a series": ((12, 3), lambda: [
        nn.Conv1d(3, 4, 3, padding=1), nn.BatchNorm1d(4), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(4, 4, 3), nn.AvgPool1d(2), nn.Dropout1d(0.1), nn.Flatten(), nn.Linear(8, 2),
    ]),
    "a series as a whole": ((7, 2), lambda: [
        nn.Conv1d(2, 3, 2), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(3, 2),
    ]),
    "the largest of a series": ((7, 2), lambda: [nn.AdaptiveMaxPool1d(1), nn.Flatten()]),
    "normalized": ((4, 4, 3), lambda: [
        nn.Conv2d(3, 2, 2), nn.BatchNorm2d(2, affine=False), nn.Flatten(), nn.BatchNorm1d(18),
        nn.LayerNorm(18), nn.Tanh(), nn.Linear(18, 2),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_PYTORCH)
def test_networks_of_pytorch(name):
    shape, make = OF_PYTORCH[name]
    module = trained(*make(), shape=shape)
    x = samples(shape)
    model = interop.from_torch(module, shape)
    np.testing.assert_allclose(model.predict(x), answers(module, x), rtol=1e-4, atol=1e-5)
    first = (shape[-1], *shape[:-1])
    if "pool" not in type(module[0]).__name__.lower() and name != "larger":
        again = interop.from_torch(module, first)  # as PyTorch says it
        np.testing.assert_array_equal(again.predict(x), model.predict(x))


@settings(max_examples=60, deadline=None)
@given(drawn=st.data())
def test_any_pooling_of_pytorch_is_read_right_or_refused(drawn):
    draw = drawn.draw
    pair = st.tuples(st.integers(1, 4), st.integers(1, 4))
    size = draw(pair)
    padding = tuple(draw(st.integers(0, k // 2)) for k in size)
    given = {"kernel_size": size, "stride": draw(pair), "padding": padding,
             "ceil_mode": draw(st.booleans())}  # fmt: skip
    if draw(st.booleans()):
        pool = nn.AvgPool2d(**given, count_include_pad=draw(st.booleans()))
    else:
        pool = nn.MaxPool2d(**given)
    before = [nn.ReLU()] if draw(st.booleans()) else []
    shape = (draw(st.integers(4, 8)), draw(st.integers(4, 8)), 2)
    module = nn.Sequential(*before, pool)
    x = samples(shape, 2)
    try:
        model = interop.from_torch(module, shape)
    except ConfigError as error:
        assert "neither 'valid' nor 'same'" in str(error)
        return
    np.testing.assert_allclose(model.predict(x), answers(module, x), rtol=1e-5, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(drawn=st.data())
def test_any_convolution_of_pytorch_is_read_right(drawn):
    draw = drawn.draw
    pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
    stride = draw(pair)
    word = [st.just("same")] if stride == (1, 1) else []
    shape = (draw(st.integers(5, 9)), draw(st.integers(5, 9)), 2)
    module = trained(
        nn.Conv2d(2, 4, draw(pair), stride, draw(st.one_of(pair, st.just("valid"), *word)),
                  draw(st.tuples(st.integers(1, 2), st.integers(1, 2))),
                  draw(st.sampled_from([1, 2])), draw(st.booleans())),
        shape=shape,
    )  # fmt: skip
    x = samples(shape, 2)
    model = interop.from_torch(module, shape)
    np.testing.assert_allclose(model.predict(x), answers(module, x), rtol=1e-4, atol=1e-5)


REFUSED = {
    "no shape": (lambda: [nn.Conv2d(1, 1, 2)], None, "pass input_shape=.rows, columns, channels"),
    "circular": (lambda: [nn.Conv2d(2, 1, 2, padding=1, padding_mode="circular")], (4, 4, 2),
                 "padding_mode 'circular'"),
    "dilated pooling": (lambda: [nn.MaxPool2d(2, dilation=2)], (4, 4, 2), "dilation = 2"),
    "indices": (lambda: [nn.MaxPool2d(2, return_indices=True)], (4, 4, 2), "return_indices"),
    "divisor": (lambda: [nn.AvgPool2d(2, divisor_override=3)], (4, 4, 2), "divisor_override"),
    "minus infinity": (lambda: [nn.MaxPool2d(3, 2, padding=1)], (6, 6, 2), "-∞.*neither"),
    "over the edge": (lambda: [nn.MaxPool2d(4, 2, ceil_mode=True)], (7, 7, 2), "over the end"),
    "uneven": (lambda: [nn.AdaptiveAvgPool2d(3)], (7, 7, 2), "different sizes"),
    "bilinear": (lambda: [nn.Upsample(scale_factor=2, mode="bilinear")], (4, 4, 2), "bilinear"),
    "one and a half": (lambda: [nn.Upsample(scale_factor=1.5)], (4, 4, 2), "whole number"),
    "cuts": (lambda: [nn.ZeroPad2d(-1)], (4, 4, 2), "negative"),
    "series": (lambda: [nn.Conv1d(2, 1, 3, 2, padding=1)], (8, 2), "around a series"),
    "flat at the end": (lambda: [nn.Conv2d(2, 3, 2), nn.Flatten()], (4, 4, 2), "End the network"),
    "columns": (lambda: [nn.Conv2d(2, 3, 2), nn.LayerNorm(3)], (4, 4, 2), "last axis"),
    "softmax": (lambda: [nn.Conv2d(2, 3, 2), nn.Softmax(1)], (4, 4, 2), "last axis|channels first"),
    "another image": (lambda: [nn.Conv2d(2, 4, 2), nn.Flatten(), nn.Unflatten(1, (3, 3, 4)),
                               nn.Conv2d(3, 1, 1)], (4, 4, 2), "another order"),
    "an image out of rows": (lambda: [nn.Linear(4, 8), nn.Unflatten(1, (2, 2, 2)),
                                      nn.Conv2d(2, 1, 1)], None, "another order"),
    "a block": (lambda: [nn.Conv2d(2, 3, 2), nn.Flatten(), block(27)], (4, 4, 2), "Put a Dense"),
    "no series": (lambda: [nn.Linear(4, 8), nn.Unflatten(1, (2, 4)), nn.BatchNorm1d(2)], None,
                  "another order"),
    "too few rows": (lambda: [nn.Conv2d(2, 3, 2), nn.Flatten(), nn.Linear(26, 1)], (4, 4, 2),
                     r"its W has shape \(26, 1\), but \(27, 1\)"),
    "other channels": (lambda: [nn.Conv2d(3, 3, 2), nn.Flatten(), nn.Linear(27, 1)], (4, 4, 2),
                       r"its W has shape \(2, 2, 3, 3\), but \(2, 2, 2, 3\)"),
    "transposed": (lambda: [nn.ConvTranspose2d(1, 1, 2)], (4, 4, 1), "ConvTranspose2d has no"),
}  # fmt: skip


def block(width):
    model = Sequential([layers.Residual([layers.Dense(width)])])
    model.build((width,))
    return interop.to_torch(model)[0]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_the_same_here_is_refused(name):
    make, shape, words = REFUSED[name]
    with pytest.raises(ConfigError, match=words):
        interop.from_torch(nn.Sequential(*make()), shape)


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        (lambda: [layers.Conv2D(3, 2), layers.Flatten()], "End the network with a Dense"),
        (lambda: [layers.Conv2D(3, 2), layers.LayerNormalization()], "last axis"),
        (lambda: [layers.Conv2D(3, 2, activation="softmax"), layers.Flatten(), layers.Dense(2)],
         "last axis|channels"),
        (lambda: [layers.MaxPooling2D(2, 1, "same")], "strides of 1"),
        (lambda: [layers.Conv2D(4, 2), layers.Reshape((3, 4, 3)), layers.Conv2D(1, 1)],
         "another order"),
        (lambda: [layers.Conv2D(4, 2), layers.Flatten(), layers.Residual([layers.Dense(36)]),
                  layers.Dense(1)], "Put a Dense layer before it"),
    ],
)  # fmt: skip
def test_what_pytorch_does_not_have_is_named(stack, words, nothing_left):
    model = Sequential(stack())
    model.build((4, 4, 2))
    with pytest.raises(ConfigError, match=words):
        interop.to_torch(model)
    with pytest.raises(ConfigError, match=words):
        interop.save_torch_weights(model, nothing_left / "out.safetensors")


# ---- weights as people have them ---------------------------------------------------------------


class Net(nn.Module):
    """The network of PyTorch's own tutorial, small: what it does between stands in forward."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 3, 3)
        self.conv2 = nn.Conv2d(3, 4, 3)
        self.bn1 = nn.BatchNorm2d(3)
        self.fc1 = nn.Linear(4 * 4, 5)
        self.fc2 = nn.Linear(5, 2)

    def forward(self, x):
        pool = nn.functional.max_pool2d
        x = pool(torch.relu(self.bn1(self.conv1(x))), 2)
        x = pool(torch.relu(self.conv2(x)), 2)
        return self.fc2(torch.relu(self.fc1(torch.flatten(x, 1))))


def like_net():
    stack = [
        layers.Conv2D(3, 3), layers.BatchNormalization(epsilon=1e-5), layers.Activation("relu"),
        layers.MaxPooling2D(2), layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(2),
        layers.Flatten(), layers.Dense(5, "relu"), layers.Dense(2),
    ]  # fmt: skip
    model = Sequential(stack, seed=7)
    model.build((14, 14, 1))
    return model


def test_weights_of_a_module_of_ones_own(tmp_path):
    import safetensors.torch

    torch.manual_seed(0)
    net, x = Net(), samples((14, 14, 1), 8)
    answers(net, x)  # in training mode: it moves the running values
    net.eval()
    safetensors.torch.save_file(net.state_dict(), tmp_path / "net.safetensors")
    model = like_net()
    interop.load_torch_weights(model, tmp_path / "net.safetensors")
    np.testing.assert_allclose(model.predict(x), answers(net, x), rtol=1e-5, atol=1e-6)
    named = like_net()
    order = ["conv1", "bn1", "conv2", "fc1", "fc2"]
    interop.load_torch_weights(named, tmp_path / "net.safetensors", modules=order)
    np.testing.assert_array_equal(named.predict(x), model.predict(x))


def test_weights_that_do_not_fit_are_named(tmp_path):
    import safetensors.torch

    state = Net().state_dict()
    path = tmp_path / "net.safetensors"
    for change, words in [
        ({"conv2.weight": torch.ones(4, 3, 2, 3)}, r"conv2.weight \(with its filters last\)"),
        ({"conv2.weight": torch.ones(4, 27)}, "in what order"),
        ({"fc1.weight": torch.ones(5, 17)}, r"fc1.weight \(transposed\)"),
        ({"head.weight": torch.ones(2, 2), "head.bias": torch.ones(2)}, "modules|order"),
    ]:
        safetensors.torch.save_file({**state, **change}, path)
        model = like_net()
        before = model.parameters.values.copy()
        with pytest.raises(FileFormatError, match=words):
            interop.load_torch_weights(model, path)
        np.testing.assert_array_equal(model.parameters.values, before)


def test_the_rows_behind_a_flattening_are_turned(nets):
    """Left as they are, other answers come out: the order is not the same by chance."""
    model, x = built(nets, "lenet")
    module = interop.to_torch(model)
    dense = next(layer for layer in model.layers if layer.kind == "dense")
    name = next(k for k, w in _wanted(model.layers).items() if w.ours == f"{dense.name}/W")
    assert _wanted(model.layers)[name].image == (3, 2, 3)
    straight = torch.tensor(dense.W.T.copy())
    assert not torch.equal(module.state_dict()[name], straight)
    module.load_state_dict({**module.state_dict(), name: straight})
    assert np.abs(answers(module, x) - model.predict(x)).max() > 1e-3
