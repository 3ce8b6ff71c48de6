"""``glassnet train DATA --start RUN``: all but the last layer kept."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image, ImageDraw

from glassnet import interop, load
from glassnet.callbacks import Callback
from glassnet.runs import training, work
from glassnet.runs.folder import RunFolder
from glassnet.runs.recipes import settings_for


@pytest.fixture(scope="module")
def place(tmp_path_factory, glassnet):
    """A folder of drawn photos, 24×20 in colour, and a run of the small digits."""
    folder = tmp_path_factory.mktemp("start")
    rng = np.random.default_rng(0)
    for kind in ("circle", "square"):
        (folder / "photos" / kind).mkdir(parents=True)
        for number in range(8):
            image = Image.new("RGB", (24, 20), tuple(rng.integers(0, 90, 3)))
            pen = ImageDraw.Draw(image)
            x, y = (int(n) for n in rng.integers(2, 8, 2))
            shape = pen.ellipse if kind == "circle" else pen.rectangle
            shape((x, y, x + 11, y + 11), fill=tuple(rng.integers(140, 256, 3)))
            image.save(folder / "photos" / kind / f"{number}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        glassnet("train", "digits", "--network", "vgg", "--epochs", 1, "--no-plots", "--quiet")
    return folder


@pytest.fixture
def inside(place, monkeypatch):
    monkeypatch.chdir(place)
    return place


def test_a_folder_is_brought_to_the_size_and_colour_of_the_start(inside, glassnet, tmp_path):
    out = tmp_path / "run"
    said = glassnet("train", "photos", "--start", "runs/digits", "--epochs", 4, "--out", out,
                    "--no-plots")  # fmt: skip
    assert "which takes 8×8 pixels in grey: frozen for 2 of 4 epochs" in said.stderr
    assert "of runs/digits" in said.stdout and "kept" in said.stdout
    report = json.loads((out / "report.json").read_text())
    assert report["start"]["from"] == "runs/digits" and report["start"]["frozen_epochs"] == 2
    assert report["start"]["kept"].startswith("8 layers with 98,336 parameters, conv2d …")
    model, old = load(out), load("runs/digits")
    assert model.preprocessing.shape == (8, 8, 1) and model.outputs == 2
    rates = RunFolder.open(out).history().history["learning_rate"]
    assert max(rates[:2]) > 9 * max(rates[2:]) > 0
    # the second half has moved the weights, not the running means
    assert (model.parameters["conv2d/W"] != old.parameters["conv2d/W"]).any()
    name = "batch_normalization/moving_mean"
    assert (model.parameters[name] == old.parameters[name]).all()
    assert "of runs/digits" in glassnet("summary", out).stdout
    assert glassnet.json("evaluate", out)["samples"] == report["data"]["held_out"]
    assert glassnet.json("predict", out, "photos/circle/0.png")


def test_frozen_to_the_end_or_not_at_all(inside, glassnet, tmp_path):
    old = load("runs/digits").parameters["conv2d/W"]
    for frozen, same in ((2, True), (0, False)):
        out = tmp_path / str(frozen)
        glassnet("train", "photos", "--start", "runs/digits", "--epochs", 2, "--frozen-epochs",
                 frozen, "--out", out, "--no-plots", "--quiet")  # fmt: skip
        assert (load(out).parameters["conv2d/W"] == old).all() == same


def test_a_named_data_set_is_brought_to_the_size_of_a_file_of_another_library(
    inside, glassnet, tmp_path
):
    """An ONNX network for colour images of 12×12, and the grey digits of 8×8."""
    from glassnet import networks

    interop.to_onnx(networks.cnn((12, 12, 3), 4, image_max=255, seed=0), tmp_path / "n.onnx")
    out = tmp_path / "run"
    glassnet("train", "digits", "--start", tmp_path / "n.onnx", "--epochs", 1, "--out", out,
             "--no-plots", "--quiet")  # fmt: skip
    report = json.loads((out / "report.json").read_text())
    said = "scaled from 8×8 to 12×12 pixels, and made red, green and blue"
    assert said in report["data"]["notes"]
    facts = json.loads((out / "settings.json").read_text())["data"]
    assert facts["image_shape"] == [12, 12, 3] and facts["image_max"] == 255
    assert glassnet.json("evaluate", out)["accuracy"] == report["held_out"]["accuracy"]


@pytest.mark.parametrize("steps", [5, 9])
def test_a_stopped_run_goes_on_to_the_same_bits_even_when_the_start_is_gone(
    inside, tmp_path, monkeypatch, steps
):
    """From the checkpoint before the second phase, and from one in it."""
    shutil.copytree("runs/digits", tmp_path / "old")
    given = {"start": str(tmp_path / "old"), "epochs": 3, "batch_size": 4, "frozen_epochs": 1}
    settings = settings_for("photos", given)
    whole = work.train(settings, tmp_path / "whole", verbose=0, plots=False)

    class Stop(Callback):
        def on_train_batch_end(self, batch, logs):
            nonlocal steps
            steps -= 1
            if not steps:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        real = training.callbacks
        patch.setattr(training, "callbacks", lambda *a: [*real(*a), Stop()])
        assert work.train(settings, tmp_path / "part", verbose=0, plots=False).interrupted
    shutil.rmtree(tmp_path / "old")
    again = work.resume(RunFolder.open(tmp_path / "part"), verbose=0, plots=False)
    assert (again.model.parameters.values == whole.model.parameters.values).all()
    assert again.report["held_out"] == whole.report["held_out"]


def test_a_table_starts_from_one_of_the_same_columns(runs, glassnet, tmp_path):
    things = runs / "things.csv"
    glassnet("train", things, "--target", "kind", "--start", runs / "things", "--epochs", 2,
             "--out", tmp_path / "run", "--no-plots", "--quiet")  # fmt: skip
    assert "of " in load(tmp_path / "run").started_from
    said = glassnet.error("train", things, "--target", "kind", "--ignore", "colour", "--start",
                          runs / "things", "--epochs", 2)  # fmt: skip
    assert "has 1 (" in said and "The columns must be the same" in said


def test_the_kept_layers_read_another_table_in_the_units_that_they_learned(glassnet, tmp_path):
    """Metres, once between 0 and 1 and once around 40: what is kept makes the same of 2 metres."""
    rng = np.random.default_rng(0)
    for name, middle, width in (("near", 0.5, 1.0), ("far", 40.0, 30.0)):
        size, day = middle + width * rng.random(60), rng.integers(1, 28, 60)
        lines = [f"{s},{'ab'[i % 2]},2026-01-{d:02},{s > middle + width / 2}" for i, (s, d) in
                 enumerate(zip(size, day))]  # fmt: skip
        (tmp_path / f"{name}.csv").write_text("\n".join(["size,kind,day,y", *lines]))
    common = ("--target", "y", "--epochs", 2, "--no-plots", "--quiet")
    near, far = tmp_path / "runs" / "near", tmp_path / "runs" / "far"
    glassnet("train", tmp_path / "near.csv", "--layers", "8", "--out", near, *common)
    glassnet("train", tmp_path / "far.csv", "--start", near, "--frozen-epochs", 2, "--out", far,
             *common)  # fmt: skip
    rows = {"size": [0.2, 2.0], "kind": ["a", "b"], "day": ["2026-01-05", "2026-01-20"]}
    hidden = []
    for folder in (near, far):
        model = load(folder)
        x = model.preprocessing.transform(rows, dtype=model.dtype)
        for layer in model.layers[:-1]:
            x = layer.forward(x)
        hidden.append(x)
    assert hidden[0].shape == hidden[1].shape == (2, 8)
    np.testing.assert_allclose(*hidden, rtol=1e-4, atol=1e-5)


def test_what_cannot_be_a_start_is_said_with_the_way_out(inside, glassnet, runs):
    def refused(*given):
        return glassnet.error("train", *given, "--no-plots")

    assert "Runs here: runs/digits" in refused("photos", "--start", "runs/mnist")
    assert "takes the columns of a table" in refused("photos", "--start", runs / "things")
    assert "takes samples of shape (2,), and no images" in refused(
        "photos", "--start", runs / "blobs"
    )
    assert "takes samples of shape (8, 8)" in refused("spiral", "--start", "runs/digits")
    assert "--network and --start do not go together" in refused(
        "photos", "--start", "runs/digits", "--network", "cnn"
    )
    assert "--frozen-epochs is 9, but" in refused(
        "photos", "--start", "runs/digits", "--epochs", 4, "--frozen-epochs", 9
    )
    assert "or leave --frozen-epochs out" in refused("photos", "--frozen-epochs", 1)
