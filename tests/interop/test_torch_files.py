"""Weights by PyTorch's names in safetensors, without PyTorch."""

import json
import struct

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, interop, layers
from glassnet.errors import ConfigError, FileFormatError, NotBuiltError
from glassnet.interop.torch.files import read


def small(seed=0):
    model = Sequential([layers.Dense(4, "relu"), layers.Dense(2, "softmax")], seed=seed)
    model.build((3,))
    return model


@pytest.fixture
def path(tmp_path):
    interop.save_torch_weights(small(), tmp_path / "weights.safetensors")
    return tmp_path / "weights.safetensors"


def test_names_and_shapes(path):
    shapes = {k: v.shape for k, v in safetensors.numpy.load_file(path).items()}
    assert shapes == {"0.weight": (4, 3), "0.bias": (4,), "2.weight": (2, 4), "2.bias": (2,)}


def test_transposed_weights_are_written_as_they_are(tmp_path):
    """Some versions of safetensors write a transposed view in the wrong order, without a word."""
    W = np.arange(6, dtype=np.float32).reshape(2, 3)
    model = Sequential([layers.Dense(3, use_bias=False)])
    model.build((2,))
    model.layers[0].W[...] = W
    interop.save_torch_weights(model, tmp_path / "w.safetensors")
    found = safetensors.numpy.load_file(tmp_path / "w.safetensors")["0.weight"]
    np.testing.assert_array_equal(found, [[0, 3], [1, 4], [2, 5]])


def test_a_round_trip_changes_nothing(nets, tmp_path):
    for dtype in ("float32", "float64"):
        model, x = nets.network("tanh", dtype), nets.images(dtype=dtype)
        interop.save_torch_weights(model, tmp_path / "w.safetensors", notes={"a": [1]})
        back, said = read(tmp_path / "w.safetensors")
        np.testing.assert_array_equal(back.predict(x), model.predict(x))
        assert said["notes"] == {"a": [1]} and back.classes.tolist() == ["a", "b", "c"]
        other = nets.network("tanh", dtype)
        other.parameters.values[...] = 0
        interop.load_torch_weights(other, tmp_path / "w.safetensors")
        np.testing.assert_array_equal(other.predict(x), model.predict(x))


@settings(max_examples=25)
@given(drawn=st.data())
def test_any_chain_of_layers(nets, folder, drawn):
    model = drawn.draw(nets.networks())
    x = nets.rows_for(model)
    interop.save_torch_weights(model, folder / "any.safetensors")
    back, _ = read(folder / "any.safetensors")
    np.testing.assert_array_equal(back.predict(x), model.predict(x))


def renamed(path, names):
    tensors = safetensors.numpy.load_file(path)
    out = path.with_name("renamed.safetensors")
    safetensors.numpy.save_file({new: tensors[old] for old, new in names.items()}, out)
    return out


def test_weights_under_other_names(path):
    x = np.ones((2, 3))
    names = ("0.weight", "0.bias", "2.weight", "2.bias")
    numbered = renamed(path, dict(zip(names, ("fc9.weight", "fc9.bias", "fc10.weight",
                                              "fc10.bias"))))  # fmt: skip
    model = small(seed=5)
    interop.load_torch_weights(model, numbered)
    np.testing.assert_array_equal(model.predict(x), small().predict(x))
    worded = renamed(path, dict(zip(names, ("z.weight", "z.bias", "head.weight", "head.bias"))))
    model = small(seed=5)
    before = model.predict(x)
    with pytest.raises(FileFormatError, match=r"in what order they come.*modules="):
        interop.load_torch_weights(model, worded)
    with pytest.raises(FileFormatError, match="shape"):
        interop.load_torch_weights(model, worded, modules=["head", "z"])
    with pytest.raises(FileFormatError, match="modules head, z"):
        interop.load_torch_weights(model, worded, modules=["z"])
    np.testing.assert_array_equal(model.predict(x), before)
    interop.load_torch_weights(model, worded, modules=["z", "head"])
    np.testing.assert_array_equal(model.predict(x), small().predict(x))


