"""A folder of photos on the command line: train, evaluate, mistakes, predict, go on."""

import csv
import json
import shutil

import pytest

from glassnet import load
from glassnet.runs import training, work
from glassnet.runs.folder import RunFolder


@pytest.fixture(scope="module")
def place(tmp_path_factory, glassnet, draw):
    """photos/, other/ and a run of a small network on photos/, read and never changed."""
    folder = tmp_path_factory.mktemp("images")
    draw(folder / "photos", ("circle", "사각형"), 20)
    draw(folder / "other", ("circle", "사각형"), 4, seed=9)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        glassnet("train", "photos/", "--size", "24x20", "--epochs", 3, "--no-plots", "--quiet")
    return folder


@pytest.fixture
def inside(place, monkeypatch):
    monkeypatch.chdir(place)
    return place


def test_what_a_run_keeps(inside, glassnet):
    settings = json.loads((inside / "runs/photos/settings.json").read_text())
    assert settings["settings"]["size"] == [24, 20] and settings["settings"]["network"] == "convnet"
    assert settings["data"]["class_names"] == ["circle", "사각형"]
    report = json.loads((inside / "runs/photos/report.json").read_text())
    assert report["data"]["training"] == 32 and report["data"]["held_out"] == 8
    assert report["data"]["notes"][0].startswith("24×20 pixels, as asked for; in colour")
    model = load("runs/photos")
    assert model.preprocessing.size == (24, 20) and model.input_shape == (24, 20, 3)


def test_it_is_judged_on_what_was_held_out_and_on_other_folders(inside, glassnet):
    report = json.loads((inside / "runs/photos/report.json").read_text())
    own = glassnet.json("evaluate", "runs/photos")
    assert own["data"] == "8 held-out images of photos"
    assert own["accuracy"] == report["held_out"]["accuracy"]
    assert glassnet.json("evaluate", "runs/photos", "photos")["accuracy"] == own["accuracy"]
    other = glassnet.json("evaluate", "runs/photos", "other")
    assert other["samples"] == 8 and other["data"] == "all 8 images of other"


def test_what_was_held_out_stays_so(glassnet, tmp_path, draw, monkeypatch):
    """Whatever comes into the folder later; and only that is read."""
    from glassnet.data import image_files

    monkeypatch.chdir(tmp_path)
    draw(tmp_path / "photos", each=10)
    odd = tmp_path / "photos/circle/003.jpg"
    odd.rename(odd.with_name("세모, \udcff.jpg"))
    glassnet("train", "photos", "--epochs", 1, "--validation", 0.2, "--no-plots", "--quiet")
    before = glassnet.json("evaluate", "runs/photos")
    with (tmp_path / "runs/photos/images.csv").open(errors="surrogateescape") as file:
        rows = list(csv.DictReader(file))
    count = {part: sum(row["part"] == part for row in rows) for part in ("training", "held out")}
    assert len(rows) == 20 and count == {"training": 13, "held out": 4}
    draw(tmp_path / "photos", each=10, seed=9, suffix=".png")
    read = []
    real = image_files.ImageFiles.one
    monkeypatch.setattr(
        image_files.ImageFiles, "one", lambda f, path: read.append(path) or real(f, path)
    )
    assert glassnet.json("evaluate", "runs/photos") == before
    assert not [path for path in read if path.endswith(".png")]
    gone = next(row["file"] for row in rows if row["part"] == "held out")
    (tmp_path / gone).unlink()
    after = glassnet.json("evaluate", "runs/photos")
    assert after["data"].startswith("3 held-out images of photos (left out: 1 image that cannot")
    (tmp_path / "runs/photos/images.csv").write_text("part,class,file\nheld out,star,a.jpg\n")
    assert "images.csv: is damaged" in glassnet.error("evaluate", "runs/photos")


def test_mistakes_name_their_files(inside, glassnet, tmp_path):
    """Of a network that is wrong half the time: the other folder with its names exchanged."""
    wrong = tmp_path / "wrong"
    shutil.copytree(inside / "other/circle", wrong / "사각형")
    shutil.copytree(inside / "other/사각형", wrong / "circle")
    shutil.copytree(inside / "photos/circle", wrong / "circle/right")
    found = glassnet.json("mistakes", "runs/photos", wrong, "--limit", 99)
    assert found["count"] == len(found["mistakes"]) > 8
    for row in found["mistakes"]:
        assert f"/{row['true']}/" in row["file"] and row["true"] != row["predicted"]
    text = glassnet("mistakes", "runs/photos", wrong, "--out", tmp_path / "gallery.png").stdout
    assert found["mistakes"][0]["file"].rsplit("/", 1)[1] in text.replace("\n", "")
    assert (tmp_path / "gallery.png").read_bytes().startswith(b"\x89PNG")


