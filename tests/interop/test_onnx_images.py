"""Networks over images and series as ONNX: ONNX Runtime computes what glassnet predicts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, interop, layers

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def built(nets, stack, shape, seed=0):
    model = Sequential(stack, seed=seed)
    model.build(shape)
    return nets.unsettle(model)


def operators(path):
    return [node.op_type for node in onnx.load(path).graph.node]


def same_there_and_back(model, path, nets, files, sizes=(1, 5)):
    """The checker, ONNX Runtime with batches of these sizes, and the way back."""
    interop.to_onnx(model, path)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    for n in sizes:
        x = nets.rows_for(model, n)
        np.testing.assert_allclose(files.run(path, x, "output"), model.predict(x), **CLOSE)
    back = interop.from_onnx(path)
    assert back.input_shape == model.input_shape
    np.testing.assert_allclose(back.predict(x), model.predict(x), rtol=1e-6, atol=1e-6)
    return back


L = layers
ALONE = {
    "valid": (lambda: L.Conv2D(3, 3, activation="relu"), (6, 5, 2)),
    "same": (lambda: L.Conv2D(3, (3, 2), padding="same"), (6, 5, 2)),
    "same, strides": (lambda: L.Conv2D(3, 3, (2, 3), "same"), (6, 7, 2)),
    "same, even kernel": (lambda: L.Conv2D(2, 4, padding="same", activation="tanh"), (7, 6, 1)),
    "strides larger than the kernel": (lambda: L.Conv2D(2, 1, 3, "same"), (7, 8, 1)),
    "dilated": (lambda: L.Conv2D(3, 3, dilation_rate=(2, 1)), (7, 5, 2)),
    "dilated, same": (lambda: L.Conv2D(3, 2, padding="same", dilation_rate=3), (7, 5, 2)),
    "groups": (lambda: L.Conv2D(6, 3, groups=2), (5, 5, 4)),
    "depthwise": (lambda: L.Conv2D(6, 3, padding="same", groups=3), (5, 5, 3)),
    "no bias": (lambda: L.Conv2D(3, 1, use_bias=False, activation="gelu"), (4, 4, 2)),
    "softmax over channels": (lambda: L.Conv2D(3, 2, activation="softmax"), (4, 4, 2)),
    "a series": (lambda: L.Conv1D(3, 3, activation="relu"), (9, 2)),
    "a series, same": (lambda: L.Conv1D(3, 4, 2, "same", dilation_rate=1), (9, 2)),
    "a series, dilated groups": (lambda: L.Conv1D(4, 2, dilation_rate=2, groups=2), (9, 4)),
    "max": (lambda: L.MaxPooling2D(), (5, 6, 3)),
    "max, same": (lambda: L.MaxPooling2D((3, 2), 2, "same"), (6, 7, 2)),
    "max, overlapping": (lambda: L.MaxPooling2D(3, 1), (5, 5, 2)),
    "average": (lambda: L.AveragePooling2D((2, 3)), (5, 6, 3)),
    "average, same": (lambda: L.AveragePooling2D(3, 2, "same"), (6, 7, 2)),
    "max of a series": (lambda: L.MaxPooling1D(3, 2, "same"), (8, 2)),
    "average of a series": (lambda: L.AveragePooling1D(2, padding="same"), (7, 2)),
    "mean of all": (lambda: L.GlobalAveragePooling2D(), (4, 3, 5)),
    "largest of all": (lambda: L.GlobalMaxPooling2D(), (4, 3, 5)),
    "mean of a series": (lambda: L.GlobalAveragePooling1D(), (6, 3)),
    "largest of a series": (lambda: L.GlobalMaxPooling1D(), (6, 3)),
    "zeros around": (lambda: L.ZeroPadding2D(((1, 0), (2, 3))), (3, 4, 2)),
    "repeated pixels": (lambda: L.UpSampling2D((2, 3)), (3, 4, 2)),
    "batch": (lambda: L.BatchNormalization(), (3, 4, 2)),
    "batch of series": (lambda: L.BatchNormalization(), (5, 2)),
    "layer": (lambda: L.LayerNormalization(), (3, 4, 2)),
    "scaling": (lambda: L.Rescaling(2.0, -1.0), (3, 4, 2)),
    "an activation": (lambda: L.Activation("silu"), (3, 4, 2)),
    "softmax": (lambda: L.Activation("softmax"), (3, 4, 2)),
    "another shape": (lambda: L.Reshape((2, 6, 2)), (3, 4, 2)),
}


@pytest.mark.parametrize("name", ALONE)
def test_each_layer_alone(nets, onnx_files, folder, name):
    """What comes out is an image as well: its channels are last again."""
    make, shape = ALONE[name]
    model = built(nets, [make()], shape)
    same_there_and_back(model, folder / "alone.onnx", nets, onnx_files)


@pytest.mark.parametrize("name", ALONE)
def test_each_layer_between_convolutions_and_rows(nets, onnx_files, folder, name):
    make, shape = ALONE[name]
    series = len(shape) == 2
    before = L.Conv1D(shape[-1], 1) if series else L.Conv2D(shape[-1], 1)
    layer = make()
    layer.setup(shape)
    rows = [] if len(layer.output_shape) == 1 else [L.Flatten()]
    model = built(nets, [before, make(), *rows, L.Dense(3, "softmax")], shape)
    same_there_and_back(model, folder / "between.onnx", nets, onnx_files)


@settings(max_examples=40)
@given(data=st.data())
def test_any_network_over_images(nets, onnx_files, folder, data):
    model = data.draw(nets.image_networks())
    same_there_and_back(model, folder / "any.onnx", nets, onnx_files, sizes=(1, 3))


def lenet():
    return [
        L.Rescaling(1 / 16),
        L.Conv2D(4, 3, padding="same", activation="relu"), L.MaxPooling2D(),
        L.BatchNormalization(), L.Conv2D(6, 2, activation="relu"), L.SpatialDropout2D(0.2),
        L.AveragePooling2D(2, padding="same"), L.Flatten(), L.Dropout(0.1), L.Dense(5, "relu"),
        L.Dense(3, "softmax"),
    ]  # fmt: skip


def test_the_axes_are_turned_once_and_back_once(nets, onnx_files, folder):
    model = built(nets, lenet(), (8, 8, 1))
    back = same_there_and_back(model, folder / "lenet.onnx", nets, onnx_files)
    found = operators(folder / "lenet.onnx")
    assert found.count("Transpose") == 2
    assert found[:3] == ["Mul", "Transpose", "Conv"]
    assert found[found.index("Flatten") - 1] == "Transpose"
    kinds = [layer.kind for layer in back.layers]
    assert kinds == [layer.kind for layer in model.layers if "dropout" not in layer.kind]
    named = {layer.name for layer in model.layers if layer.parameters.size}
    assert named >= {layer.name for layer in back.layers if layer.kind in ("conv2d", "dense")}


def test_what_changes_images_in_training_is_left_out(nets, onnx_files, folder):
    words = "shift=1,rotation=9,zoom=0.1,flip,contrast=0.1,brightness=0.1,noise=0.1"
    model = built(nets, [L.Rescaling(0.5), *L.augment(words, (8, 8, 3)), *lenet()[1:]], (8, 8, 3))
    back = same_there_and_back(model, folder / "changed.onnx", nets, onnx_files)
    assert not any(layer.augments for layer in back.layers)


def test_residual_blocks_keep_their_axes(nets, onnx_files, folder):
    def block():
        return L.Residual([
            L.Conv2D(3, 3, padding="same", activation="relu"), L.BatchNormalization(),
            L.Residual([L.Conv2D(3, 1)]), L.Activation("relu"), L.Conv2D(3, 2, padding="same"),
        ])  # fmt: skip

    def mixed():
        return L.Residual([L.Conv2D(3, 3, padding="same"), L.LayerNormalization()])

    def ends():
        return [L.GlobalAveragePooling2D(), L.Dense(2)]

    model = built(nets, [block(), block(), *ends()], (5, 4, 3))
    same_there_and_back(model, folder / "blocks.onnx", nets, onnx_files)
    assert operators(folder / "blocks.onnx").count("Transpose") == 1
    for stack in ([mixed(), block(), *ends()], [block(), mixed(), *ends()], [mixed()]):
        same_there_and_back(built(nets, stack, (5, 4, 3)), folder / "mixed.onnx", nets, onnx_files)


def test_rows_that_become_images_and_back(nets, onnx_files, folder):
    stack = [
        L.Dense(24, "relu"), L.Reshape((3, 4, 2)), L.Conv2D(2, 2), L.Reshape((-1, 2)),
        L.Conv1D(3, 2), L.Flatten(), L.Dense(2),
    ]  # fmt: skip
    same_there_and_back(built(nets, stack, (7,)), folder / "rows.onnx", nets, onnx_files)


def test_an_image_of_the_file_is_as_glassnet_has_it(nets, folder):
    model = built(nets, [L.Conv2D(2, 3), L.Flatten(), L.Dense(2)], (6, 5, 3))
    interop.to_onnx(model, folder / "input.onnx")
    graph = onnx.load(folder / "input.onnx").graph
    assert [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim] == [0, 6, 5, 3]