def test_weights_that_do_not_fit_leave_the_model_as_it_was(path):
    x = np.ones((2, 3))
    for stack, words in [
        ([layers.Dense(4), layers.Dense(2, use_bias=False)], "has bias, weight; the layer"),
        ([layers.Dense(5), layers.Dense(2)], r"0.weight \(transposed\) has shape"),
        ([layers.Dense(2)], "1 layers with weights"),
        ([layers.Dense(4), layers.LayerNormalization()], "expected|shape|1-D|needed"),
    ]:
        model = Sequential(stack, seed=3)
        model.build((3,))
        before = model.predict(x)
        with pytest.raises(FileFormatError, match=words):
            interop.load_torch_weights(model, path)
        np.testing.assert_array_equal(model.predict(x), before)


def test_files_that_are_something_else(tmp_path, path):
    whole = path.read_bytes()
    bad = tmp_path / "bad.safetensors"
    for content in (b"", b"x" * 100, whole[:40], whole[:-4], whole + b"more",
                    struct.pack("<Q", 2**40) + whole[8:]):  # fmt: skip
        bad.write_bytes(content)
        with pytest.raises(FileFormatError, match=r"bad.safetensors"):
            interop.load_torch_weights(small(), bad)
    with pytest.raises(FileNotFoundError):
        interop.load_torch_weights(small(), tmp_path / "none.safetensors")
    small().save(tmp_path / "own.safetensors")
    own, _ = read(tmp_path / "own.safetensors")  # a model of glassnet itself comes in as well
    assert (own.parameters.values == small().parameters.values).all()


def test_weights_alone_say_what_to_do(tmp_path):
    safetensors.numpy.save_file({"0.weight": np.ones((2, 2))}, tmp_path / "w.safetensors")
    with pytest.raises(FileFormatError, match="from_torch_weights"):
        read(tmp_path / "w.safetensors")


@pytest.mark.parametrize("bad", [np.full((4, 3), np.nan), np.full((4, 3), np.inf),
                                 np.ones((4, 3), int), np.ones(12)])  # fmt: skip
def test_weights_that_are_no_weights(path, bad):
    tensors = {**safetensors.numpy.load_file(path), "0.weight": bad}
    safetensors.numpy.save_file(tensors, path)
    with pytest.raises(FileFormatError, match=r"0.weight"):
        interop.load_torch_weights(small(), path)


def test_bytes_that_were_changed_never_end_in_a_traceback(tmp_path, path):
    whole = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    bad = tmp_path / "bad.safetensors"
    for _ in range(300):
        changed = bytearray(whole)
        for place in rng.integers(0, len(whole), 2):
            changed[place] = rng.integers(0, 256)
        bad.write_bytes(changed)
        try:
            read(bad)
        except FileFormatError as error:
            assert str(bad) in str(error)


def described(path, change):
    """The file with another description of its network."""
    tensors = safetensors.numpy.load_file(path)
    with safetensors.safe_open(path, framework="numpy") as file:
        said = json.loads(file.metadata()["glassnet"])
    change(said)
    safetensors.numpy.save_file(tensors, path, {"glassnet": json.dumps(said)})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s["model"]["layers"][0].update(units=10**12), "not read"),
        (lambda s: s["model"]["layers"][0].update(units=10**6), "numbers"),
        (lambda s: s["model"].update(input_shape=[10**12]), "not read"),
        (lambda s: s["model"].update(input_shape=[3, -1]), "shape of a sample"),
        (lambda s: s["model"].update(input_shape=None), "shape of a sample"),
        (lambda s: s["model"].update(layers=None), "no layers"),
        (lambda s: s["model"].update(layers=[1]), "described by a dict"),
        (lambda s: s["model"].update(layers=s["model"]["layers"] * 600), "layers"),
        (lambda s: s["model"]["layers"][0].update(layer="os.system"), "unknown layer"),
        (lambda s: s["model"].update(dtype="complex"), "dtype"),
        (lambda s: s.update(model=[]), "weights alone"),
        (lambda s: s.update(format=7), "format 7"),
        (lambda s: s.update(classes=["a"] * 7), "classes"),
    ],
)
def test_descriptions_that_lie(path, change, words):
    described(path, change)
    with pytest.raises(FileFormatError, match=words):
        read(path)


def test_what_cannot_be_written_is_named_and_nothing_is_left(nothing_left, nets):
    with pytest.raises(NotBuiltError):
        interop.save_torch_weights(Sequential([layers.Dense(2)]), nothing_left / "out.safetensors")
    for f in ("step", "exponential"):
        with pytest.raises(ConfigError, match=f"no activation '{f}'.*relu"):
            interop.save_torch_weights(nets.network(f), nothing_left / "out.safetensors")
