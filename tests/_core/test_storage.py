"""Files: whole or not at all, and read without trust."""

import errno
import json
import os
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import glassnet
from glassnet import Sequential, data
from glassnet._core.storage import atomic_write, read_tensors, write_tensors
from glassnet._core.strict_json import to_json
from glassnet.errors import FileFormatError
from glassnet.layers import BatchNormalization, Dense, Flatten, Rescaling, Residual

SPIRAL = data.spiral(20, seed=0)


@pytest.fixture(scope="module")
def model():
    model = Sequential(
        [Dense(4, {"name": "leaky_relu", "negative_slope": 0.1}, name="hidden", max_norm=3.0),
         BatchNormalization(), Residual([Dense(4, "gelu")]), Dense(3, "softmax")],
        seed=1,
    )  # fmt: skip
    model.compile("adamw", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(SPIRAL.x, np.array(["r", "g", "b"])[SPIRAL.y], epochs=2, verbose=0)
    return model


def test_what_cannot_be_written_is_named(model, tmp_path, monkeypatch):
    """And not the name under which it was to be written first."""
    for path in (tmp_path, tmp_path / "."):
        with pytest.raises(IsADirectoryError) as found:
            model.save(path)
        assert found.value.filename == str(tmp_path)

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: .*model"):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_saved_model_answers_the_same(model, tmp_path):
    path = tmp_path / "folder" / "model.safetensors"
    model.save(path)
    twin = Sequential.load(path)
    np.testing.assert_array_equal(twin.predict(SPIRAL.x), model.predict(SPIRAL.x))
    np.testing.assert_array_equal(twin.predict_classes(SPIRAL.x), model.predict_classes(SPIRAL.x))
    assert twin.get_config() == model.get_config()
    labels = np.array(["r", "g", "b"])[SPIRAL.y]
    assert twin.evaluate(SPIRAL.x, labels) == model.evaluate(SPIRAL.x, labels)
    twin.fit(SPIRAL.x, labels, epochs=1, verbose=0)  # it can go on learning
    assert [p.name for p in path.parent.iterdir()] == ["model.safetensors"]


def test_other_libraries_can_read_the_weights(model, tmp_path):
    model.save(tmp_path / "m")
    tensors = safetensors.numpy.load_file(tmp_path / "m")
    assert set(tensors) == {*model.parameters.slices, *model.parameters.state_slices}
    np.testing.assert_array_equal(tensors["hidden/W"], model.layers[0].W)


def test_weights_of_another_file_can_be_taken(model, tmp_path):
    tensors = model.parameters.tensors()
    safetensors.numpy.save_file(tensors, tmp_path / "foreign.safetensors")
    with pytest.raises(FileFormatError, match="load_weights"):
        Sequential.load(tmp_path / "foreign.safetensors")
    twin = Sequential.from_config(model.get_config())
    twin.load_weights(tmp_path / "foreign.safetensors")
    np.testing.assert_array_equal(twin.parameters.values, model.parameters.values)
    del tensors["hidden/W"]
    safetensors.numpy.save_file(tensors, tmp_path / "less.safetensors")
    before = twin.parameters.values.copy()
    with pytest.raises(FileFormatError, match="hidden/W"):
        twin.load_weights(tmp_path / "less.safetensors")
    np.testing.assert_array_equal(twin.parameters.values, before)


def test_a_transposed_view_is_written_right(tmp_path):
    array = np.arange(6.0).reshape(2, 3)
    write_tensors(tmp_path / "t", {"a": array.T}, {})
    np.testing.assert_array_equal(read_tensors(tmp_path / "t")[0]["a"], array.T)


def test_copy_is_independent(model):
    twin = model.copy(dtype="float64")
    assert twin.parameters.values.dtype == np.float64
    np.testing.assert_allclose(twin.predict(SPIRAL.x), model.predict(SPIRAL.x), atol=1e-5)
    before = model.parameters.values.copy()
    twin.parameters.values[...] = 0
    np.testing.assert_array_equal(model.parameters.values, before)


def damaged(path, how):
    whole = path.read_bytes()
    size = struct.unpack("<Q", whole[:8])[0]
    header = json.loads(whole[8 : 8 + size])

    def rewrite(**changes):
        header["__metadata__"].update(changes)
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + whole[8 + size :]

    contents = json.loads(header["__metadata__"]["contents"])
    if how == "newer":
        return rewrite(version="99")
    if how == "foreign version":
        return rewrite(version="a lot")
    if how == "no description":
        return rewrite(contents="{")
    if how == "list as description":
        return rewrite(contents="[]")
    if how == "no model":
        return rewrite(contents="{}")
    if how == "other layers":
        contents["model"]["layers"][0]["units"] = 7
        return rewrite(contents=json.dumps(contents))
    if how == "unknown layer":
        contents["model"]["layers"][0]["layer"] = "attention"
        return rewrite(contents=json.dumps(contents))
    if how == "layers of another kind":
        contents["model"]["layers"] = "dense"
        return rewrite(contents=json.dumps(contents))
    if how == "deep description":
        return rewrite(contents="[" * 100_000)
    return {
        "empty": b"",
        "truncated": whole[: len(whole) // 2],
        "truncated header": whole[:20],
        "text": b"this is no model at all, but a text that is long enough to be one",
        "huge header": struct.pack("<Q", 2**62) + whole[8:],
        "zip": b"PK\x03\x04" + whole,
    }[how]


@pytest.mark.parametrize("how", [
    "empty", "truncated", "truncated header", "text", "huge header", "zip", "newer",
    "foreign version", "no description", "list as description", "no model", "other layers",
    "unknown layer", "layers of another kind", "deep description",
])  # fmt: skip
def test_damaged_files_are_refused_with_the_name_of_the_file(model, tmp_path, how):
    path = tmp_path / "model.safetensors"
    model.save(path)
    path.write_bytes(damaged(path, how))
    with pytest.raises(FileFormatError, match=r"model\.safetensors"):
        Sequential.load(path)


def test_a_missing_file_and_a_folder_say_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such model"):
        Sequential.load(tmp_path / "none")
    with pytest.raises(FileFormatError, match="folder"):
        Sequential.load(tmp_path)


def test_a_full_disk_leaves_the_old_file_whole(model, tmp_path, monkeypatch):
    path = tmp_path / "m"
    model.save(path)
    before = path.read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("glassnet._core.storage.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        model.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_an_interrupted_write_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), atomic_write(tmp_path / "x") as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_json_is_plain_and_nan_is_text():
    text = to_json({"a": np.float32(0.5), "b": np.arange(2), "c": (float("nan"), float("inf"))})
    assert json.loads(text) == {"a": 0.5, "b": [0, 1], "c": ["nan", "inf"]}


@pytest.mark.parametrize("labels", [[3, 7], ["a", "b"], [False, True]])
def test_classes_keep_their_kind(labels, tmp_path):
    model = Sequential([Dense(2, "softmax")], seed=0)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(np.eye(2), labels, epochs=1, verbose=0)
    model.save(tmp_path / "m")
    twin = Sequential.load(tmp_path / "m")
    assert twin.classes.dtype == model.classes.dtype
    assert twin.predict_classes(np.eye(2)).tolist()[0] in labels


def test_bytes_in_and_any_form_of_path(tmp_path):
    model = Sequential([Rescaling(1 / 16), Flatten(), Dense(2, "softmax")], seed=0)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build((2, 2))
    model.save(str(tmp_path / "m"))
    images = np.full((1, 2, 2), 16, np.uint8)
    np.testing.assert_array_equal(
        Sequential.load(str(tmp_path / "m")).predict(images), model.predict(images)
    )


def test_json_for_a_page_has_null_where_no_number_is():
    text = to_json({"a": np.array([1.0, np.nan]), "b": float("-inf"), 3: "ä"}, for_page=True)
    assert text == '{"a":[1.0,null],"b":null,"3":"ä"}'
    with pytest.raises(TypeError):
        to_json({"a": object()}, for_page=True)


def test_nothing_else_writes_json():
    source = Path(glassnet.__file__).parent
    writers = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if re.search(r"\bjson\.dumps?\b", path.read_text("utf-8"))
    }
    assert writers == {"_core/strict_json.py"}
