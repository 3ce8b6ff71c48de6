"""ONNX files whose tensors lie in another file: read where they are, or refused for the reason."""

import os
import socket
import tracemalloc

import numpy as np
import pytest

from glassnet import Sequential, interop, layers
from glassnet.errors import FileFormatError

onnx = pytest.importorskip("onnx")


@pytest.fixture
def model():
    model = Sequential([layers.Conv2D(3, 3, activation="relu"), layers.Flatten(),
                        layers.Dense(4)], seed=0)  # fmt: skip
    model.build((6, 5, 2))
    return model


@pytest.fixture
def apart(tmp_path, model):
    """model.onnx and, beside it, weights.bin with every tensor of floats."""
    interop.to_onnx(model, tmp_path / "whole.onnx")
    made = onnx.load(tmp_path / "whole.onnx")
    data = b"head"
    for tensor in made.graph.initializer:
        if tensor.data_type == 1:
            put_away(tensor, "weights.bin", len(data), len(tensor.raw_data))
            data += tensor.raw_data
            tensor.ClearField("raw_data")
    (tmp_path / "weights.bin").write_bytes(data)
    (tmp_path / "model.onnx").write_bytes(made.SerializeToString())
    return tmp_path / "model.onnx"


def put_away(tensor, location, offset, length):
    tensor.data_location = onnx.TensorProto.EXTERNAL
    del tensor.external_data[:]
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        if value is not None:
            entry = tensor.external_data.add()
            entry.key, entry.value = key, str(value)


def change(path, location="weights.bin", offset=4, length=None, dims=None, which=0):
    """Where the file says that one of its tensors is."""
    made = onnx.load(path, load_external_data=False)
    tensor = [t for t in made.graph.initializer if t.external_data][which]
    put_away(tensor, location, offset, length)
    if dims is not None:
        tensor.dims[:] = dims
    path.write_bytes(made.SerializeToString())


def refused(path, words):
    tracemalloc.start()
    with pytest.raises(FileFormatError, match=words) as told:
        interop.from_onnx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(path) in str(told.value)
    assert peak < 20 << 20
    return str(told.value)


def test_weights_beside_the_file(apart, model):
    x = np.random.default_rng(0).normal(size=(3, 6, 5, 2)).astype(np.float32)
    np.testing.assert_array_equal(interop.from_onnx(apart).predict(x), model.predict(x))


def test_as_the_package_onnx_saves_them(tmp_path, model):
    interop.to_onnx(model, tmp_path / "whole.onnx")
    made = onnx.load(tmp_path / "whole.onnx")
    (tmp_path / "data").mkdir()
    onnx.save(made, str(tmp_path / "a.onnx"), save_as_external_data=True,
              location="data/a.bin", size_threshold=0)  # fmt: skip
    x = np.random.default_rng(0).normal(size=(3, 6, 5, 2)).astype(np.float32)
    np.testing.assert_array_equal(
        interop.from_onnx(tmp_path / "a.onnx").predict(x), model.predict(x)
    )


def test_without_offset_and_length_it_is_the_whole_file(apart, model):
    W = np.moveaxis(model.layers[0].W, (-1, -2), (0, 1))
    (apart.parent / "own.bin").write_bytes(np.ascontiguousarray(W).tobytes())
    change(apart, "own.bin", None, None)
    x = np.random.default_rng(0).normal(size=(3, 6, 5, 2)).astype(np.float32)
    np.testing.assert_array_equal(interop.from_onnx(apart).predict(x), model.predict(x))


def test_the_command_for_who_forgot_the_second_file(apart):
    (apart.parent / "weights.bin").unlink()
    assert "put that file beside the model" in refused(apart, "'weights.bin', which is not there")


