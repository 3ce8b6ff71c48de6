"""``.keras`` files that are damaged, foreign, or built to harm."""

import io
import json
import os
import zipfile

import numpy as np
import pytest

from glassnet import Sequential, interop, layers
from glassnet.errors import FileFormatError

h5py = pytest.importorskip("h5py")


@pytest.fixture
def parts(model_file):
    with zipfile.ZipFile(model_file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def model_file(tmp_path):
    model = Sequential([layers.Dense(4, "relu"), layers.BatchNormalization(), layers.Dense(2)])
    model.build((3,))
    interop.to_keras(model, tmp_path / "whole.keras")
    return tmp_path / "whole.keras"


def packed(tmp_path, parts, method=zipfile.ZIP_STORED):
    path = tmp_path / "bad.keras"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def refused(path, words):
    with pytest.raises(FileFormatError, match=words) as told:
        interop.from_keras(path)
    assert str(path) in str(told.value)


def test_files_that_are_something_else(tmp_path, model_file, parts):
    whole = model_file.read_bytes()
    path = tmp_path / "bad.keras"
    for content, words in [
        (b"", "is empty"), (b"not a zip", "damaged"), (whole[: len(whole) // 2], "damaged"),
        (whole[:-30], "damaged"), (b"\x89HDF\r\n\x1a\n" + bytes(100), "damaged"),
    ]:  # fmt: skip
        path.write_bytes(content)
        refused(path, words)
    refused(tmp_path, "no file")
    with pytest.raises(FileNotFoundError, match="no such"):
        interop.from_keras(tmp_path / "none.keras")
    for name in parts:
        refused(packed(tmp_path, {k: v for k, v in parts.items() if k != name}), f"no {name}")
        refused(packed(tmp_path, {**parts, name: b"{"}), "damaged|HDF5")
    refused(packed(tmp_path, {**parts, "config.json": b"[" * 100_000}), "damaged")
    refused(packed(tmp_path, {**parts, "config.json": b"[1]"}), "no JSON object")


def test_bytes_that_were_changed_never_end_in_a_traceback(tmp_path, model_file):
    whole = bytearray(model_file.read_bytes())
    rng = np.random.default_rng(0)
    path = tmp_path / "bad.keras"
    for _ in range(100):
        path.write_bytes(disturbed(whole, rng))
        try:
            interop.from_keras(path)
        except FileFormatError as error:
            assert str(path) in str(error)


def test_hdf5_that_was_changed_never_ends_in_a_traceback(tmp_path, parts):
    """In an archive whose checksums are right, so that it is opened."""
    rng = np.random.default_rng(0)
    counts = [0, 0]
    for _ in range(120):
        changed = disturbed(parts["model.weights.h5"], rng, within=2000)
        path = packed(tmp_path, {**parts, "model.weights.h5": changed})
        try:
            interop.from_keras(path)
            counts[0] += 1
        except FileFormatError as error:
            assert str(path) in str(error)
            counts[1] += 1
    assert min(counts) > 10  # some changes do harm, some do not


def disturbed(content, rng, within=None):
    """Three bytes changed, among the first ``within``."""
    changed = bytearray(content)
    for place in rng.integers(0, within or len(content), 3):
        changed[place] = rng.integers(0, 256)
    return bytes(changed)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c["config"]["layers"][1]["config"].update(units=10**9), "are not read"),
        (lambda c: c["config"]["layers"][1]["config"].update(units=10**30), "are not read"),
        (lambda c: c["config"]["layers"][1]["config"].update(units=-1), "units"),
        (lambda c: c["config"]["layers"][1]["config"].update(units="x"), "units"),
        (lambda c: c["config"]["layers"][1]["config"].pop("units"), "units"),
        (lambda c: c["config"]["layers"][0]["config"].update(batch_shape=[None, None]), "fixed"),
        (lambda c: c["config"]["layers"][0]["config"].update(batch_shape=[None, 10**9]), "read"),
        (lambda c: c["config"]["layers"][2]["config"].update(epsilon=float("nan")), "epsilon"),
        (lambda c: c["config"].update(layers=c["config"]["layers"] * 300), "layers"),
        (lambda c: c["config"].update(layers=[]), "shape of its input|no layers"),
        (lambda c: c["config"].update(layers=7), "damaged"),
        (lambda c: c.update(class_name="Evil"), "'Evil'"),
        (lambda c: c["config"]["layers"][1].update(class_name="os.system"), "os.system"),
    ],
)  # fmt: skip
def test_descriptions_that_lie(tmp_path, parts, change, words):
    config = json.loads(parts["config.json"])
    change(config)
    refused(packed(tmp_path, {**parts, "config.json": json.dumps(config)}), words)


