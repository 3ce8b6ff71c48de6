"""Networks for images by name, from training to what is asked of a run."""

import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

from glassnet import Sequential
from glassnet.callbacks import Callback
from glassnet.data.cifar import ARCHIVE, INSIDE, PARTS
from glassnet.runs import training, work
from glassnet.runs.folder import RunFolder
from glassnet.runs.handwriting import read_image


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """CIFAR-10 of twenty pictures: the classes are told by their colours."""
    folder = tmp_path_factory.mktemp("cifar")
    rng = np.random.default_rng(0)
    with tarfile.open(folder / ARCHIVE, "w:gz") as tar:
        for part in PARTS:
            content = b""
            for k in range(10):
                planes = rng.integers(0, 60, (3, 32, 32), dtype=np.uint8)
                planes[k % 3] += np.uint8(15 * k)
                content += bytes([k]) + planes.tobytes()
            info = tarfile.TarInfo(f"{INSIDE}/{part}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return folder


@pytest.fixture(scope="module")
def run(pictures, tmp_path_factory, glassnet):
    """A short run, with all its pictures."""
    out = tmp_path_factory.mktemp("runs") / "colours"
    glassnet("train", "cifar10", "--network", "lenet", "--epochs", 2, "--batch-size", 10,
             "--data-dir", pictures, "--out", out)  # fmt: skip
    return out


def test_a_run_on_colour_pictures_has_all_that_a_run_has(run, glassnet):
    made = {path.stem for path in run.glob("*.png")}
    assert {"curves", "confusion", "mistakes", "filters", "featuremaps", "units"} <= made
    found = glassnet.json("evaluate", run)
    assert found["data"] == "10 held-out samples of cifar10"
    assert glassnet.json("mistakes", run)["count"] <= 10
    shown = glassnet("summary", run).stdout
    assert "network        lenet" in shown and "shift=" in shown and "\nlayers  " not in shown
    assert "conv2d" in glassnet("explain", run, "--lines", 0, "--no-check").stdout


def test_a_colour_picture_of_any_size_is_answered_for(run, glassnet, workplace):
    photo = np.zeros((90, 160, 3), np.uint8)
    photo[:, 35:125] = (0, 90, 200)  # the middle that is looked at
    Image.fromarray(photo).save("photo.png")
    answers = glassnet.json("predict", run, "photo.png", "--picture", "seen.png")["images"]
    assert len(answers[0]["answers"]) == 3
    assert (workplace / "seen.png").read_bytes().startswith(b"\x89PNG")
    (workplace / "broken.png").write_bytes(b"no picture")
    assert "broken.png: not a picture" in glassnet.error("predict", run, "broken.png")


def test_the_middle_of_a_photo_is_seen_in_its_colours(workplace):
    photo = np.zeros((90, 160, 3), np.uint8)
    photo[:, 35:125] = (0, 90, 200)
    Image.fromarray(photo).save("photo.png")
    seen = read_image("photo.png", (32, 32, 3), 255)
    assert seen.shape == (32, 32, 3) and seen.dtype == np.uint8
    assert (seen[:, 1:-1] == (0, 90, 200)).all()
    clear = Image.new("RGBA", (40, 64), (0, 0, 0, 0))
    clear.save("clear.png")
    assert (read_image("clear.png", (32, 32, 3), 255) == 255).all()  # white paper


def test_a_killed_training_goes_on_with_the_images_it_would_have_seen(
    glassnet, workplace, monkeypatch
):
    asked = ["train", "digits", "--network", "lenet", "--no-plots", "--quiet", "--batch-size", 100]
    glassnet(*asked, "--epochs", 3, "--out", "whole")
    settings = RunFolder.open("whole").settings()

    class Power(Callback):
        last, kept = True, False

        def on_train_batch_end(self, batch, logs):
            if self.run.epoch == 1 and batch == 6:  # in the middle of the second epoch
                raise RuntimeError("the power went")

    callbacks = training.callbacks
    with monkeypatch.context() as patch:
        patch.setattr(training, "CHECKPOINT_SECONDS", 0.0)
        patch.setattr(training, "CHECKPOINT_BATCHES", 1)
        patch.setattr(training, "callbacks", lambda *settings: [*callbacks(*settings), Power()])
        with pytest.raises(RuntimeError, match="power"):
            work.train(settings, "broken", verbose=0)
    glassnet("train", "--resume", "broken", "--quiet", "--no-plots")
    one, two = (Sequential.load(f"{name}/model.safetensors") for name in ("whole", "broken"))
    assert (one.parameters.values == two.parameters.values).all()


def test_what_augmentation_does_is_a_picture_of_data_or_of_a_run(glassnet, workplace):
    given = ("digits", "--layers", "9", "--epochs", 1, "--no-plots")
    glassnet("train", *given, "--augment", "shift=1", "--class-weight", "balanced")
    for name, file in (("runs/digits", "runs/digits/augmentation.png"),
                       ("digits", "digits-augmentation.png")):  # fmt: skip
        assert glassnet("plot", "augmentation", name).stdout.strip() == file
        assert (workplace / file).stat().st_size > 10_000
    assert "'iris' has none" in glassnet.error("plot", "augmentation", "iris")
    glassnet("train", *given, "--out", "plain")
    assert "say --augment" in glassnet.error("plot", "augmentation", "plain")


def test_the_report_names_the_network(glassnet, workplace):
    line = glassnet("train", "digits", "--network", "mlp", "--layers", "9", "--epochs", 1,
                    "--no-plots", "--augment", "shift=1")  # fmt: skip
    assert "images changed by shift=1" in line.stderr
    report = json.loads((workplace / "runs/digits/report.json").read_text())
    assert report["network"] == "64-9-10"
