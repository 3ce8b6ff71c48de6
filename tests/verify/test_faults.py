"""Something is broken on purpose, and the verification must see it."""

import ast
import json
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from click.testing import CliRunner

from glassnet import activations, layers, losses, optimizers, schedules, verify
from glassnet.cli.root import root
from glassnet.errors import ConfigError, UnknownNameError
from glassnet.model import Sequential
from glassnet.verify.measure import distance
from glassnet.verify.peers import load


@pytest.fixture
def alone(monkeypatch):
    """Neither PyTorch nor Keras."""
    for package in ("torch", "keras"):
        monkeypatch.setitem(sys.modules, package, None)


def failed(group):
    return {(row.subject, row.kind) for row in verify.run(group, peers=[]).failures}


def test_layers_and_networks_are_right():
    report = verify.run(["layers", "network"], peers=[])
    assert report.ok, report.notes()
    checked = {row.subject.split()[0] for row in report.rows if row.group == "layers"}
    assert checked == set(layers.LAYERS)


def test_a_layer_more_without_a_formula_fails(monkeypatch):
    monkeypatch.setitem(layers.LAYERS, "brand_new", layers.Dense)
    assert failed("layers") == {("brand_new", "formula")}


def test_a_wrong_derivative(monkeypatch):
    def twice(self, saved, dy):
        dy *= 2 * (1 - saved * saved)

    monkeypatch.setattr(activations.Tanh, "backward_", twice)
    report = verify.run("activations", peers=[])
    assert {(row.subject, row.judge) for row in report.failures} == {
        ("tanh", "formula"), ("tanh", "differences"),
    }  # fmt: skip
    assert not report.ok
    assert "✗" in str(report) and "FAILED: tanh, derivatives" in str(report)
    assert "color:#d55e00" in report._repr_html_()


def test_a_value_that_is_wrong_only_far_out(monkeypatch):
    def overflowing(self, z):
        np.log1p(np.exp(z), out=z)

    monkeypatch.setattr(activations.Softplus, "forward_", overflowing)
    assert any(subject == "softplus" for subject, _ in failed("activations"))


def test_a_nan(monkeypatch):
    def lost(self, z):
        z[0, 0] = np.nan

    monkeypatch.setattr(activations.Linear, "forward_", lost)
    rows = [row for row in verify.run("activations", peers=[]).failures if row.kind == "values"]
    assert {row.subject for row in rows} == {"linear"}
    assert all(row.largest_error == np.inf for row in rows)
    assert rows[0].to_dict()["largest_error"] is None


def test_an_exception(monkeypatch):
    def broken(self, z):
        raise ZeroDivisionError("by design")

    monkeypatch.setattr(activations.ReLU, "forward_", broken)
    rows = verify.run("activations", peers=[]).failures
    assert [(row.subject, row.kind) for row in rows] == [("relu", "runs")]
    assert "ZeroDivisionError: by design" in rows[0].where


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam", "adamw", "nadam"])
def test_a_wrong_epsilon(name, monkeypatch):
    cls = optimizers.OPTIMIZERS[name]
    start = cls.__init__

    def wrong(self, *given, **settings):
        start(self, *given, **settings)
        if settings.get("epsilon") is None:
            self.epsilon = 1e-8

    monkeypatch.setattr(cls, "__init__", wrong)
    assert (name, "20 steps") in failed("optimizers")


def test_a_gradient_without_its_mean(monkeypatch):
    run_ = losses.MeanSquaredError.run_

    def doubled(self, truth, pred, weights, each):
        value = run_(self, truth, pred, weights, each)
        pred *= 2
        return value

    monkeypatch.setattr(losses.MeanSquaredError, "run_", doubled)
    assert failed("losses") == {("mean_squared_error", "gradients"), ("mse", "gradients")}


def test_a_schedule_that_is_one_step_late(monkeypatch):
    late = schedules.ExponentialDecay.__call__
    monkeypatch.setattr(schedules.ExponentialDecay, "__call__", lambda self, t: late(self, t - 1))
    assert ("exponential_decay", "rates") in failed("schedules")


def test_a_layer_and_networks_with_a_wrong_gradient(monkeypatch):
    backward = layers.LayerNormalization.backward

    def wrong(self, dy, need_dx=True):
        dx = backward(self, dy, need_dx)
        return None if dx is None else dx * 1.001

    monkeypatch.setattr(layers.LayerNormalization, "backward", wrong)
    found = failed("layers,network")
    assert ("layer_normalization", "gradients") in found
    assert ("classifier", "gradient") in found
    assert ("training", "20 steps") in found


def test_a_file_that_loses_a_bit(monkeypatch):
    load_ = Sequential.load.__func__

    def lossy(cls, path):
        model = load_(cls, path)
        model.parameters.values[0] = np.nextafter(model.parameters.values[0], np.inf)
        return model

    monkeypatch.setattr(Sequential, "load", classmethod(lossy))
    assert ("saved and loaded", "weights") in failed("network")


