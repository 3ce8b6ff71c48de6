import json
import subprocess
import sys
from math import erf
from types import SimpleNamespace

import numpy as np
import pytest

from glassnet import Sequential, layers
from glassnet.errors import ConfigError, DataError, DivergedError, FileFormatError, UnknownNameError
from glassnet.runs import pictures, samples, work
from glassnet.runs.folder import RunFolder
from glassnet.runs.recipes import CEILINGS, settings_for


def quick(data="blobs", **given):
    return settings_for(data, {"epochs": 3, **given})


def train(settings, out=None):
    return work.train(settings, out, verbose=0, plots=False)


def test_a_run_leaves_a_whole_folder(workplace):
    outcome = train(quick())
    assert sorted(p.name for p in (workplace / "runs/blobs").iterdir()) == [
        "checkpoint.safetensors", "history.csv", "model.safetensors", "report.json",
        "settings.json",
    ]  # fmt: skip
    folder = RunFolder.open("runs/blobs")
    assert folder.settings() == quick()
    assert folder.report() == json.loads(json.dumps(outcome.report))
    assert folder.history().history.keys() == outcome.history.history.keys()
    model = folder.model()
    assert np.array_equal(model.parameters.values, outcome.model.parameters.values)
    held = outcome.report["held_out"]
    x, y = samples.load(quick()).held_out
    assert held["samples"] == len(x) == 3000
    assert held["accuracy"] == np.mean(model.predict(x).argmax(axis=1) == y)


def test_the_same_settings_give_the_same_bits(workplace):
    first, second = train(quick(seed=5)), train(quick(seed=5))
    other = train(quick(seed=6))
    values = [o.model.parameters.values for o in (first, second, other)]
    assert np.array_equal(values[0], values[1])
    assert not np.array_equal(values[0], values[2])


def test_a_taken_name_gets_a_number_and_a_taken_folder_is_refused(workplace):
    assert str(train(quick()).folder) == "runs/blobs"
    assert str(train(quick()).folder) == "runs/blobs-2"
    with pytest.raises(ConfigError, match="holds a run already"):
        train(quick(), "runs/blobs")
    (workplace / "mine").mkdir()
    (workplace / "mine/letter.txt").write_text("dear")
    with pytest.raises(ConfigError, match="is not empty"):
        train(quick(), "mine")
    with pytest.raises(ConfigError, match="is a file"):
        train(quick(), "mine/letter.txt")


@pytest.mark.parametrize(
    "given",
    [{"epochs": 0}, {"batch_size": 0}, {"learning_rate": -1.0}, {"dropout": 1.0}, {"l2": -1.0},
     {"activation": "relo"}, {"optimizer": "adma"}, {"schedule": "cosin"}, {"dtype": "float8"},
     {"layers": (0,)}, {"seed": -1}],
)  # fmt: skip
def test_bad_settings_leave_no_folder(workplace, given):
    with pytest.raises(ConfigError):
        train(settings_for("blobs", given))
    assert not (workplace / "runs").exists()


def test_an_unknown_data_set_names_the_closest(workplace):
    with pytest.raises(UnknownNameError, match="did you mean 'spiral'"):
        train(settings_for("spirl"))


def test_no_sample_is_both_learned_from_and_held_out():
    for name in ("digits", "moons"):
        loaded = samples.load(settings_for(name, {"validation": 0.25}))
        parts = [loaded.data.x, loaded.validation[0], loaded.held_out[0]]
        rows = [{row.tobytes() for row in part} for part in parts]
        assert not rows[0] & rows[1] and not rows[0] & rows[2] and not rows[1] & rows[2]


def test_a_finished_run_is_not_resumed(workplace):
    outcome = train(quick())
    with pytest.raises(ConfigError, match="has ended"):
        work.resume(outcome.folder)


@pytest.mark.parametrize("where", ["warm_up", "study_of"])
def test_ctrl_c_beside_the_training_says_what_there_is(workplace, monkeypatch, where):
    def pressed(*arguments):
        raise KeyboardInterrupt

    lines = [f"{i % 7},{'yes' if i % 7 > 3 else 'no'}" for i in range(60)]
    (workplace / "t.csv").write_text("\n".join(["a,y", *lines]))
    settings = settings_for("t.csv", {"target": "y", "epochs": 1})
    said = []
    with monkeypatch.context() as patch:
        patch.setattr(work, where, pressed)
        with pytest.raises(KeyboardInterrupt):
            work.train(settings, "run", verbose=0, plots=False, say=said.append)
    folder = RunFolder.open("run")
    if where == "study_of":
        assert folder.finished and said[-1].startswith("The network and its report are in run")
    else:
        assert said[-1] == "Go on with: glassnet train --resume run"
        assert work.resume(folder, verbose=0, plots=False).report["epochs"] == 1


def test_a_run_that_never_began_to_learn_is_resumed_from_the_start(workplace):
    whole = train(quick(), "whole")
    loaded = samples.load(quick())
    folder = RunFolder.create("blobs", "killed")
    folder.begin(quick(), loaded.data, loaded.fingerprint())
    again = work.resume(folder, verbose=0, plots=False)
    assert np.array_equal(again.model.parameters.values, whole.model.parameters.values)


def test_other_data_than_at_the_start_is_refused(workplace):
    folder = RunFolder.create("blobs", "killed")
    folder.begin(quick(), samples.load(quick()).data, "0" * 32)
    with pytest.raises(DataError, match="not what this run began with"):
        work.resume(folder)


