"""A search from its beginning to its end: begun, stopped, killed, gone on with, joined."""

import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from glassnet import load, tune
from glassnet.cli.root import root
from glassnet.errors import ConfigError, DataError, FileFormatError, StorageError
from glassnet.runs import samples
from glassnet.tune import beating, working
from glassnet.tune.telling import command

optuna = pytest.importorskip("optuna")

SMALL = {"epochs": 6, "trials": 6, "plots": False, "say": None}
BEATEN = ("trial", "seconds", "why")


def search(out, data="iris", **given):
    return tune.search(data, out=out, **{**SMALL, **given})


def results(found):
    """What each trial that counts was, in the order in which they ended."""
    return [
        {k: v for k, v in row.items() if k not in BEATEN}
        for row in found.trials
        if row["state"] != "failed"
    ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A search that nothing disturbs."""
    return search(tmp_path_factory.mktemp("searches") / "whole", search={"l2": "0.01,0.03"})


def test_the_best_is_judged_on_validation_samples_without_the_penalty(whole):
    model, settings = whole.model, whole.settings
    watched = samples.load(settings).validation
    p = np.asarray(model.predict(watched[0]), np.float64)
    by_hand = -np.log(p[np.arange(len(p)), watched[1]]).mean()
    assert whole.value == pytest.approx(by_hand, rel=1e-4)
    assert sum(layer.penalty() for layer in model.layers) > 0.01
    complete = [row["loss"] for row in whole.trials if row["state"] == "complete"]
    assert whole.value == min(complete) and len(whole.trials) == 6
    assert whole.trials[0]["layers"] == "32"  # the recipe comes first
    assert whole.trials[0]["learning_rate"] == 0.01


def test_the_command_trains_the_same_network(whole, tmp_path):
    words = whole.command.split()[1:]
    done = CliRunner().invoke(root, [*words, "--no-plots", "--quiet", "--out", str(tmp_path / "x")])
    assert done.exit_code == 0, done.output
    again = load(tmp_path / "x")
    np.testing.assert_array_equal(again.parameters.values, whole.model.parameters.values)


def test_a_command_has_all_that_was_given():
    given = {"target": "price in €", "ignore": ("a b", "c"), "layers": (), "size": (48, 64),
             "color": False, "header": False, "strict": True, "learning_rate": 1e-05,
             "names": ("a", "b"), "dropout": None}  # fmt: skip
    assert command("my table.csv", given) == (
        "glassnet train 'my table.csv' --layers none --learning-rate 1e-05 --target 'price in €' "
        "--ignore 'a b' --ignore c --strict --no-header --names a,b --size 48x64 --grey"
    )


def test_its_folder_is_opened_as_a_run(whole, glassnet):
    found = glassnet.json("evaluate", whole.folder)
    assert found["accuracy"] == pytest.approx(whole.report["held_out"]["accuracy"])
    assert glassnet("summary", whole.folder).stdout
    assert json.loads((whole.folder / "result.json").read_text())["value"] == whole.value
    assert len((whole.folder / "trials.csv").read_text().splitlines()) == 7


@pytest.mark.parametrize("number", [0, 3])
def test_a_search_that_was_stopped_goes_on_to_the_same_numbers(
    whole, tmp_path, monkeypatch, number
):
    real = working.Reports.on_epoch_end

    def ctrl_c(self, epoch, logs):
        if self.trial.number == number:
            os.kill(os.getpid(), signal.SIGINT)
        real(self, epoch, logs)

    monkeypatch.setattr(working.Reports, "on_epoch_end", ctrl_c)
    stopped = search(tmp_path / "a", search={"l2": "0.01,0.03"})
    assert stopped.interrupted and stopped.run is None
    with pytest.raises(FileFormatError, match="has not ended, and has no network yet"):
        load(tmp_path / "a")
    monkeypatch.undo()
    ended = tune.resume(tmp_path / "a", plots=False, say=None)
    assert results(ended) == results(whole)
    np.testing.assert_array_equal(ended.model.parameters.values, whole.model.parameters.values)
    with pytest.raises(ConfigError, match="has ended, with 6 trials"):
        tune.resume(tmp_path / "a", say=None)
    more = tune.resume(tmp_path / "a", trials=8, plots=False, say=None)
    assert results(more)[:6] == results(whole) and len(results(more)) == 8
    assert load(tmp_path / "a") is not None


def test_a_trial_that_two_workers_call_lost_at_once_is_lost(monkeypatch):
    """Optuna looks whether it has ended, and then writes; the other one came between."""
    study = optuna.create_study()
    study.ask()
    write, failed = study._storage.set_trial_state_values, optuna.trial.TrialState.FAIL

    def late(number, state, values=None):
        write(number, failed)
        return write(number, state, values)

    monkeypatch.setattr(study._storage, "set_trial_state_values", late)
    working.lose(study, study.trials[0])
    assert [trial.state for trial in study.trials] == [failed]


def test_a_trial_that_two_call_lost_is_tried_again_once():
    study = optuna.create_study()
    study.ask({"learning_rate": optuna.distributions.FloatDistribution(0.1, 1.0)})
    seen = study.trials[0]  # as both of them see it
    working.lose(study, seen)
    working.lose(study, seen)
    assert [trial.state.name for trial in study.trials] == ["FAIL", "WAITING"]


@pytest.mark.timeout(400)
def test_a_killed_worker_loses_one_trial(tmp_path):
    """Real processes; the one that has a trial under way is killed without warning."""
    killed = []

    def kill(line):
        if killed or " of 8: " not in line:
            return
        study = optuna.load_study(
            study_name="glassnet",
            storage=optuna.storages.JournalStorage(
                optuna.storages.journal.JournalFileBackend(str(tmp_path / "a" / "study.log"))
            ),
        )
        for trial in study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
            pid = int(trial.user_attrs.get("worker", ":0").partition(":")[2])
            if pid and trial.params:
                os.kill(pid, signal.SIGKILL)
                killed.append(trial.number)
                return

    found = search(tmp_path / "a", "digits", epochs=25, trials=8, workers=2, pruner="none",
                   search={"layers": "32,64"}, say=kill)  # fmt: skip
    assert killed
    lost = [row for row in found.trials if row["state"] == "failed"]
    assert [(row["trial"], row["why"]) for row in lost] == [(killed[0] + 1, "lost")]
    assert len(results(found)) == 8
    again = [r for r in found.trials if r["learning_rate"] == lost[0]["learning_rate"]]
    assert len(again) == 2  # its settings were tried by another one


def test_a_silent_trial_of_another_machine_is_lost_by_this_clock(monkeypatch):
    study = optuna.create_study()
    trial = study.ask()
    trial.set_user_attr("worker", "another-machine:7")
    now = [100.0]
    monkeypatch.setattr(beating.time, "monotonic", lambda: now[0])
    lost = []
    watch = beating.Watch(lambda trial: lost.append(trial.number))
    for _ in range(4):
        now[0] += 0.9 * beating.LOST
        trial.set_user_attr("alive", now[0])
        watch.look(study.get_trials())
    assert not lost
    now[0] += 1.1 * beating.LOST
    watch.look(study.get_trials())
    assert lost == [0]


def test_time_is_up(tmp_path):
    found = search(tmp_path / "a", trials=100_000, seconds=3.0)
    assert found.stopped == "time" and found.run is not None
    with pytest.raises(ConfigError, match="no trial came to its end in this time"):
        search(tmp_path / "b", "spiral", seconds=1e-3, epochs=2000)


def test_all_diverge(tmp_path):
    with pytest.raises(ConfigError, match="and 2 diverged: search smaller learning rates"):
        search(tmp_path / "a", "diabetes", trials=2, monitor="loss", l2=0.03,
               search={"learning_rate": "1e9,1e10", "optimizer": "sgd"})  # fmt: skip


# ---- storages ----------------------------------------------------------------------------


def test_a_search_in_a_database_is_joined_from_another_folder(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "things.csv").write_text(
        "length,kind\n" + "\n".join(f"{i / 10},{'big' if i > 20 else 'small'}" for i in range(60))
    )
    monkeypatch.chdir(tmp_path)
    begun = search("a", "things.csv", target="kind", storage="sqlite:///study.db", trials=3)
    assert begun.command.startswith("glassnet train things.csv --") and "--target kind" in (
        begun.command
    )
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert tune.join("sqlite:///../study.db", study="a", say=None) == 3
    with pytest.raises(StorageError, match=r"no search called 'b'. There are: a"):
        tune.join("sqlite:///../study.db", study="b", say=None)
    with pytest.raises(ConfigError, match="has a search called 'a' already"):
        search("b", storage="sqlite:///../study.db", study="a")
    assert not (tmp_path / "elsewhere" / "b").exists()
    with (tmp_path / "things.csv").open("a") as file:
        file.write("\n9,big")
    with pytest.raises(DataError, match="not what this search began with"):
        tune.resume(tmp_path / "a", trials=4, say=None)


@pytest.mark.parametrize(("place", "words"), [
    ("nowhere/study.log", "there is no folder"),
    ("sqlite:////nowhere/at/all/study.db", "unable to open database file"),
    ("https://example.org", "expected a folder, a file, or an address"),
    ("notes.txt", "cannot be reached or read"),
    ("notes.db", "cannot be reached or read"),
])  # fmt: skip
def test_a_broken_storage_is_one_error_and_leaves_nothing(tmp_path, monkeypatch, place, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("no journal\n" * 5)
    (tmp_path / "notes.db").write_text("no database\n" * 5)
    place = f"sqlite:///{place}" if place.endswith("notes.db") else place
    with pytest.raises((StorageError, ConfigError), match=words):
        search("a", storage=place)
    assert not (tmp_path / "a").exists()
    if "://" not in place or place.startswith("sqlite"):
        with pytest.raises(StorageError):
            tune.join(place, say=None)


def test_a_storage_that_does_not_answer_is_given_up(monkeypatch):
    from glassnet.tune import storage

    monkeypatch.setattr(storage, "PATIENCE", 0.2)
    monkeypatch.setattr(storage, "_opened", lambda place, new: signal.pause())
    with pytest.raises(StorageError, match=r"u:…@far/x: has not answered for 0.2 seconds"):
        storage.open_storage("postgresql://u:secret@far/x", new=True)


def test_a_storage_that_is_gone_in_the_middle_ends_the_search(tmp_path):
    def remove(line):
        if "1 of 6" in line:
            shutil.rmtree(tmp_path / "a")

    with pytest.raises(StorageError, match=r"the storage of the search, .*a, cannot be reached"):
        search(tmp_path / "a", say=remove)


def test_a_journal_whose_last_line_was_cut_goes_on(tmp_path):
    search(tmp_path / "a", trials=2)
    journal = tmp_path / "a" / "study.log"
    with journal.open("ab") as file:
        file.write(b'{"op_code":5,"worker_id":"x')
    assert len(results(tune.resume(tmp_path / "a", trials=3, plots=False, say=None))) == 3
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:3], b"nonsense\n", *lines[3:]]))
    with pytest.raises(StorageError, match="cannot be reached or read"):
        tune.resume(tmp_path / "a", trials=4, say=None)
    (tmp_path / "a" / "search.json").write_text("{}")
    with pytest.raises(FileFormatError, match=r"search.json: is damaged"):
        tune.resume(tmp_path / "a", trials=4, say=None)


@pytest.mark.timeout(300)
def test_dask_workers_join_a_search(tmp_path):
    """As on a cluster: each worker works on the search until its trials are done."""
    distributed = pytest.importorskip("distributed")
    begun = search(tmp_path / "a", trials=5, workers=0)
    assert begun.stopped == "begun" and not begun.trials
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
            dashboard_address="127.0.0.1:0", worker_dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        joined = [
            client.submit(tune.join, str(begun.folder), say=None, key=f"worker-{i}", pure=False)
            for i in range(2)
        ]
        assert client.gather(joined) == [5, 5]
    ended = tune.resume(begun.folder, plots=False, say=None)
    assert len(results(ended)) == 5


# ---- the command line --------------------------------------------------------------------


def test_what_does_not_go_together_is_refused(glassnet, whole, tmp_path):
    for words, said in (
        (["iris", "--search", "lr"], "expected NAME=VALUES"),
        (["iris", "--search", "lr=1", "--search", "lr=2"], "was given twice"),
        (["iris", "--lr", "0.1", "--search", "lr=1e-3..1"], "leave out one of the two"),
        (["iris", "--validation", "0"], "nothing to compare the trials by"),
        (["diabetes", "--monitor", "accuracy"], "leave --monitor out"),
        (["--resume", whole.folder, "--epochs", "3"], "leave out --epochs"),
        (["iris", "--resume", whole.folder], "leave out the data 'iris'"),
        (["--join", whole.folder, "--trials", "3"], "leave out --trials"),
        (["--join", whole.folder, "--resume", whole.folder], "do not go together"),
        (["iris", "--out", whole.folder], "holds a search already"),
        (["--resume", tmp_path], "holds no search"),
        (["--resume", tmp_path / "x"], "there is no such search"),
    ):
        assert said in glassnet.error("tune", *words)
    assert "no search has been begun" in glassnet.error("tune", "--join", tmp_path)


def test_it_speaks_korean_and_draws(glassnet, tmp_path):
    done = glassnet("tune", "iris", "--trials", 5, "--epochs", 3, "--monitor", "accuracy",
                    "--pruner", "none", "--out", tmp_path / "a", "--language", "ko")  # fmt: skip
    assert "가장 좋은 설정으로 다시 학습하기:" in done.stdout and "정답" in done.stdout
    assert "5번 중 1: accuracy" in done.stderr and "trial" not in done.stderr
    assert (tmp_path / "a" / "search.png").stat().st_size > 10_000
    assert (tmp_path / "a" / "best" / "curves.png").exists()


def test_without_optuna_it_says_what_to_install():
    code = "import sys; sys.modules['optuna'] = None; from glassnet.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", code, "tune", "iris"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1] == (
        "Error: this needs the package 'optuna', which is not installed: pip install optuna"
    )


@pytest.mark.parametrize("option", ["--join", "--resume"])
def test_a_search_that_there_is_not_is_a_refusal_whoever_asks(option, tmp_path):
    (tmp_path / "empty").mkdir()
    for place in ("nope", "empty"):
        done = CliRunner().invoke(root, ["tune", option, str(tmp_path / place)])
        assert done.exit_code == 2, done.output
        assert done.output.count(place) == 1
