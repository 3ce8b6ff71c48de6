"""What can be asked of a run: evaluate, predict, mistakes, summary, plot."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glassnet import data, plots


def test_evaluate_gives_the_numbers_of_the_training_report(glassnet, runs):
    for name in ("blobs", "diabetes"):
        found = glassnet.json("evaluate", runs / name)
        report = json.loads((runs / name / "report.json").read_text())["held_out"]
        assert {k: found[k] for k in report} == report
    assert "accuracy" in glassnet("evaluate", runs / "digits").stdout
    assert "R²" in glassnet("evaluate", runs / "sine").stdout


def test_evaluate_on_a_table_judges_all_its_rows_and_on_its_own_only_those_held_out(
    glassnet, runs, workplace
):
    shutil.copy(runs / "things.csv", workplace / "others.csv")
    own = glassnet.json("evaluate", runs / "things", runs / "things.csv")
    others = glassnet.json("evaluate", runs / "things", "others.csv")
    assert (own["samples"], others["samples"]) == (12, 60)


def test_evaluate_on_data_of_another_shape_is_refused(glassnet, runs):
    assert "features" in glassnet.error("evaluate", runs / "blobs", "iris")
    assert "did you mean 'blobs'" in glassnet.error("evaluate", runs / "blobs", "blob")


def test_errors_are_in_the_units_of_the_table(glassnet, runs):
    found = glassnet.json("evaluate", runs / "diabetes")
    assert 20 < found["mae"] < 100  # a score of 25 to 346
    assert 25 < glassnet.json("mistakes", runs / "diabetes")["mistakes"][0]["true"] < 346


def test_a_network_for_points_answers_for_a_table_of_points(glassnet, runs, workplace):
    points = data.blobs(5, seed=9)
    lines = [f"{a},{b}" for a, b in points.x.tolist()]
    (workplace / "points.csv").write_text("x1,x2\n" + "\n".join(lines))
    rows = glassnet.json("predict", runs / "blobs", "points.csv")["rows"]
    assert np.mean([int(r["predicted"]) == k for r, k in zip(rows, points.y)]) > 0.8


def test_digits_are_read_from_pictures_of_any_size_and_ground(glassnet, runs, workplace):
    digits = data.load("digits")
    files, right = [], 0
    for i in range(20):
        grey = np.kron(digits.x_test[i] * 15, np.ones((9, 9))).astype(np.uint8)
        paper = np.pad(255 - grey if i % 2 else grey, 20, constant_values=255 if i % 2 else 0)
        files.append(f"{i}.png")
        Image.fromarray(paper).convert("RGB").save(files[-1])
    found = glassnet.json("predict", runs / "digits", *files)["images"]
    for i, image in enumerate(found):
        assert len(image["answers"]) == 3
        right += image["answers"][0]["class"] == str(digits.y_test[i])
    assert right >= 16
    shown = glassnet("predict", runs / "digits", *files, "--picture", "seen.png", "--top", 2)
    assert "19.png" in shown.stdout
    assert (workplace / "seen.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_no_picture_is_refused(glassnet, runs, workplace):
    Image.new("L", (30, 30), 255).save("empty.png")
    (workplace / "text.png").write_text("hello")
    Image.new("L", (30, 30), 0).save("cut.png")
    whole = (workplace / "cut.png").read_bytes()
    (workplace / "cut.png").write_bytes(whole[:40])
    run = runs / "digits"
    assert "nothing is drawn" in glassnet.error("predict", run, "empty.png")
    assert "not a picture" in glassnet.error("predict", run, "text.png")
    assert "not a picture" in glassnet.error("predict", run, "cut.png")
    assert "no such file" in glassnet.error("predict", run, "none.png")
    assert "not a picture" in glassnet.error("predict", run, runs / "things.csv")
    assert "--out is for tables" in glassnet.error("predict", run, "empty.png", "--out", "a.csv")


def test_mistakes_are_those_that_the_model_makes(glassnet, runs, workplace):
    found = glassnet.json("mistakes", runs / "digits")
    accuracy = glassnet.json("evaluate", runs / "digits")["accuracy"]
    assert found["count"] == round(359 * (1 - accuracy))
    sureness = [row["probability"] for row in found["mistakes"]]
    assert sureness == sorted(sureness, reverse=True)
    assert all(row["true"] != row["predicted"] for row in found["mistakes"])
    shown = glassnet("mistakes", runs / "digits", "--out", "wrong.png", "--limit", 3)
    assert "wrong.png" in shown.stdout and (workplace / "wrong.png").exists()


def test_summary_shows_network_settings_and_result(glassnet, runs):
    text = glassnet("summary", runs / "digits").stdout
    assert "Dense" in text and "learning rate" in text and "right on" in text
    assert glassnet.json("summary", runs / "digits")["report"]["status"] == "finished"
    alone = glassnet("summary", runs / "digits/model.safetensors").stdout
    assert "Dense" in alone


def test_every_data_set_is_listed(glassnet):
    shown = glassnet("datasets").stdout
    assert set(glassnet.json("datasets")) == set(data.DATASETS)
    assert all(name in shown for name in data.DATASETS)


@pytest.fixture
def sketched(monkeypatch):
    """The figures that were to be saved, and where; rendering them would take seconds."""
    saved = []

    def save(figure, path):
        saved.append((figure, Path(path)))
        return Path(path)

    monkeypatch.setattr(plots, "save", save)
    return saved


@pytest.mark.parametrize(
    ("kind", "run"),
    [("curves", "digits"), ("confusion", "blobs"), ("boundary", "blobs"), ("regression", "sine"),
     ("weights", "digits"), ("network", "diabetes"), ("histograms", "digits"),
     ("outputs", "blobs"), ("mistakes", "digits")],
)  # fmt: skip
def test_pictures_of_a_run(glassnet, runs, sketched, kind, run):
    shown = glassnet("plot", kind, runs / run).stdout
    ((figure, path),) = sketched
    assert path == runs / run / f"{kind}.png" and str(path) in shown
    assert figure.axes


def test_a_picture_goes_where_it_is_asked_to(glassnet, runs, workplace):
    glassnet("plot", "network", runs / "blobs", "--out", "picture.svg")
    assert (workplace / "picture.svg").read_bytes().startswith(b"<?xml")


def test_several_runs_in_one_picture(glassnet, runs, sketched):
    glassnet("plot", "curves", runs / "digits", runs / "blobs", "--metric", "loss", "--log")
    ((figure, path),) = sketched
    assert path == Path("curves.png") and len(figure.axes) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["data", "moons"], ["data", "digits"], ["data", "iris"], ["activations", "gelu", "tanh"],
        ["schedule", "cosine"], ["tangent", "0.01*x**2 + 0.1*x", "--at", "5,10"],
        ["field", "x0**2 + x1**2"], ["surface", "x0**2 - x1**2", "--x0", "-1,1"],
        ["descent", "x0**2 + x1**2"], ["descent", "x**2", "--start", "3"],
        ["race", "--optimizer", "sgd:0.9", "--optimizer", "adam:0.3"],
    ],
)  # fmt: skip
def test_pictures_by_name(glassnet, sketched, arguments):
    shown = glassnet("plot", *arguments).stdout
    ((figure, path),) = sketched
    assert figure.axes and path.suffix == ".png"
    assert shown.strip().splitlines()[-1] == str(path)


def test_a_descent_as_a_film(glassnet, workplace):
    glassnet("plot", "descent", "x**2", "--start", "3", "--steps", 2, "--out", "film.gif")
    assert (workplace / "film.gif").read_bytes().startswith(b"GIF8")


def test_the_slope_is_that_of_the_book(glassnet, sketched):
    text = glassnet("plot", "tangent", "0.01*x**2 + 0.1*x", "--at", "5,10").stdout
    slopes = [float(line.rpartition(" ")[2]) for line in text.splitlines()[:2]]
    assert slopes == pytest.approx([0.2, 0.3], abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["boundary", "RUNS/digits"], "What fits: curves, confusion"),
        (["curves", "nowhere"], "no such run"),
        (["activations", "relo"], "did you mean 'relu'"),
        (["schedule", "cosin"], "did you mean 'cosine'"),
        (["data", "wines"], "did you mean 'wine'"),
        (["curves", "RUNS/digits", "--out", "a.gif"], "unknown picture format"),
        (["network", "RUNS/blobs", "--out", "RUNS/things.csv/a.png"], "things.csv"),
        (["curves", "RUNS/digits", "--metric", "acuracy"], "did you mean 'accuracy'"),
        (["tangent", "__import__('os')"], "__import__"),
        (["field", "x0**2", "--x0", "3"], "two numbers"),
        (["race", "--optimizer", "adam:fast"], "NAME:RATE"),
        (["nothing"], "unknown command"),
    ],
)
def test_pictures_that_cannot_be(glassnet, runs, workplace, arguments, words):
    given = [a.replace("RUNS", str(runs)) for a in arguments]
    assert words in glassnet.error("plot", *given)
    assert list(workplace.iterdir()) == []


def test_a_damaged_run_is_named(glassnet, runs, workplace):
    shutil.copytree(runs / "blobs", "blobs")
    model = workplace / "blobs/model.safetensors"
    model.write_bytes(model.read_bytes()[:100])
    assert "not a whole safetensors file" in glassnet.error("evaluate", "blobs")
    (workplace / "blobs/settings.json").write_text("{}")
    shutil.copy(runs / "blobs/model.safetensors", model)
    assert "settings.json" in glassnet.error("evaluate", "blobs")
    (workplace / "empty").mkdir()
    assert "holds no run" in glassnet.error("evaluate", "empty")