def weights_with(change):
    """The weights of ``model_file``'s network, after ``change`` had its way with the file."""
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        for group, shapes in {"dense": [(3, 4), (4,)], "batch_normalization": [(4,)] * 4,
                              "dense_1": [(4, 2), (2,)]}.items():  # fmt: skip
            for i, shape in enumerate(shapes):
                file.create_dataset(f"layers/{group}/vars/{i}", data=np.ones(shape, np.float32))
        change(file)
    return out.getvalue()


def replaced(place, make):
    def change(file):
        del file[place]
        make(file, place)

    return change


D = "layers/dense/vars/0"
HARMFUL = {
    "nothing": (lambda f: None, None),
    "an external link": (
        replaced(D, lambda f, p: f.__setitem__(p, h5py.ExternalLink("/etc/passwd", "/x"))), "link",
    ),
    "a soft link": (
        replaced(D, lambda f, p: f.__setitem__(p, h5py.SoftLink("/layers/dense_1"))), "link",
    ),
    "a group instead of an array": (replaced(D, lambda f, p: f.create_group(p)), "a group"),
    "an array instead of a group": (
        replaced("layers/dense", lambda f, p: f.create_dataset(p, data=[1.0])), "no layers/dense",
    ),
    "nothing there": (replaced(D, lambda f, p: None), "no layers/dense/vars/0"),
    "another shape": (
        replaced(D, lambda f, p: f.create_dataset(p, data=np.ones((4, 3), "f4"))), "shape",
    ),
    "NaN": (
        replaced(D, lambda f, p: f.create_dataset(p, data=np.full((3, 4), np.nan))), "not finite",
    ),
    "infinity": (
        replaced(D, lambda f, p: f.create_dataset(p, data=np.full((3, 4), np.inf))), "not finite",
    ),
    "integers": (
        replaced(D, lambda f, p: f.create_dataset(p, data=np.ones((3, 4), int))), "not floats",
    ),
    "text": (
        replaced(D, lambda f, p: f.create_dataset(p, (3, 4), h5py.string_dtype())), "not floats",
    ),
    "an external array": (
        replaced(D, lambda f, p: f.create_dataset(
            p, (3, 4), "f4", external=[("/etc/passwd", 0, 48)])), "does not lie in the file",
    ),
    "a virtual array": (
        replaced(D, lambda f, p: f.create_virtual_dataset(p, virtual())), "does not lie",
    ),
    "an array that is not there": (
        replaced(D, lambda f, p: f.create_dataset(p, (3, 4), "f4")), "does not lie",
    ),
    "a compressed array": (
        replaced(D, lambda f, p: f.create_dataset(
            p, data=np.ones((3, 4), "f4"), compression="gzip")), "does not lie",
    ),
    "negative variance": (
        replaced("layers/batch_normalization/vars/3", lambda f, p: f.create_dataset(
            p, data=-np.ones(4, "f4"))), "negative",
    ),
}  # fmt: skip


def virtual():
    layout = h5py.VirtualLayout((3, 4), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (3, 4))
    return layout


@pytest.mark.parametrize("name", HARMFUL)
def test_weights_built_to_harm(tmp_path, parts, name):
    change, words = HARMFUL[name]
    path = packed(tmp_path, {**parts, "model.weights.h5": weights_with(change)})
    if words is None:
        assert interop.from_keras(path).parameters.size == 34
    else:
        refused(path, words)


def test_a_crowd_of_groups_costs_no_time(tmp_path, parts):
    def crowd(file):
        for i in range(20_000):
            file.create_group(f"layers/g{i}")

    path = packed(tmp_path, {**parts, "model.weights.h5": weights_with(crowd)})
    before = os.times().user
    assert interop.from_keras(path).parameters.size == 34
    assert os.times().user - before < 1.0


def test_a_large_network_of_a_small_file_allocates_nothing(tmp_path, parts):
    """100 layers of 60,000×60,000 would take 1.4 TB; the file has arrays without content."""
    config = json.loads(parts["config.json"])
    first, dense = config["config"]["layers"][:2]
    first["config"]["batch_shape"] = [None, 60_000]
    stack = []
    for i in range(100):
        settings = {**dense["config"], "units": 60_000, "name": f"d{i}"}
        stack.append({**dense, "config": settings})
    config["config"]["layers"] = [first, *stack]
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        for i in range(100):
            group = f"layers/dense{f'_{i}' if i else ''}/vars"
            file.create_dataset(f"{group}/0", (60_000, 60_000), "f4")
            file.create_dataset(f"{group}/1", (60_000,), "f4")
    changed = {"config.json": json.dumps(config), "model.weights.h5": out.getvalue()}
    refused(packed(tmp_path, {**parts, **changed}), "larger than the file")


