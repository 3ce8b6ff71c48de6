"""The experiments on plain functions, gates and curves: what they claim, over several seeds."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from glassnet import experiments
from glassnet.cli.root import root
from glassnet.errors import ConfigError, UnknownNameError
from glassnet.experiments import gates

EXACT = ("activations", "tangent", "field", "descent", "race")


@pytest.mark.parametrize("name", EXACT)
def test_what_needs_no_luck_is_seen(name):
    result = experiments.run(name)
    assert [claim.text for claim in result.claims if not claim.holds] == []
    json.dumps(result.to_dict())


def test_numbers_of_the_book():
    assert experiments.run("tangent").numbers["slope at 10"] == pytest.approx(0.3, abs=1e-9)
    well = experiments.run("descent").numbers["well"]
    assert (well["end x0"], well["end x1"]) == pytest.approx((-0.0346, 0.0461), abs=5e-5)
    assert experiments.run("field").numbers["gradient at [3, 4]"] == pytest.approx([6, 8])
    race = experiments.run("race").numbers
    assert {name: row["turns"] >= 10 for name, row in race.items()} == {
        "SGD": True, "Momentum": False, "AdaGrad": False, "Adam": False,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_gates(seed):
    result = experiments.run("gates", seed=seed)
    assert [claim.holds for claim in result.claims] == [True, True, True]
    assert result.numbers["XOR"]["passes"] == gates.PASSES


def test_xor_by_hand_is_exact():
    assert gates.xor_by_hand().predict(gates.INPUTS)[:, 0].tolist() == [0, 1, 1, 0]


def test_one_unit_never_learns_xor():
    for seed in range(5):
        start = np.random.default_rng(seed).normal(size=2)
        unit = gates.Perceptron(start).fit(gates.INPUTS, gates.GATES["XOR"], max_passes=50)
        assert min(unit.mistakes) > 0


def test_an_unknown_experiment_and_a_bad_seed():
    with pytest.raises(UnknownNameError, match="did you mean 'tangent'"):
        experiments.run("tangant")
    with pytest.raises(ConfigError, match="seed"):
        experiments.run("tangent", seed=-1)


def call(*arguments):
    return CliRunner().invoke(root, ["experiment", *arguments])


def test_the_command_lists_and_prints(workplace):
    listed = call()
    assert listed.exit_code == 0
    assert all(name in listed.output for name in experiments.EXPERIMENTS)
    shown = call("tangent")
    assert shown.exit_code == 0
    assert "slope at 10" in shown.output
    assert (workplace / "experiments/tangent/tangent.png").stat().st_size > 10_000
    kept = json.loads((workplace / "experiments/tangent/numbers.json").read_text())
    assert kept["claims"][0]["holds"] is True


def test_the_command_as_json(workplace):
    found = json.loads(call("tangent", "--json", "--out", "here").output)
    assert found["pictures"] == ["here/tangent.png"]
    assert found["numbers"]["slope at 5"] == pytest.approx(0.2)
    assert (workplace / "here/tangent.png").exists()


def test_the_command_refuses(workplace):
    (workplace / "letter.txt").write_text("dear")
    for arguments, words in (
        (["tangant"], "did you mean 'tangent'"),
        (["tangent", "--out", "letter.txt"], "is a file"),
        (["tangent", "--out", "letter.txt/a/b"], "is a file"),
        (["tangent", "--seed", "-1"], "seed"),
    ):
        refused = call(*arguments)
        assert refused.exit_code == 2, refused.output
        assert words in refused.output
    assert (workplace / "letter.txt").read_text() == "dear"
    assert [p.name for p in workplace.iterdir()] == ["letter.txt"]
