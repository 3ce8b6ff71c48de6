"""What the version before saved opens still, with the same answers.

`data/` was written by `make.py` with version 0.1.0; `answers.json` holds what it answered.
Rounding differs between processors, so numbers are compared, not bits.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet import Sequential
from glassnet.lab import fields
from glassnet.lab.session.saving import load as load_state

HERE = Path(__file__).parent
DATA = HERE / "data"
ANSWERS = json.loads((DATA / "answers.json").read_text())

specification = importlib.util.spec_from_file_location("make", HERE / "make.py")
assert specification is not None and specification.loader is not None
make = importlib.util.module_from_spec(specification)
specification.loader.exec_module(make)

NAMED = np.array(["apple", "배", "cherry"])[np.arange(12) % 3]


def close(found, wanted, dtype="float32"):
    np.testing.assert_allclose(found, wanted, **TOLERANCE[str(np.dtype(dtype))])


TOLERANCE = {"float32": {"rtol": 2e-5, "atol": 2e-6}, "float64": {"rtol": 1e-8, "atol": 1e-9}}


def questions(name):
    """The inputs and targets that the network was asked about."""
    if name == "every_layer":
        return make.inputs(6).reshape(12, 2, 3), np.arange(12) % 3
    if name == "named_classes":
        return make.inputs(), NAMED
    if name in make.LEARNING:
        return make.inputs(), make.targets(make.LEARNING[name][1])
    return make.inputs(2 if name == "spiral/model" else 4), None


@pytest.mark.parametrize("name", ANSWERS["models"])
def test_a_saved_model_answers_as_before(name, tmp_path):
    model = glassnet.load(DATA / f"{name}.safetensors")
    x, y = questions(name)
    wanted = ANSWERS["models"][name]
    for each in (model, again(model, tmp_path)):
        close(each.predict(x), wanted["predictions"], each.dtype)
        if y is not None:
            assert each.evaluate(x, y) == pytest.approx(wanted["evaluation"], rel=1e-5)


def again(model: Sequential, folder: Path) -> Sequential:
    """Saved by this version and loaded again."""
    model.save(folder / "again.safetensors")
    return Sequential.load(folder / "again.safetensors")


@pytest.mark.parametrize("name", [*make.LEARNING, "every_layer"])
def test_a_model_describes_itself_in_the_same_words(name):
    """Names and keys in files are not changed: other programs read them."""
    saved = Sequential.load(DATA / f"{name}.safetensors")
    built = make.every_layer() if name == "every_layer" else make.learner(name)
    built.build(saved.input_shape)
    learned = {"classes": saved.get_config()["classes"]}  # by fit
    described, kept = built.get_config() | learned, saved.get_config()
    if name == "adam":  # its loss reads logits: 0.1.0 counted them as right from 0.5 on, not from 0
        assert described["compile"].pop("metrics") == [{"name": "accuracy", "threshold": 0.0}]
        assert kept["compile"].pop("metrics") == [{"name": "accuracy", "threshold": 0.5}]
    assert described == kept
    assert list(built.parameters.slices) == list(saved.parameters.slices)


def test_an_interrupted_training_goes_on_to_the_same_end(tmp_path):
    path = Path(shutil.copy(DATA / "checkpoint.safetensors", tmp_path))
    model = make.interrupted()
    history = make.train(model, path, make.StopAt(0), resume=True)
    wanted = ANSWERS["checkpoint"]
    close(model.parameters.values, wanted["values"], "float64")
    close(model.parameters.state, wanted["state"], "float64")
    assert history.history.keys() == wanted["history"].keys()
    for name, values in history.history.items():
        assert values == pytest.approx(wanted["history"][name], rel=1e-8), name


@pytest.mark.parametrize("name", ["spiral", "table"])
def test_a_run_is_judged_as_before(name, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from glassnet.cli.root import root

    shutil.copytree(DATA, tmp_path / "data")
    monkeypatch.chdir(tmp_path / "data")

    def glassnet(*arguments):
        result = CliRunner().invoke(root, arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    found = json.loads(glassnet("evaluate", name, "--json"))
    assert name in glassnet("summary", name)
    alike(found.get("held_out", found), ANSWERS[name])


def alike(found, wanted):
    """The same keys in the same order, the same texts, numbers that are close."""
    if isinstance(wanted, dict):
        assert set(wanted) <= set(found)
        for key, value in wanted.items():
            alike(found[key], value)
    elif isinstance(wanted, list):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            alike(one, other)
    else:
        assert found == (pytest.approx(wanted, rel=1e-4) if isinstance(wanted, float) else wanted)


@pytest.mark.parametrize("link", make.LINKS)
def test_a_link_of_the_lab_opens_and_learns_as_before(link, open_session):
    session = open_session(link)
    wanted = ANSWERS["links"][link]
    assert session.notice is None
    assert fields.to_address(session.values) == wanted["address"]
    close(session.model.parameters.values, wanted["start"])
    for _ in range(make.EPOCHS_OF_LINK):
        session.trainer.one_epoch()
    np.testing.assert_allclose(session.model.parameters.values, wanted["end"], rtol=1e-3, atol=1e-4)
    measured = session.trainer.measured
    assert {name: measured[name] for name in wanted["measured"]} == pytest.approx(
        wanted["measured"], rel=1e-3
    )


def test_a_saved_state_of_the_lab_opens(open_session):
    session = open_session()
    load_state(session, json.loads((DATA / "lab_state.json").read_text()))
    wanted = ANSWERS["lab_state"]
    assert session.trainer.epoch == wanted["epoch"]
    assert session.trainer.measured == pytest.approx(wanted["measured"], rel=1e-4)


def test_a_run_whose_images_were_changed_before_they_came_in_goes_on(tmp_path, monkeypatch):
    """Before there were layers for it; the power went in its second epoch."""
    from click.testing import CliRunner

    from glassnet.cli.root import root

    shutil.copytree(DATA / "augmented", tmp_path / "augmented")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(root, ["train", "--resume", "augmented", "--quiet", "--no-plots"])
    assert result.exit_code == 0, result.output
    model = Sequential.load(tmp_path / "augmented")
    assert [layer.kind for layer in model.layers if layer.augments] == [
        "random_translation", "random_rotation",
    ]  # fmt: skip
    history = (tmp_path / "augmented/history.csv").read_text().splitlines()
    before = (DATA / "augmented/history.csv").read_text().splitlines()
    assert history[:2] == before[:2] and len(history) == 4