@pytest.mark.parametrize(
    "location",
    ["../weights.bin", "data/../../weights.bin", "/etc/passwd", "..\\weights.bin",
     "C:\\weights.bin", "C:weights.bin", "", ".", "file:weights.bin", "weights.bin\0",
     "a/\\..\\..\\weights.bin"],
)  # fmt: skip
def test_places_outside_are_not_looked_at(apart, location):
    change(apart, location)
    refused(apart, "no place beside the model|embedded null|which is no file")


def test_links_are_not_followed(apart, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "secret.bin").write_bytes(bytes(10_000))
    (apart.parent / "link.bin").symlink_to(elsewhere / "secret.bin")
    (apart.parent / "folder").symlink_to(elsewhere)
    (apart.parent / "nowhere.bin").symlink_to(elsewhere / "gone.bin")
    for location in ("link.bin", "folder/secret.bin", "nowhere.bin"):
        change(apart, location)
        refused(apart, "which is a link")


def test_the_folder_of_the_model_may_be_a_link(apart, model, tmp_path_factory):
    link = tmp_path_factory.mktemp("links") / "folder"
    link.symlink_to(apart.parent)
    x = np.zeros((1, 6, 5, 2), np.float32)
    np.testing.assert_array_equal(
        interop.from_onnx(link / "model.onnx").predict(x), model.predict(x)
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_what_is_no_file_is_not_waited_for(apart, monkeypatch):
    os.mkfifo(apart.parent / "pipe.bin")
    monkeypatch.chdir(apart.parent)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.bin")
        for location in ("pipe.bin", "socket.bin", "data"):
            (apart.parent / "data").mkdir(exist_ok=True)
            change(apart, location)
            refused(apart, "which is no file|cannot be read")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"offset": 10_000}, r"10,000 to 10,216 of 'weights.bin', which has"),
        ({"offset": "9" * 18}, "of 'weights.bin', which has"),
        ({"offset": "9" * 40}, "which is no size"),
        ({"offset": -4}, "offset = '-4', which is no size"),
        ({"offset": "4.5"}, "which is no size"),
        ({"offset": "٤"}, "which is no size"),
        ({"offset": ""}, "which is no size"),
        ({"length": 8}, "takes 216 bytes, but 8 are stated"),
        ({"length": 10**15}, "takes 216 bytes, but 1,000,000,000,000,000 are stated"),
        ({"dims": [3, 2, 3, 10**12]}, "larger than max_bytes"),
        ({"dims": [3, 2, 3, 10**6]}, "of 'weights.bin', which has"),
        ({"dims": [-3, -2, 3, 3]}, "has the shape"),
        ({"dims": [0, 2, 3, 3]}, "kernel of shape"),
    ],
)
def test_sizes_that_lie(apart, settings, words):
    change(apart, **settings)
    refused(apart, words)


def test_many_tensors_of_the_same_bytes_have_an_end(apart):
    """A small file must not become a large one in memory."""
    made = onnx.load(apart, load_external_data=False)
    with (apart.parent / "weights.bin").open("r+b") as file:
        file.truncate(16 << 20)  # of nothing but zeros, which take no place on the disk
    for i in range(200):
        tensor = made.graph.initializer.add()
        tensor.name, tensor.data_type = f"again{i}", 1
        tensor.dims[:] = [4 << 20]
        put_away(tensor, "weights.bin", 0, 16 << 20)
    apart.write_bytes(made.SerializeToString())
    with pytest.raises(FileFormatError, match="larger than max_bytes together"):
        interop.from_onnx(apart, max_bytes=32 << 20)


def test_tensors_in_constant_nodes_are_looked_at_as_well(apart):
    made = onnx.load(apart, load_external_data=False)
    node = made.graph.node.add()
    node.op_type, node.output[:] = "Constant", ["c"]
    attribute = node.attribute.add()
    attribute.name, attribute.type = "value", onnx.AttributeProto.TENSOR
    attribute.t.data_type, attribute.t.dims[:] = 1, [1]
    put_away(attribute.t, "../../x", 0, 4)
    apart.write_bytes(made.SerializeToString())
    refused(apart, "no place beside the model")
