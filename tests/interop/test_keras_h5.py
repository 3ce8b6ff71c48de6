"""Keras's older ``.h5`` files: written, read, and refused where they are built to harm."""

import io
import json

import numpy as np
import pytest

from glassnet import Sequential, interop, layers
from glassnet.activations import LeakyReLU
from glassnet.errors import FileFormatError

h5py = pytest.importorskip("h5py")


def written(tmp_path, name="whole.h5"):
    model = Sequential([layers.Dense(4, LeakyReLU(0.3), name="은닉"), layers.BatchNormalization(),
                        layers.Dropout(0.5), layers.Dense(2)], name="망")  # fmt: skip
    model.build((3,))
    interop.to_keras(model, tmp_path / name)
    return model, tmp_path / name


@pytest.mark.parametrize("suffix", [".h5", ".hdf5", ".H5"])
def test_a_round_trip_changes_nothing(nets, tmp_path, suffix):
    for dtype in ("float32", "float64"):
        model, x = nets.network("selu", dtype, block=False), nets.images(dtype=dtype)
        path = tmp_path / f"model{suffix}"
        assert interop.export_model(model, path, notes={"a": 1}) == "keras"
        assert path.read_bytes().startswith(b"\x89HDF")
        back, notes = interop.import_model(path)
        np.testing.assert_array_equal(back.predict(x), model.predict(x))
        assert back.dtype == model.dtype and back.classes.tolist() == ["a", "b", "c"]
        assert notes == {"a": 1}


def test_names_that_keras_does_not_take_come_back(tmp_path):
    model, path = written(tmp_path)
    back = interop.from_keras(path)
    assert [back.name, *(layer.name for layer in back.layers)] == [
        model.name, *(layer.name for layer in model.layers)
    ]  # fmt: skip


def changed(path, change):
    """The file after ``change`` had its way with it."""
    with h5py.File(path, "r+") as file:
        change(file)
    return path


def reworded(change):
    def of_file(file):
        config = json.loads(file.attrs["model_config"])
        change(config)
        file.attrs["model_config"] = json.dumps(config)

    return of_file


def as_keras_2_wrote_it(file):
    """Other names of the same things, as TensorFlow 2.4 has them."""
    config = json.loads(file.attrs["model_config"])
    stack = []
    for entry in config["config"]["layers"]:
        settings = entry["config"]
        if "batch_shape" in settings:
            settings["batch_input_shape"] = settings.pop("batch_shape")
        if isinstance(settings.get("activation"), dict):
            settings["activation"] = "linear"
        stack.append({"class_name": entry["class_name"], "config": settings})
        if entry["class_name"] == "Dense" and settings["units"] == 4:
            after = {"name": "leaky", "dtype": "float32", "alpha": 0.3}
            stack.append({"class_name": "LeakyReLU", "config": after})
    config = {"class_name": "Sequential", "config": {"name": "net", "layers": stack}}
    file.attrs["model_config"] = np.bytes_(json.dumps(config))
    group = file["model_weights"]
    for name in list(group):
        for weight in list(group[name].get(name, ())):
            group[name].move(f"{name}/{weight}", f"{name}/{name}/{weight}:0")


def test_the_words_of_keras_2(tmp_path):
    model, path = written(tmp_path)
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    back = interop.from_keras(changed(path, as_keras_2_wrote_it))
    np.testing.assert_allclose(back.predict(x), model.predict(x), rtol=1e-6, atol=1e-7)


def test_a_functional_model_of_keras_2(tmp_path):
    model, path = written(tmp_path)

    def functional(config):
        before = None
        for entry in config["config"]["layers"]:
            entry["name"] = entry["config"]["name"]
            entry["inbound_nodes"] = [[[before, 0, 0, {}]]] if before else []
            before = entry["name"]
        config["class_name"] = "Model"
        config["config"]["output_layers"] = [[before, 0, 0]]

    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    back = interop.from_keras(changed(path, reworded(functional)))
    np.testing.assert_array_equal(back.predict(x), model.predict(x))


