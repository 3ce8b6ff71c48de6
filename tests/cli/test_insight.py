"""What a run has learned, on the command line: pictures, numbers, words, base rates."""

import json

import numpy as np
import pytest

ROWS = 400


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Two small tables: a rare class that nothing tells of, and a value in kilograms."""
    folder = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(0)
    age, city = rng.integers(20, 80, ROWS), rng.choice(["서울", "부산"], ROWS)
    rare = np.where(rng.random(ROWS) < 0.05, "yes", "no")
    kg = 0.5 * age + 8 * (city == "서울") + rng.normal(0, 1, ROWS)
    for name, target in (("rare", rare), ("kg", kg.round(2))):
        lines = [f"{a},{c},{t}" for a, c, t in zip(age, city, target)]
        (folder / f"{name}.csv").write_text(
            "\n".join([f"age,city,{name}", *lines]) + "\n", encoding="utf-8"
        )
    return folder


@pytest.fixture
def trained(glassnet, workplace, places):
    """A function that trains on one of them, as one small network."""

    def train(name, *options):
        return glassnet.json(
            "train", places / f"{name}.csv", "--target", name, "--layers", "8", "--epochs", 60,
            "--no-plots", *options,
        )  # fmt: skip

    return train


def test_a_rare_class_that_is_never_answered_is_said(glassnet, workplace, places, trained):
    report = trained("rare")
    held = report["held_out"]
    assert held["always"]["answer"] == "no" and held["always"]["accuracy"] >= held["accuracy"]
    assert held["never_answered"] == ["yes"]
    assert any("Never answered: “yes”" in line for line in report["next"])
    assert any("--class-weight balanced" in line for line in report["next"])
    assert any(" of “no”, " in line for line in report["next"])  # the diagnosis, by name
    quiet = glassnet(
        "train", places / "rare.csv", "--target", "rare", "--layers", "8", "--epochs", 60,
        "--no-plots", "--quiet",
    ).stdout  # fmt: skip
    assert "no better than always “no”: " in quiet and "never answered: “yes”" in quiet
    assert "no better than always “no”: " in glassnet("evaluate", "runs/rare").stdout


def test_balanced_classes_are_both_answered(glassnet, workplace, places, trained):
    report = trained("rare", "--class-weight", "balanced")
    assert report["held_out"]["never_answered"] == []
    settings = json.loads((workplace / "runs/rare/settings.json").read_text())["settings"]
    assert settings["class_weight"] == "balanced"
    refused = glassnet.error("train", places / "kg.csv", "--target", "kg", "--layers", "8",
                             "--class-weight", "balanced")  # fmt: skip
    assert "--class-weight balanced is for classes, but 'kg' is predicted as a value" in refused


def test_values_are_compared_with_the_mean_and_with_peers(glassnet, workplace, places, trained):
    report = trained("kg", "--compare")
    assert report["held_out"]["always"]["mae"] > 1.5 * report["held_out"]["mae"]
    assert report["compare"]["linear"]["r2"] > 0.9 and report["compare"]["boosting"]["r2"] > 0.9
    closing = glassnet("train", places / "kg.csv", "--target", "kg", "--layers", "8", "--epochs",
                       60, "--no-plots", "--compare").stdout  # fmt: skip
    assert "always the mean would be off by" in closing and "a linear model: R² 0.9" in closing
    refused = glassnet.error("train", "digits", "--compare")
    assert "has images: leave out --compare" in refused


def test_pictures_numbers_and_words_of_a_run(glassnet, workplace, places):
    glassnet("train", places / "kg.csv", "--target", "kg", "--layers", "8", "--epochs", 20)
    run = workplace / "runs/kg"
    for kind in ("importance", "dependence", "residuals", "groups"):
        assert (run / f"{kind}.png").read_bytes().startswith(b"\x89PNG")
    assert not (run / "calibration.png").exists()
    assert [c["column"] for c in json.loads((run / "report.json").read_text())["columns"]] == [
        "age", "city",
    ]  # fmt: skip
    kept = json.loads((run / "insight.json").read_text())
    assert [c["column"] for c in kept["importance"]["columns"]] == ["age", "city"]
    assert kept["residuals"]["samples"] == ROWS // 5
    assert kept["surest_mistakes"][0]["values"].keys() == {"age", "city"}
    shown = glassnet("plot", "importance", "runs/kg", "--repeats", 2, "--metric", "mae").stdout
    assert "mae rises by" in shown and "runs/kg/importance.png" in shown
    curve = glassnet.json("plot", "dependence", "runs/kg", "--column", "city")
    assert curve["dependence"][0]["grid"] == ["부산", "서울"]
    told = glassnet("explain", "runs/kg", "--row", 3).stdout
    assert told.startswith(f"row 3 of {places / 'kg.csv'}, which was ")
    assert "that makes kg" in told and "age is " in told
    found = glassnet.json("explain", "runs/kg", "--row", 3)
    assert {c["column"] for c in found["columns"]} == {"age", "city"}
    assert "they are 2 to 401 (rows are numbered as in a spreadsheet" in glassnet.error(
        "explain", "runs/kg", "--row", 1
    )
    assert "does not fit" in glassnet.error("plot", "calibration", "runs/kg")
    assert "did you mean 'age'" in glassnet.error(
        "plot", "dependence", "runs/kg", "--column", "ages"
    )
