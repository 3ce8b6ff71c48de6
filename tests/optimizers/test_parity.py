"""Optimizers and schedules against Keras and PyTorch."""

import itertools

import numpy as np
import pytest

from glassnet import optimizers, schedules

pytestmark = pytest.mark.parity

STEPS = 22
SHAPES = [(3, 4), (4,), (4, 2)]
SIZES = [int(np.prod(shape)) for shape in SHAPES]
EDGES = np.cumsum([0, *SIZES])
SEGMENTS = [slice(a, b) for a, b in itertools.pairwise(EDGES)]

# Name in Keras, its settings, glassnet's name. The settings are the same.
KERAS = [
    ("SGD", {}, "sgd"),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}, "sgd"),
    ("SGD", {"momentum": 0.8, "nesterov": True, "weight_decay": 0.01}, "sgd"),
    ("Adagrad", {}, "adagrad"),
    ("Adagrad", {"learning_rate": 0.5, "initial_accumulator_value": 0.0}, "adagrad"),
    ("RMSprop", {}, "rmsprop"),
    ("RMSprop", {"learning_rate": 0.01, "momentum": 0.9}, "rmsprop"),
    ("RMSprop", {"learning_rate": 0.01, "centered": True}, "rmsprop"),
    ("RMSprop", {"centered": True, "momentum": 0.5, "rho": 0.8, "epsilon": 1e-3}, "rmsprop"),
    ("Adam", {}, "adam"),
    ("Adam", {"learning_rate": 0.3, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}, "adam"),
    ("Adam", {"weight_decay": 0.1}, "adam"),
    ("AdamW", {}, "adamw"),
    ("AdamW", {"learning_rate": 0.1, "weight_decay": 0.2}, "adamw"),
    ("Nadam", {}, "nadam"),
    ("Nadam", {"learning_rate": 0.1, "beta_1": 0.8, "weight_decay": 0.1}, "nadam"),
    ("Adam", {"clipnorm": 0.8}, "adam"),
    ("SGD", {"clipvalue": 0.3}, "sgd"),
    ("SGD", {"global_clipnorm": 1.5}, "sgd"),
]


def problem(dtype):
    """First weights, and the gradients of all steps: large, small, and partly zero."""
    rng = np.random.default_rng(0)
    w = rng.normal(size=EDGES[-1]).astype(dtype)
    g = rng.normal(size=(STEPS, EDGES[-1])) * rng.choice([0.0, 1e-4, 1.0, 3.0], size=EDGES[-1])
    return w, g.astype(dtype)


def path(optimizer, dtype):
    w, gradients = problem(dtype)
    optimizer.initialize(w.size, w.dtype, SEGMENTS)
    out = []
    for g in gradients:
        optimizer.step(w, g)
        out.append(w.copy())
    return np.array(out)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("theirs", "settings", "ours"), KERAS)
def test_keras(theirs, settings, ours, dtype):
    keras = pytest.importorskip("keras")
    w, gradients = problem(dtype)
    variables = [
        keras.Variable(w[s].reshape(shape), dtype=np.dtype(dtype).name)
        for s, shape in zip(SEGMENTS, SHAPES)
    ]
    optimizer = getattr(keras.optimizers, theirs)(**settings)
    expected = []
    for g in gradients:
        optimizer.apply([g[s].reshape(shape) for s, shape in zip(SEGMENTS, SHAPES)], variables)
        expected.append(np.concatenate([np.asarray(v.value).ravel() for v in variables]))
    got = path(optimizers.get({"name": ours, **settings}), dtype)
    # Keras keeps η and β in float32 also for float64 variables; PyTorch below checks closer.
    np.testing.assert_allclose(got, expected, rtol=3e-5, atol=3e-5)


@pytest.mark.parametrize("name", ["sgd", "adagrad", "rmsprop", "adam", "adamw", "nadam"])
def test_defaults_as_keras(name):
    keras = pytest.importorskip("keras")
    theirs = keras.optimizers.get(name).get_config()
    for setting, value in optimizers.get(name).get_config().items():
        if setting != "name":
            assert value == pytest.approx(theirs[setting]), setting


