"""Formats by name and suffix; what a file says beside the network; names as users guess them."""

import subprocess
import sys

import numpy as np
import pytest

from glassnet import interop
from glassnet.errors import ConfigError, FileFormatError, MissingDependencyError, UnknownNameError
from glassnet.interop import about


def test_every_public_name_can_be_had():
    assert dir(interop) == interop.__all__
    for name in interop.__all__:
        assert getattr(interop, name).__doc__
    assert dir(interop) == sorted(interop.__all__)
    with pytest.raises(AttributeError, match="to_tensorflow"):
        _ = interop.to_tensorflow


def test_looking_at_the_formats_imports_none_of_their_packages():
    code = (
        "import sys; from glassnet import interop; interop.FORMATS, interop.to_onnx, "
        "interop.to_keras, interop.to_torch, interop.from_keras, interop.from_onnx; "
        "print([m for m in ('onnx', 'h5py', 'torch', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={"PYTHONPATH": ":".join(sys.path)})  # fmt: skip
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["onnx", "keras", "torch"])
def test_by_suffix_and_by_name(nets, tmp_path, name):
    pytest.importorskip({"keras": "h5py", "torch": "safetensors"}.get(name, name))
    model, x = nets.network(block=False), nets.images()
    suffix = interop.FORMATS[name].suffix
    notes = {"who": "me", "n": [1, 2.5, None]}
    assert interop.export_model(model, tmp_path / f"net{suffix.upper()}", notes=notes) == name
    back, found = interop.import_model(tmp_path / f"net{suffix.upper()}")
    np.testing.assert_array_equal(back.predict(x), model.predict(x))
    assert found == notes
    assert interop.export_model(model, tmp_path / "net.bin", name) == name
    back, found = interop.import_model(tmp_path / "net.bin", name)
    assert found == {} and back.classes.tolist() == ["a", "b", "c"]


def test_wishes_that_cannot_be(nets, tmp_path):
    model = nets.network()
    with pytest.raises(ConfigError, match=r"net.pb: its suffix.*\.keras \(keras\), \.h5 \(keras\)"):
        interop.export_model(model, tmp_path / "net.pb")
    with pytest.raises(UnknownNameError, match="did you mean 'onnx'"):
        interop.export_model(model, tmp_path / "net.pb", "onx")
    with pytest.raises(UnknownNameError, match=r"format 'python'.*Known are onnx, keras"):
        interop.import_model(tmp_path / "net.py", "python")
    with pytest.raises(ConfigError, match="its suffix is that of no format"):
        interop.import_model(tmp_path / "net.py")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("package", "name"),
    [("onnx", "net.onnx"), ("h5py", "net.keras")],
)
def test_a_package_that_is_not_installed(nets, tmp_path, monkeypatch, package, name):
    """The way out is a package that the index has, not an extra of one that it may not have."""
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not there
    model = nets.network(block=False)
    (tmp_path / "old").mkdir()
    with pytest.raises(MissingDependencyError, match=f"pip install {package}$"):
        interop.export_model(model, tmp_path / name)
    (tmp_path / "old" / name).write_bytes(b"x")
    with pytest.raises(MissingDependencyError, match=package):
        interop.import_model(tmp_path / "old" / name)
    assert [p.name for p in tmp_path.iterdir()] == ["old"]


def test_the_pickle_of_the_book(tmp_path):
    import pickle

    rng = np.random.default_rng(0)
    weights = {"W1": rng.normal(size=(3, 4)).astype("f4"), "b1": np.zeros(4, "f4"),
               "W2": rng.normal(size=(4, 2)).astype("f4"), "b2": np.ones(2, "f4")}  # fmt: skip
    (tmp_path / "sample_weight.pkl").write_bytes(pickle.dumps(weights))
    model, notes = interop.import_model(tmp_path / "sample_weight.pkl")
    assert [layer.activation.name for layer in model.layers] == ["sigmoid", "softmax"]
    x = rng.normal(size=(5, 3)).astype("f4")
    z = 1 / (1 + np.exp(-x @ weights["W1"])) @ weights["W2"] + 1
    expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-5)
    assert notes == {}
    tanh = interop.from_dlfs(tmp_path / "sample_weight.pkl", "tanh", "linear")
    assert [layer.activation.name for layer in tanh.layers] == ["tanh", "linear"]


def test_labels(nets):
    model = nets.network(classes=(False, 3, 2.0))
    assert about.labels_of(model).names == ("0", "3", "2")
    assert about.labels_of(model, ["x", "y", "z"]).names == ("x", "y", "z")
    model.classes = None
    assert about.labels_of(model) is None


def test_descriptions_that_are_too_long_or_nested():
    with pytest.raises(FileFormatError, match="more than 16 MB"):
        about.from_text("[" * (17 << 20))
    with pytest.raises(FileFormatError, match="damaged"):
        about.from_text("[" * 100_000)
    assert about.from_text(None) == {}