def replaced(make):
    def change(file):
        (place,) = [p for p in places(file) if p.endswith("kernel") and "dense" in p]
        del file[place]
        make(file, place)

    return change


def places(file):
    found = []
    file.visit(found.append)
    return found


def crowd(file):
    group = file["model_weights/dense"]
    for i in range(2000):
        group.create_group(f"g{i}")


def around(file):
    group = file["model_weights/dense"]
    group["self"] = group  # a hard link to the group that it is in


HARMFUL = {
    "weights alone": (lambda f: f.attrs.__delitem__("model_config"), "weights alone"),
    "no text": (lambda f: f.attrs.__setitem__("model_config", np.ones(3)), "no text"),
    "many texts": (
        lambda f: f.attrs.__setitem__("model_config", np.array(["{}", "{}"], object)), "no text",
    ),
    "no JSON": (lambda f: f.attrs.__setitem__("model_config", "{"), "damaged"),
    "a list": (lambda f: f.attrs.__setitem__("model_config", "[]"), "no JSON object"),
    "without layers": (reworded(lambda c: c["config"].pop("layers")), "damaged"),
    "layers that are none": (reworded(lambda c: c["config"].update(layers=[1])), "damaged"),
    "another layer": (
        reworded(lambda c: c["config"]["layers"][1].update(class_name="Lambda")), "Lambda",
    ),
    "a name that climbs": (
        reworded(lambda c: c["config"]["layers"][4]["config"].update(name="../../dense")),
        "its weights have no model_weights",
    ),
    "a name of another layer": (
        reworded(lambda c: c["config"]["layers"][4]["config"].update(name="batch_normalization")),
        "its weights have no model_weights/batch_normalization/kernel",
    ),
    "an external link": (
        replaced(lambda f, p: f.__setitem__(p, h5py.ExternalLink("/etc/passwd", "/x"))), "link",
    ),
    "a soft link": (replaced(lambda f, p: f.__setitem__(p, h5py.SoftLink("/model_weights"))),
                    "link"),
    "another shape": (
        replaced(lambda f, p: f.create_dataset(p, data=np.ones((2, 4), "f4"))), "shape",
    ),
    "NaN": (replaced(lambda f, p: f.create_dataset(p, data=np.full((4, 2), np.nan))),
            "not finite"),
    "integers": (replaced(lambda f, p: f.create_dataset(p, data=np.ones((4, 2), int))),
                 "not floats"),
    "an array that is not there": (replaced(lambda f, p: f.create_dataset(p, (4, 2), "f4")),
                                   "does not lie"),
    "none": (replaced(lambda f, p: None), "no model_weights/dense/kernel"),
    "two of a name": (
        lambda f: f.create_dataset("model_weights/dense/x/kernel", data=np.ones((4, 2), "f4")),
        "more than one kernel",
    ),
    "a crowd": (crowd, "more in"),
    "a circle": (around, "more"),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL)
def test_files_built_to_harm(tmp_path, name):
    _, path = written(tmp_path)
    change, words = HARMFUL[name]
    with pytest.raises(FileFormatError, match=words) as told:
        interop.from_keras(changed(path, change))
    assert str(path) in str(told.value)


def test_bytes_that_were_changed_never_end_in_a_traceback(tmp_path):
    whole = written(tmp_path)[1].read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "bad.h5"
    counts = [0, 0]
    for _ in range(80):
        content = bytearray(whole)
        for place in rng.integers(0, len(content), 3):
            content[place] = rng.integers(0, 256)
        path.write_bytes(content)
        try:
            interop.from_keras(path)
            counts[0] += 1
        except FileFormatError as error:
            assert str(path) in str(error)
            counts[1] += 1
    assert min(counts) > 10


def test_other_files_with_that_suffix(tmp_path):
    path = tmp_path / "bad.h5"
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file["x"] = np.ones(3)
    for content, words in [(b"x" * 100, "damaged"), (out.getvalue(), "weights alone"),
                           (out.getvalue()[:500], "damaged")]:  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match=words):
            interop.from_keras(path)