def test_numbers_do_not_depend_on_what_else_is_checked():
    alone = verify.run("schedules,initializers", peers=[], seed=3).rows
    assert verify.run("initializers", peers=[], seed=3).rows == alone[-len(
        [row for row in alone if row.group == "initializers"]) :]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_other_seeds_pass(seed):
    report = verify.run("losses,optimizers,initializers", peers=[], seed=seed)
    assert report.ok, report.notes()


def test_without_both(alone):
    result = CliRunner().invoke(root, ["verify", "--only", "schedules"])
    assert result.exit_code == 0, result.output
    assert "PyTorch is not installed: nothing was compared with it" in result.output
    assert "Keras is not installed: nothing was compared with it" in result.output
    assert result.stderr == ""  # no progress where nobody looks


def test_json_says_what_is_missing(alone):
    result = CliRunner().invoke(root, ["verify", "--only", "schedules", "--json"])
    said = json.loads(result.stdout)
    assert result.exit_code == 0 and said["ok"] is True
    assert [peer["state"] for peer in said["peers"]] == ["missing", "missing"]
    assert {row["judge"] for row in said["rows"]} == {"formula"}


def test_exit_status_and_the_table_of_a_fault(alone, monkeypatch):
    monkeypatch.setattr(schedules.Constant, "__call__", lambda self, step: float("nan"))
    result = CliRunner().invoke(root, ["verify", "--only", "schedules"])
    assert result.exit_code == 1
    assert "✗ inf" in result.output and "FAILED: constant, rates" in result.output
    result = CliRunner().invoke(root, ["verify", "--only", "schedules", "--json"])
    assert result.exit_code == 1 and json.loads(result.stdout)["ok"] is False
    result = CliRunner().invoke(root, ["verify", "--only", "schedules", "--full"])
    assert result.exit_code == 1 and "✗" in result.output


@pytest.mark.parametrize(
    "fault", ["raise ImportError('libfoo.so: no such file')", "import no_such_backend",
              "raise SystemExit(3)", "print(1 / 0)", "__version__ = '1'"],
)  # fmt: skip
def test_a_package_that_is_installed_but_broken(fault, tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text(fault + "\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)  # so that whatever was there comes back,
    monkeypatch.delitem(sys.modules, "torch")  # and the broken one does not stay
    peer = load("PyTorch")
    assert peer.state == "broken" and not peer.present
    assert "installed but does not work" in str(peer) and peer.reason
    assert verify.run("schedules", peers=[peer]).ok


def test_a_peer_that_fails_midway_is_not_counted_as_passed():
    broken = verify.Peer("PyTorch", "present", "0", module=object())
    report = verify.run("schedules", peers=[broken])
    assert report.ok and report.judges == ["formula"]
    assert {item.subject.split()[0] for item in report.not_compared} == {"step_decay", "one_cycle"}
    assert "Not compared: one_cycle with PyTorch" in str(report)


def test_wrong_questions():
    with pytest.raises(UnknownNameError, match="did you mean 'losses'"):
        verify.run("loses")
    with pytest.raises(ConfigError, match="nothing to check"):
        verify.run("")
    with pytest.raises(ConfigError, match="seed"):
        verify.run("schedules", seed=-1)
    assert CliRunner().invoke(root, ["verify", "--only", "loses"]).exit_code == 2


def test_distances():
    assert distance([1.0], [np.nan])[0] == np.inf
    assert distance([np.nan], [np.nan])[0] == np.inf
    assert distance([np.inf], [np.inf])[0] == 0
    assert distance([1.0], [np.inf])[0] == np.inf
    assert distance([1.0, 2.0], [1.0])[0] == np.inf
    assert distance([], [])[0] == np.inf
    assert distance([1e-17, 1.0], [0.0, 1.0])[0] == 1e-17
    assert distance([1001.0], [1000.0])[0] == 1e-3
    assert distance([2e-8, 0.0], [1e-8, 0.0])[0] == 1.0  # small, but the largest there is


def test_progress_names_what_is_checked():
    said = []
    verify.run("schedules", peers=[], progress=said.append)
    assert said[0] == "schedules: constant" and said[-1].startswith("schedules: one_cycle")


@pytest.mark.parity
@pytest.mark.timeout(600)  # importing TensorFlow alone may take a minute
def test_with_both():
    """In a process of its own: TensorFlow and PyTorch remember what was imported before."""
    for package in ("torch", "keras"):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    code = (
        "from glassnet import verify; r = verify.run(); print([r.ok, r.notes(), bool(r.missing), "
        "bool(r.not_compared), r.judges])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    ok, notes, missing, not_compared, judges = ast.literal_eval(done.stdout)
    assert ok, notes
    assert not missing and not not_compared
    assert judges == ["formula", "differences", "exact", "PyTorch", "Keras"]