def test_archives_built_to_harm(tmp_path, parts):
    bomb = {**parts, "model.weights.h5": bytes(64 << 20)}
    refused(packed(tmp_path, bomb, zipfile.ZIP_DEFLATED), "unpacks to more than")
    spaces = {**parts, "config.json": parts["config.json"] + b" " * (17 << 20)}
    refused(packed(tmp_path, spaces, zipfile.ZIP_DEFLATED), "unpacks to more than")
    refused(packed(tmp_path, parts, zipfile.ZIP_LZMA), "packed in a way")
    for name in ("../evil", "/etc/evil", "a/../../evil", "..\\evil"):
        refused(packed(tmp_path, {**parts, name: b"x"}), "climbs out")
        assert not (tmp_path.parent / "evil").exists()
    refused(packed(tmp_path, {**parts, **{f"m{i}": b"" for i in range(1001)}}), "members")
    with pytest.warns(UserWarning, match="Duplicate"):
        path = tmp_path / "bad.keras"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in [*parts.items(), ("config.json", b"{}")]:
                archive.writestr(name, content)
    refused(path, "two members")


def test_sizes_in_the_directory_that_lie(tmp_path, model_file):
    whole = bytearray(model_file.read_bytes())
    place = whole.rindex(b"PK\x01\x02")  # the last entry: the weights
    for size in (10, 2**31):
        changed = bytearray(whole)
        changed[place + 20 : place + 28] = size.to_bytes(4, "little") * 2
        path = tmp_path / "bad.keras"
        path.write_bytes(changed)
        refused(path, "damaged|no whole HDF5")


def test_a_limit_for_the_size_of_the_file(model_file):
    with pytest.raises(FileFormatError, match="larger than 100 bytes"):
        interop.from_keras(model_file, max_bytes=100)


def test_descriptions_of_glassnet_that_do_not_fit(tmp_path, parts):
    for said, words in [
        ({"format": 99}, "format 99"),
        ({"classes": ["a"]}, "2 classes"),
        ({"classes": [[1], [2]]}, "2 classes"),
        ({"compile": {"optimizer": "adam"}}, "does not fit"),
        ({"compile": {"optimizer": "x", "loss": "y", "metrics": []}}, "does not fit"),
        ({"preprocessing": {"format": 1}}, "preprocessing is damaged"),
        ([1], "damaged"),
    ]:
        metadata = json.dumps({"glassnet": said})
        refused(packed(tmp_path, {**parts, "metadata.json": metadata}), words)


def residual_file(tmp_path):
    inner = layers.Residual([layers.Dense(3)], name="inner")
    stack = [layers.Residual([layers.Dense(3), inner, layers.Dense(3)]), layers.Dense(2)]
    model = Sequential(stack)
    model.build((3,))
    interop.to_keras(model, tmp_path / "blocks.keras")
    with zipfile.ZipFile(tmp_path / "blocks.keras") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def histories(value):
    """Each place in a description where one layer names another."""
    if isinstance(value, dict):
        if "keras_history" in value:
            yield value["keras_history"]
        for inner in value.values():
            yield from histories(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from histories(inner)


def test_circles_and_branches_are_refused(tmp_path):
    parts = residual_file(tmp_path)
    names = [
        entry["config"]["name"] for entry in json.loads(parts["config.json"])["config"]["layers"]
    ]
    rng = np.random.default_rng(0)
    counts = [0, 0]
    for _ in range(120):
        config = json.loads(parts["config.json"])
        places = list(histories(config))
        for place in rng.integers(0, len(places), rng.integers(1, 3)):
            places[place][0] = [*names, "none"][rng.integers(0, len(names) + 1)]
        path = packed(tmp_path, {**parts, "config.json": json.dumps(config)})
        try:
            interop.from_keras(path)
            counts[0] += 1
        except FileFormatError as error:
            assert str(path) in str(error)
            counts[1] += 1
    assert min(counts) > 2  # some names were those that stood there


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c["layers"].append(c["layers"][0]), "2 inputs"),
        (lambda c: c["layers"].pop(0), "shape of its input|0 inputs|no layer"),
        (lambda c: c.update(output_layers=[["dense", 0, 0], ["dense_1", 0, 0]]), "other outputs"),
        (lambda c: c.update(output_layers=[]), "damaged"),
        (lambda c: c.update(output_layers=[["none", 0, 0]]), "no layer 'none'"),
        (lambda c: c.update(output_layers=["inner", 0, 0]), "one chain|other outputs"),
        (lambda c: c["layers"][2].update(inbound_nodes=[]), "one chain|other outputs"),
    ],
)
def test_functional_descriptions_that_lie(tmp_path, change, words):
    parts = residual_file(tmp_path)
    config = json.loads(parts["config.json"])
    change(config["config"])
    refused(packed(tmp_path, {**parts, "config.json": json.dumps(config)}), words)
