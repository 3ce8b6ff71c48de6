"""Optimizers and schedules against Keras and PyTorch."""

import numpy as np
import pytest

from glassnet import optimizers, schedules, verify
from glassnet.verify.optimizer_formulas import OPINIONS

pytestmark = pytest.mark.parity
STEPS = 22
PEERS = {
    "Keras": "keras",
    "PyTorch": "torch",
}  # of an opinion: what the peer calls it, if it has it


@pytest.mark.parametrize("judge", ["Keras", "PyTorch"])
def test_they_go_the_same_way(judge):
    """With the settings of ``verify``, which knows where the definitions are the same."""
    peers = [peer for peer in verify.find() if peer.name == judge and peer.present]
    if not peers:
        pytest.skip(f"{judge} is not installed")
    report = verify.run("optimizers,schedules", peers=peers)
    assert report.ok and not report.not_compared, report.notes()
    compared = {row.subject for row in report.rows if row.judge == judge}
    names = {subject.split()[0] for subject in compared}
    there = {name for name, own in OPINIONS.items() if getattr(own, PEERS[judge]) is not None}
    assert names >= there
    assert len(compared) >= (22 if judge == "Keras" else 11)


@pytest.mark.parametrize("name", ["sgd", "adagrad", "rmsprop", "adam", "adamw", "nadam"])
def test_defaults_as_keras(name):
    keras = pytest.importorskip("keras")
    theirs = keras.optimizers.get(name).get_config()
    for setting, value in optimizers.get(name).get_config().items():
        if setting != "name":
            assert value == pytest.approx(theirs[setting]), setting


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_amsgrad_as_pytorch(name):
    torch = pytest.importorskip("torch")
    settings = {"weight_decay": 0.1} if name == "AdamW" else {}
    w = np.ones(4)
    parameter = torch.nn.Parameter(torch.tensor(w))
    theirs = getattr(torch.optim, name)(
        [parameter], 0.1, (0.9, 0.7), eps=1e-14, amsgrad=True, **settings
    )
    mine = getattr(optimizers, name)(0.1, beta_2=0.7, epsilon=1e-14, amsgrad=True, **settings)
    for g in np.random.default_rng(0).normal(size=(STEPS, 4)) * [1, 30, 1e-3, 5]:
        parameter.grad = torch.tensor(g)
        theirs.step()
        mine.step(w, g)
    np.testing.assert_allclose(w, parameter.detach().numpy(), rtol=1e-9)


def test_a_cycle_that_rises_in_one_step():
    assert schedules.OneCycle(0.3, 20, pct_start=0.05)(0) == 0.3  # there PyTorch divides by 0


def test_schedule_inside_an_optimizer_as_keras():
    keras = pytest.importorskip("keras")
    settings = {"initial_learning_rate": 0.5, "decay_steps": 5, "decay_rate": 0.5}
    variable = keras.Variable(np.ones(3), dtype="float64")
    their = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(**settings), 0.9)
    mine = optimizers.SGD(schedules.ExponentialDecay(**settings), 0.9)
    w, g = np.ones(3), np.array([0.1, -0.2, 3.0])
    for _ in range(STEPS):
        their.apply([g], [variable])
        mine.step(w, g)
    np.testing.assert_allclose(w, np.asarray(variable.value), rtol=1e-6)