def test_a_diverged_run_keeps_its_last_good_model(workplace):
    with pytest.raises(DivergedError, match="smaller learning rate"):
        train(settings_for("sine", {
            "optimizer": "sgd", "learning_rate": 1e6, "activation": "relu", "epochs": 50,
        }))  # fmt: skip
    folder = RunFolder.open("runs/sine")
    assert folder.report()["status"] == "diverged"
    assert np.isfinite(folder.model().parameters.values).all()


def test_regression_is_judged_by_its_errors(workplace):
    outcome = train(settings_for("sine", {"epochs": 20}))
    held = outcome.report["held_out"]
    assert held["r2"] <= 1 and held["mae"] <= held["rmse"]
    assert "accuracy" not in held


def test_folders_without_a_run_are_refused(workplace):
    with pytest.raises(FileNotFoundError, match="no such run"):
        RunFolder.open("nowhere")
    (workplace / "run").mkdir()
    for name, way in (
        ("model.safetensors", "import"), ("a.onnx", "import"), ("settings.json", "name its folder"),
        ("checkpoint.safetensors", "name its folder, .*run"),
    ):  # fmt: skip
        (workplace / "run" / name).touch()
        with pytest.raises(FileFormatError, match=way):
            RunFolder.open(workplace / "run" / name)
    (workplace / "empty").mkdir()
    with pytest.raises(FileFormatError, match="holds no run"):
        RunFolder.open("empty")


@pytest.mark.parametrize("name", ["settings.json", "report.json", "history.csv"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"epoch,loss\n1,what\n", b"\xff\xfe\x00"])
def test_damaged_files_are_named(workplace, name, content):
    folder = train(quick()).folder
    (folder.path / name).write_bytes(content)
    read = {"settings.json": folder.settings, "report.json": folder.report,
            "history.csv": folder.history}[name]  # fmt: skip
    with pytest.raises(FileFormatError, match=name):
        read()


def test_what_to_try_next_comes_from_the_diagnosis(workplace):
    report = train(settings_for("blobs", {"learning_rate": 1e-6})).report
    assert [finding["kind"] for finding in report["diagnosis"]] == ["learning_rate_too_small"]
    assert "--learning-rate" in report["next"][0]


def test_better_on_old_data_than_on_new_is_said(workplace):
    report = train(settings_for("spiral", {"epochs": 400})).report
    assert report["training"]["accuracy"] > report["held_out"]["accuracy"] + 0.03
    assert any("--dropout" in line for line in report["next"])
    assert report["ceiling"] == 0.910


def test_what_thirty_samples_may_do_by_chance_is_no_overfitting(workplace):
    report = train(settings_for("iris")).report
    assert report["training"]["accuracy"] > report["held_out"]["accuracy"] + 0.03
    assert not any("--dropout" in line for line in report["next"])


def test_only_the_samples_that_pictures_show_are_kept_after_training(monkeypatch):
    monkeypatch.setattr(samples, "SHOWN", 50)
    loaded = samples.load(quick())
    x, y = loaded.data.x, loaded.data.y
    loaded.release()
    assert np.array_equal(loaded.data.x, x[:50]) and np.array_equal(loaded.data.y, y[:50])
    assert loaded.data.x.base is None
    assert len(loaded.held_out[0]) == 3000


def test_the_ceilings_are_those_of_the_formulas():
    """Spiral: the radius tells r, the angle is normal around that of the class, σ = 2.5·0.2."""
    turn = 2 * np.pi
    angle = np.linspace(0, turn, 100_001)[:-1]
    spiral = [
        sum(np.exp(-0.5 * ((angle - 10 * k + turn * j) / 0.5) ** 2) for j in range(-3, 8))
        for k in range(3)
    ]
    best = np.max(spiral, axis=0).sum() * turn / len(angle) / (0.5 * np.sqrt(turn)) / 3
    assert best == pytest.approx(CEILINGS["spiral"], abs=5e-4)
    below = 0.5 * (1 + erf(5 / 3 / np.sqrt(2)))  # Φ(5/3): the middle between two clouds
    assert (4 * below - 1) / 3 == pytest.approx(CEILINGS["vertical"], abs=5e-4)


def test_training_loads_nothing_that_only_pictures_and_explanations_need(tmp_path):
    code = (
        "import sys; from glassnet.runs.recipes import settings_for;"
        "from glassnet.runs import work;"
        f"work.train(settings_for('blobs', {{'epochs': 1}}), {str(tmp_path / 'run')!r}, verbose=0,"
        "plots=False); slow = 'matplotlib', 'glassnet.explain', 'sklearn.ensemble', 'pandas';"
        "print([m for m in slow if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert printed.stdout.strip() == "[]", printed.stderr


def test_weights_of_three_axes_over_the_columns_of_a_table_are_no_filters():
    """glassnet train --effort best ended with an error, after all of its training."""
    facts = SimpleNamespace(image_shape=None)
    columns = Sequential([layers.PeriodicEmbedding(2, 4), layers.Dense(2, "softmax")], seed=0)
    columns.build((7,))
    pixels = Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)], seed=0)
    pixels.build((8, 8, 1))
    fits = pictures.KINDS["weights"].fits
    assert not fits(SimpleNamespace(facts=facts, model=columns))
    assert fits(SimpleNamespace(facts=facts, model=pixels))
