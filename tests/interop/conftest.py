"""Networks to send through the doors."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import strategies as st

from glassnet import Sequential, layers
from glassnet.activations import ELU, GELU, LeakyReLU
from glassnet.errors import ShapeError

EVERYWHERE = ("relu", "relu6", "sigmoid", "tanh", "elu", "selu", "silu", "softplus", "softmax",
              GELU(), LeakyReLU(0.3), ELU(0.5))  # fmt: skip


def unsettle(model, seed=1):
    """Running means and the like as after some training, and not as at its start."""
    rng = np.random.default_rng(seed)
    for name in model.parameters.tensors():
        view = model.parameters.view(name)
        if not name.endswith("/W"):
            view[...] = rng.uniform(0.5, 1.5, view.shape)
    return model


def network(activation="relu", dtype="float32", block=True, classes=("a", "b", "c")):
    """Every kind of layer, over images of 2×3."""
    stack = [
        layers.Rescaling(0.5, 1.0),
        layers.Flatten(),
        layers.Dense(5, activation),
        layers.BatchNormalization(momentum=0.9),
        layers.Dropout(0.3),
        layers.LayerNormalization(),
        *([layers.Residual([layers.Dense(4, activation), layers.Dense(5)])] if block else []),
        layers.Reshape((5, 1)),
        layers.Flatten(),
        layers.Activation("tanh"),
        layers.Dense(3, "softmax", use_bias=False),
    ]
    model = Sequential(stack, seed=1, dtype=dtype)
    model.build((2, 3))
    model.classes = list(classes)
    return unsettle(model)


def images(n=20, dtype="float32"):
    return np.random.default_rng(0).normal(size=(n, 2, 3)).astype(dtype)


@st.composite
def networks(draw, activations=EVERYWHERE, normalizations=True):
    """Dense layers of any width with anything between them."""
    features = draw(st.integers(1, 5))
    stack = []
    if draw(st.booleans()):
        stack.append(layers.Rescaling(draw(st.sampled_from([0.5, -2.0])), 0.25))
    kinds = ["dense", "dropout", "activation", *(["batch", "layer"] if normalizations else [])]
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=5)):
        f = draw(st.sampled_from(activations))
        if kind == "dense":
            bias = draw(st.booleans())
            stack.append(layers.Dense(draw(st.integers(1, 6)), f, use_bias=bias))
        else:
            stack.append({
                "dropout": lambda: layers.Dropout(0.5), "activation": lambda f=f:
                layers.Activation(f), "batch": layers.BatchNormalization,
                "layer": layers.LayerNormalization,
            }[kind]())  # fmt: skip
    stack.append(layers.Dense(draw(st.integers(1, 4))))
    model = Sequential(stack, seed=draw(st.integers(0, 99)))
    model.build((features,))
    return unsettle(model)


@st.composite
def image_layers(draw, shape, dilations):
    """A layer for images of this shape, if it is large enough for it."""
    padding = st.sampled_from(["valid", "same"])
    pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
    kinds = {
        "conv": lambda: layers.Conv2D(
            draw(st.integers(1, 4)), draw(pair), draw(st.integers(1, 2)), draw(padding),
            activation=draw(st.sampled_from(["relu", "tanh", None])), use_bias=draw(st.booleans()),
        ),
        "dilated": lambda: layers.Conv2D(
            draw(st.integers(1, 4)), draw(pair), 1, draw(padding), draw(st.sampled_from(dilations)),
        ),
        "depthwise": lambda: layers.Conv2D(
            shape[-1] * draw(st.integers(1, 2)), draw(pair), draw(st.integers(1, 2)),
            draw(padding), groups=shape[-1],
        ),
        "max": lambda: layers.MaxPooling2D(draw(pair), draw(pair), draw(padding)),
        "average": lambda: layers.AveragePooling2D(draw(pair), draw(pair), draw(padding)),
        "batch": layers.BatchNormalization,
        "pad": lambda: layers.ZeroPadding2D((draw(pair), draw(pair))),
        "up": lambda: layers.UpSampling2D(draw(st.integers(1, 2))),
        "relu": lambda: layers.Activation("relu"),
        "dropout": lambda: layers.SpatialDropout2D(0.3),
    }  # fmt: skip
    return kinds[draw(st.sampled_from(sorted(kinds)))]()


@st.composite
def image_networks(draw, dilations=(1, 2)):
    """Convolutions and pooling over small images, then rows."""
    size = shape = (*draw(st.tuples(st.integers(5, 9), st.integers(5, 9))),
                    draw(st.sampled_from([1, 2, 3])))  # fmt: skip
    stack = []
    for _ in range(draw(st.integers(1, 4))):
        layer = draw(image_layers(shape, dilations))
        try:
            layer.setup(shape)
        except ShapeError:
            continue  # the image has become too small for it
        stack.append(layer)
        shape = layer.output_shape
    ends = [layers.Flatten, layers.Flatten, layers.GlobalAveragePooling2D,
            layers.GlobalMaxPooling2D]  # fmt: skip
    stack.append(draw(st.sampled_from(ends))())
    between = [lambda: layers.Dropout(0.1), lambda: layers.Activation("tanh"),
               layers.BatchNormalization, layers.LayerNormalization]  # fmt: skip
    stack += [make() for make in draw(st.lists(st.sampled_from(between), max_size=3))]
    stack.append(layers.Dense(draw(st.integers(1, 4))))
    model = Sequential(stack, seed=0)
    model.build(size)
    return unsettle(model)


def rows_for(model, n=7):
    return np.random.default_rng(3).normal(size=(n, *model.input_shape)).astype(model.dtype)


@pytest.fixture(scope="session")
def nets():
    """The functions above, for tests that draw their networks as well."""
    return SimpleNamespace(
        network=network, images=images, networks=networks, rows_for=rows_for, unsettle=unsettle,
        everywhere=EVERYWHERE, image_networks=image_networks,
    )  # fmt: skip


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder for files that are written again and again."""
    return tmp_path_factory.mktemp("interop")


@pytest.fixture
def model():
    return network()


@pytest.fixture
def x():
    return images()


@pytest.fixture
def nothing_left(tmp_path):
    """After a test that had to fail: no file was made, not even half of one."""
    yield tmp_path
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith((".", "out"))] == []


def onnx_file(path, nodes, shape, constants=(), opset=17, batch="n", outputs=("y",)):
    """A file that some other program could have written: from x (batch, …shape) to y."""
    onnx = pytest.importorskip("onnx")
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    graph = helper.make_graph(
        [helper.make_node(op, ins, outs, **settings) for op, ins, outs, settings in nodes],
        "g",
        [helper.make_tensor_value_info("x", 1, [batch, *shape])],
        [helper.make_tensor_value_info(name, 1, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in dict(constants).items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    path.write_bytes(made.SerializeToString())
    return path


def onnx_run(path, x, output=None):
    """What ONNX Runtime makes of x."""
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return session.run(output and [output], {name: x})[0]


@pytest.fixture(scope="session")
def onnx_files():
    """ONNX files made by hand, and ONNX Runtime as their judge."""
    return SimpleNamespace(make=onnx_file, run=onnx_run)
