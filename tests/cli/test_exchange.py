"""glassnet export and glassnet import: out of a run, into another one, and the same answers."""

import json
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pytest

from glassnet import Sequential, data, interop, layers

BOTH_WAYS = ("onnx", "keras", "h5", "safetensors", "pt")
PACKAGES = {"onnx": "onnx", "keras": "h5py", "h5": "h5py"}


@pytest.mark.parametrize("suffix", BOTH_WAYS)
@pytest.mark.parametrize("run", ["digits", "blobs", "sine", "diabetes", "things"])
def test_a_run_comes_back_as_a_run(glassnet, runs, workplace, run, suffix):
    pytest.importorskip(PACKAGES.get(suffix, "numpy"))
    written = glassnet.json("export", runs / run, "--out", f"net.{suffix}")
    assert written["bytes"] == (workplace / f"net.{suffix}").stat().st_size
    found = glassnet.json("import", f"net.{suffix}", "--out", "back")
    assert found["parameters"] == written["parameters"]
    before, after = (glassnet.json("evaluate", name) for name in (runs / run, "back"))
    assert (before["run"], after["run"]) == (str(runs / run), "back")
    same = {"samples", "accuracy", "log_loss", "mae", "r2"} & set(before)
    same |= set() if suffix == "onnx" else {"loss"}  # ONNX has no place for the L2 in it
    assert len(same) > 2
    for key in same:
        assert after[key] == pytest.approx(before[key], rel=1e-6)
    assert "Imported from" in glassnet("summary", "back").stdout
    glassnet("mistakes", "back", "--json")


def test_predictions_for_a_table_are_the_same(glassnet, runs, workplace):
    pytest.importorskip("onnx")
    shutil.copy(runs / "things.csv", workplace / "new.csv")
    glassnet("export", runs / "things", "--out", "net.onnx")
    glassnet("import", "net.onnx")
    assert (workplace / "runs/net/model.safetensors").exists()
    rows = [glassnet.json("predict", run, "new.csv") for run in (runs / "things", "runs/net")]
    assert rows[0] == rows[1]


def test_what_is_said_of_weights_for_pytorch(glassnet, workplace):
    model = Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)], seed=0)
    model.build((5, 6, 2))
    model.save("own.safetensors")
    for name, load in (
        ("net.safetensors", "safetensors.torch.load_file"),
        ("net.pt", "torch.load"),
    ):
        said = glassnet("export", "own.safetensors", "--out", name).stderr
        assert f"module.load_state_dict({load}('{name}'))" in said
        assert "channels first, (n, 2, 5, 6)" in said
    assert glassnet.json("export", "own.safetensors", "--out", "net.pth")["stored_shape"] == [
        2,
        5,
        6,
    ]
    said = glassnet("export", "own.safetensors", "--out", "net.py").stderr
    assert "channels" not in said


def test_programs_answer_as_the_run_does(glassnet, runs, workplace):
    result = glassnet("export", runs / "things", "--out", "net.py")
    assert "python net.py <" in result.stderr
    table = (runs / "things.csv").read_text()
    done = subprocess.run([sys.executable, "-I", "net.py"], input=table, text=True, check=True,
                          capture_output=True)  # fmt: skip
    shutil.copy(runs / "things.csv", workplace / "new.csv")
    expected = glassnet.json("predict", runs / "things", "new.csv")["rows"]
    assert done.stdout.split() == [row["predicted"] for row in expected]
    assert "gcc" in glassnet("export", runs / "digits", "--out", "net.c").stderr
    found = glassnet.json("export", runs / "digits", "--out", "net.txt", "--to", "c")
    assert found["format"] == "c"
    assert (workplace / "net.txt").read_text() == (workplace / "net.c").read_text()


def test_a_model_file_can_be_exported_too(glassnet, runs, workplace):
    one = glassnet.json("export", runs / "blobs" / "model.safetensors", "--out", "net.py")
    other = glassnet.json("export", runs / "blobs", "--out", "b.py")
    assert one["parameters"] == other["parameters"]


def test_a_network_of_others_is_judged_on_the_data_that_is_named(glassnet, workplace):
    """Rows of 64 pixels from 0 to 1, as networks for the digits usually are."""
    digits = data.load("digits")
    x = digits.x.reshape(len(digits.x), -1) / 16
    model = Sequential([layers.Dense(16, "relu"), layers.Dense(10)], seed=0)
    model.compile("adam", {"name": "sparse_categorical_crossentropy", "from_logits": True})
    model.fit(x, digits.y, epochs=5, verbose=0)
    model.classes = None
    weights = model.parameters.tensors()
    pytest.importorskip("onnx")
    interop.to_onnx(model, "net.onnx")
    strip_description("net.onnx")
    error = glassnet.error("import", "net.onnx", "--out", "wrong", "--data", "iris")
    assert "samples of shape (64,)" in error and "3 classes" in error
    assert not (workplace / "wrong").exists()
    glassnet("import", "net.onnx", "--out", "right", "--data", "digits", "--divide", 16)
    found = glassnet.json("evaluate", "right")
    expected = model.predict(digits.x_test.reshape(-1, 64) / 16).argmax(axis=1)
    assert found["accuracy"] == pytest.approx((expected == digits.y_test).mean())
    assert found["log_loss"] == pytest.approx(found["loss"], rel=1e-4)  # of softmax(outputs)
    back = Sequential.load("right/model.safetensors")
    assert [layer.kind for layer in back.layers] == ["flatten", "rescaling", "dense", "dense"]
    np.testing.assert_array_equal(back.parameters.view("dense/W"), weights["dense/W"])
    result = glassnet("import", "net.onnx", "--out", "unknown")
    assert "glassnet evaluate unknown DATA" in result.stdout
    assert "name a data set" in glassnet.error("evaluate", "unknown")