def test_answers_for_files_and_folders(inside, glassnet, tmp_path):
    found = glassnet.json("predict", "runs/photos", "other", "photos/circle/000.jpg", "--top", 1)
    assert [row["file"] for row in found["images"]][-2:] == [
        "other/사각형/003.jpg", "photos/circle/000.jpg",
    ]  # fmt: skip
    assert len(found["images"]) == 9
    assert all(len(row["answers"]) == 1 for row in found["images"])
    shutil.copytree("other", tmp_path / "mixed")
    (tmp_path / "mixed/broken.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "mixed/list.csv").write_text("a,b")
    result = glassnet("predict", "runs/photos", tmp_path / "mixed", "--picture", tmp_path / "p.png")
    assert "1 image that cannot be read" in result.stderr and "list.csv" not in result.stderr
    assert "003.jpg" in result.stdout and (tmp_path / "p.png").exists()
    assert "no image that can be read" not in result.stdout
    error = glassnet("predict", "runs/photos", tmp_path / "mixed/broken.jpg", code=2).stderr
    assert "there is no image to answer for" in error and "broken.jpg" in error
    assert "no such file or folder" in glassnet.error("predict", "runs/photos", "nowhere.jpg")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("photos", "--target", "kind"), "photos is a folder of images, whose classes are its"),
        (("photos", "--missing", "fill"), "missing is for tables"),
        (("photos", "--effort", "quick"), "'photos' is a folder of images: leave --effort out"),
        (("photos", "--test", "photos"), "is the folder to learn from"),
        (("photos", "--test", "runs"), "is no folder of images"),
        (("photos", "--size", 2), "must be a whole number of pixels from 4 to 4096"),
        (("digits", "--size", 8), "size is for a folder of images, and 'digits' is none"),
        (("digits", "--grey"), "color is for a folder of images"),
        (("photos", "--compare"), "has images: leave out --compare"),
        (("photos/circle",), "in no folder of a class"),
    ],
)
def test_refusals(inside, glassnet, arguments, said):
    before = sorted(path.name for path in (inside / "runs").iterdir())
    result = glassnet("train", *arguments, code=2)
    assert said in result.stderr and "Error: " in result.stderr
    assert sorted(path.name for path in (inside / "runs").iterdir()) == before


def test_a_folder_of_nothing_that_is_read(glassnet, tmp_path):
    assert "neither the Parquet files of a table nor images" in glassnet.error("train", tmp_path)
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "phone.heic").write_bytes(b"x")
    error = glassnet("train", tmp_path, code=2).stderr
    assert "2 files in a format that is not read here" in error and "save as JPEG" in error


def test_another_size_of_words(inside, glassnet):
    assert (
        "expected pixels, as in 64" in glassnet("train", "photos", "--size", "big", code=2).stderr
    )


def test_the_photos_of_a_folder_are_drawn(inside, glassnet, tmp_path):
    glassnet("plot", "data", "photos", "--out", tmp_path / "photos.png")
    assert (tmp_path / "photos.png").read_bytes().startswith(b"\x89PNG")


def test_a_table_is_not_for_a_network_of_photos(inside, glassnet, tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    said = glassnet.error("evaluate", "runs/photos", tmp_path / "a.csv")
    assert "learned from a folder of images (photos/)" in said


def test_a_network_of_another_kind_does_not_take_photos(inside, glassnet, tmp_path):
    glassnet("train", "blobs", "--epochs", 1, "--out", tmp_path / "b", "--no-plots", "--quiet")
    assert "did not learn from such a folder" in glassnet.error(
        "evaluate", tmp_path / "b", "photos"
    )


def test_all_options(inside, glassnet, tmp_path, draw):
    """Grey, padded, another folder to judge on, a share to watch, balanced; and the pictures."""
    report = glassnet.json(
        "train", "photos", "--grey", "--aspect", "pad", "--size", 16, "--test", "other",
        "--validation", 0.25, "--patience", 2, "--network", "mlp", "--layers", 8,
        "--class-weight", "balanced", "--epochs", 2, "--out", tmp_path / "run",
    )  # fmt: skip
    assert (report["data"]["training"], report["data"]["validation"]) == (30, 10)
    assert report["data"]["held_out"] == 8 and report["network"] == "256-8-2"
    assert "with black beside the image" in report["data"]["notes"][0]
    for name in ("curves", "confusion", "mistakes"):
        assert (tmp_path / f"run/{name}.png").exists()
    assert "8 images of other" in glassnet("evaluate", tmp_path / "run").stdout


@pytest.mark.parametrize("memory", [None, 20_000])
def test_a_stopped_run_goes_on_to_the_same_bits(inside, tmp_path, monkeypatch, memory):
    """Whether the images fit into memory or are read beside the training."""
    from functools import partial

    from glassnet import data
    from glassnet.callbacks import Callback
    from glassnet.runs.recipes import settings_for

    monkeypatch.setattr(data, "image_folder", partial(data.image_folder, memory=memory))
    settings = settings_for("photos", {"size": (16, 16), "epochs": 2, "batch_size": 4})
    whole = work.train(settings, tmp_path / "whole", verbose=0, plots=False)
    steps = []

    class Stop(Callback):
        def on_train_batch_end(self, run, logs=None):
            steps.append(1)
            if len(steps) == 11:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        real = training.callbacks
        patch.setattr(training, "callbacks", lambda *a: [*real(*a), Stop()])
        patch.setattr(training, "CHECKPOINT_BATCHES", 3)
        outcome = work.train(settings, tmp_path / "part", verbose=0, plots=False)
    assert outcome.interrupted
    again = work.resume(RunFolder.open(tmp_path / "part"), verbose=0, plots=False)
    assert (again.model.parameters.values == whole.model.parameters.values).all()


def test_a_changed_folder_is_not_gone_on_with(inside, glassnet, tmp_path, draw):
    draw(tmp_path / "photos")
    glassnet("train", tmp_path / "photos", "--epochs", 1, "--out", tmp_path / "run", "--no-plots",
             "--quiet")  # fmt: skip
    (tmp_path / "run/report.json").unlink()
    draw(tmp_path / "photos", each=3, seed=5)
    assert "is not what this run began with" in glassnet.error(
        "train", "--resume", tmp_path / "run"
    )


def test_a_korean_class_in_a_csv_of_its_history(inside):
    with (inside / "runs/photos/history.csv").open(encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == 4