TINY = 1e-25  # where the two add ε in different places
TORCH = [
    ("SGD", {"lr": 0.1}, {"name": "sgd", "learning_rate": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}, {"name": "momentum", "learning_rate": 0.1}),
    (
        "SGD",
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        {"name": "nesterov", "learning_rate": 0.1},
    ),
    (
        "Adagrad",
        {"lr": 0.1, "initial_accumulator_value": 0.1, "eps": TINY},
        {"name": "adagrad", "learning_rate": 0.1, "epsilon": TINY},
    ),
    (
        "RMSprop",
        {"lr": 0.01, "alpha": 0.9, "eps": 1e-17, "momentum": 0.7},
        {"name": "rmsprop", "learning_rate": 0.01, "epsilon": TINY, "momentum": 0.7},
    ),
    ("Adam", {"eps": 1e-14}, {"name": "adam", "epsilon": 1e-14}),
    ("AdamW", {"eps": 1e-14, "weight_decay": 0.1}, {"name": "adamw", "epsilon": 1e-14,
                                                     "weight_decay": 0.1}),
    ("NAdam", {"lr": 0.001, "eps": 1e-7, "momentum_decay": 1.0}, {"name": "nadam"}),
]  # fmt: skip


@pytest.mark.parametrize(("theirs", "their_settings", "ours"), TORCH)
def test_torch_where_the_definitions_coincide(theirs, their_settings, ours):
    torch = pytest.importorskip("torch")
    w, gradients = problem(np.float64)
    moving = (gradients != 0).any(axis=0)  # with ε → 0 a gradient of zero gives 0 / 0
    w, gradients = w[moving], gradients[:, moving]
    parameter = torch.nn.Parameter(torch.tensor(w))
    optimizer = getattr(torch.optim, theirs)([parameter], **their_settings)
    mine = optimizers.get(ours)
    for g in gradients:
        parameter.grad = torch.tensor(g)
        optimizer.step()
        mine.step(w, g)
        np.testing.assert_allclose(w, parameter.detach().numpy(), rtol=1e-9, atol=1e-9)


SCHEDULES = [
    ("ExponentialDecay", "exponential_decay",
     {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    ("ExponentialDecay", "exponential_decay",
     {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", "inverse_time_decay",
     {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    ("InverseTimeDecay", "inverse_time_decay",
     {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("PiecewiseConstantDecay", "piecewise_constant_decay",
     {"boundaries": [5, 11], "values": [0.1, 0.05, 0.01]}),
    ("CosineDecay", "cosine_decay", {"initial_learning_rate": 0.1, "decay_steps": 20}),
    ("CosineDecay", "cosine_decay",
     {"initial_learning_rate": 0.0, "decay_steps": 15, "alpha": 0.1, "warmup_target": 0.2,
      "warmup_steps": 6}),
]  # fmt: skip


@pytest.mark.parametrize(("theirs", "ours", "settings"), SCHEDULES)
def test_schedules_as_keras(theirs, ours, settings):
    keras = pytest.importorskip("keras")
    their = getattr(keras.optimizers.schedules, theirs)(**settings)
    mine = schedules.get({"name": ours, **settings})
    for step in range(30):
        assert mine(step) == pytest.approx(float(their(step)), rel=2e-6, abs=1e-8), step


@pytest.mark.parametrize(
    "settings",
    [
        {"total_steps": 40},
        {"total_steps": 13, "pct_start": 0.5, "div_factor": 10.0, "final_div_factor": 5.0},
        {"total_steps": 20, "pct_start": 0.05},
        {"total_steps": 20, "pct_start": 0.0},
    ],
)
def test_one_cycle_as_torch(settings):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    mine = schedules.OneCycle(0.3, **settings)
    if settings.get("pct_start") == 0.05:  # 0.05 · 20 - 1 = 0: there PyTorch divides by zero
        assert mine(0) == pytest.approx(0.3)
        return
    their = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.3, cycle_momentum=False, **settings)
    for step in range(settings["total_steps"]):
        assert mine(step) == pytest.approx(their.get_last_lr()[0], rel=1e-9), step
        optimizer.step()
        if step < settings["total_steps"] - 1:
            their.step()


def test_step_decay_as_torch():
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    their = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.3)
    mine = schedules.StepDecay(0.1, 4, 0.3)
    for step in range(20):
        assert mine(step) == pytest.approx(their.get_last_lr()[0])
        optimizer.step()
        their.step()


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