def test_images_with_their_channels_first(glassnet, workplace):
    onnx = pytest.importorskip("onnx")
    stack = [layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten(),
             layers.Dense(10)]  # fmt: skip
    model = Sequential(stack, seed=0)
    model.build((8, 8, 1))
    interop.to_onnx(model, "net.onnx")
    strip_description("net.onnx")
    made = onnx.load("net.onnx")
    turn = made.graph.node[0]
    assert turn.op_type == "Transpose"  # without it the file is as PyTorch's
    made.graph.node[1].input[0] = turn.input[0]
    del made.graph.node[0]
    for axis, size in enumerate((1, 8, 8), start=1):
        made.graph.input[0].type.tensor_type.shape.dim[axis].dim_value = size
    onnx.save(made, "net.onnx")

    told = glassnet("import", "net.onnx").stdout
    assert "channels first, (1, 8, 8); glassnet has them last, (8, 8, 1)" in told
    assert "Its 10 outputs are taken as numbers. If they are classes" in told
    assert glassnet.json("import", "net.onnx")["stored_shape"] == [1, 8, 8]
    told = glassnet("import", "net.onnx", "--data", "digits", "--out", "judged").stdout
    assert "channels" not in told and "outputs are taken" not in told
    digits = data.load("digits")
    expected = model.predict(digits.x_test[..., None]).argmax(axis=1) == digits.y_test
    assert glassnet.json("evaluate", "judged")["accuracy"] == pytest.approx(expected.mean())
    glassnet("export", "judged", "--out", "again.onnx")
    glassnet("import", "again.onnx", "--out", "again")
    assert glassnet.json("evaluate", "again")["accuracy"] == pytest.approx(expected.mean())


def strip_description(path):
    """As if another program had written the file."""
    import onnx

    made = onnx.load(path)
    del made.metadata_props[:]
    onnx.save(made, path)


def test_the_pickle_of_the_book(glassnet, workplace):
    weights = {"W1": np.ones((64, 3), "f4"), "b1": np.zeros(3, "f4"),
               "W2": np.eye(3, 10, dtype="f4"), "b2": np.zeros(10, "f4")}  # fmt: skip
    (workplace / "w.pkl").write_bytes(pickle.dumps(weights))
    glassnet("import", "w.pkl", "--data", "digits", "--divide", 16)
    assert glassnet.json("evaluate", "runs/w")["samples"] == 359


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("export", "RUN", "--out", "net.pb"), "suffix is that of no format. Known are .onnx"),
        (("export", "RUN", "--out", "net", "--to", "onxx"), "did you mean 'onnx'"),
        (("export", "nowhere", "--out", "net.py"), "there is no such run"),
        (("export", "RUN", "--out", "settled/net.py/x.py"), "settled/net.py"),
        (("export", "RUN", "--out", "settled", "--to", "c"), "settled: is a folder"),
        (("export", "bad.onnx", "--out", "net.py"), "take it in first: glassnet import bad.onnx"),
        (("import", "nowhere.onnx"), "there is no such ONNX file"),
        (("import", "bad.onnx"), "bad.onnx: is"),
        (("import", "bad.keras"), "bad.keras: is damaged"),
        (("import", "bad.safetensors"), "bad.safetensors: is damaged"),
        (("import", "bad.pkl"), "bad.pkl"),
        (("import", "bad.txt"), "suffix is that of no format"),
        (("import", "good.safetensors", "--out", "settled"), "is not empty"),
        (("import", "good.safetensors", "--data", "iriss"), "did you mean 'iris'"),
        (("import", "good.safetensors", "--divide", "0"), "divide is 0"),
    ],
)
def test_wrong_wishes_are_one_line_and_leave_nothing(glassnet, runs, workplace, arguments, words):
    for package in ("onnx", "h5py"):
        pytest.importorskip(package)
    for suffix in ("onnx", "keras", "safetensors", "pkl", "txt"):
        (workplace / f"bad.{suffix}").write_bytes(b"this is something else")
    glassnet("export", runs / "blobs", "--out", "good.safetensors")
    (workplace / "settled").mkdir()
    (workplace / "settled" / "net.py").write_text("mine")
    before = sorted(workplace.rglob("*"))
    given = [str(runs / "blobs") if a == "RUN" else a for a in arguments]
    assert words in glassnet.error(*given)
    assert sorted(workplace.rglob("*")) == before


def test_notes_that_lie(glassnet, runs, workplace):
    import safetensors
    import safetensors.numpy

    glassnet("export", runs / "blobs", "--out", "net.safetensors")
    with safetensors.safe_open("net.safetensors", framework="numpy") as file:
        said = json.loads(file.metadata()["glassnet"])
    tensors = safetensors.numpy.load_file("net.safetensors")
    for run in ({}, {"settings": {}, "data": {}}, {**said["notes"]["run"], "data": [1]}):
        metadata = {"glassnet": json.dumps({**said, "notes": {"run": run}})}
        safetensors.numpy.save_file(tensors, "net.safetensors", metadata)
        assert "notes are damaged" in glassnet.error("import", "net.safetensors")
    assert not (workplace / "runs").exists()
