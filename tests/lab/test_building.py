"""From the fields to a network, and what a changed network keeps of the old one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet.errors import ConfigError
from glassnet.lab import fields
from glassnet.lab.session import building, samples
from glassnet.lab.session.building import blocks_of, build, carry


def values(**changes: Any) -> dict[str, Any]:
    return fields.defaults() | {"samples": 10} | changes


def network(inputs: int = 2, **changes: Any) -> Any:
    fields_ = values(**changes)
    return build(fields_, samples.make(fields_), inputs)


LAYERS = ((3, "tanh", 0.0, False, False), (4, "relu", 0.0, False, False))


@pytest.mark.parametrize(
    ("data", "loss", "outputs", "activation", "used"),
    [
        ("moons", "auto", 1, "sigmoid", "binary_crossentropy"),
        ("blobs", "auto", 3, "softmax", "sparse_categorical_crossentropy"),
        ("sine", "auto", 1, "linear", "mean_squared_error"),
        ("sine", "crossentropy", 1, "linear", "mean_squared_error"),
        ("hills", "huber", 1, "linear", "huber"),
        ("moons", "hinge", 1, "linear", "hinge"),
        ("blobs", "hinge", 3, "linear", "hinge"),
        ("blobs", "mean_squared_error", 3, "softmax", "mean_squared_error"),
    ],
)
def test_the_last_layer_and_the_loss_fit_the_data(
    data: str, loss: str, outputs: int, activation: str, used: str
) -> None:
    model = network(1 if data == "sine" else 2, data=data, loss=loss)
    last = model.layers[-1]
    assert (last.units, last.activation.name, model.loss.name) == (outputs, activation, used)


def test_a_layer_with_everything_in_the_order_of_the_field() -> None:
    model = network(layers=((5, "relu", 0.2, True, False),))
    kinds = [layer.kind for layer in model.layers]
    assert kinds == ["dense", "batch_normalization", "activation", "dropout", "dense"]
    blocks = blocks_of(model)
    assert [(b.name, b.units, b.activation) for b in blocks] == [
        ("hidden1", 5, "relu"), ("output", 1, "sigmoid"),
    ]  # fmt: skip
    assert model.layers[blocks[0].last].kind == "activation"


@pytest.mark.parametrize("init", fields.FIELDS["init"].choices)
def test_every_choice_of_initial_weights_makes_them(init: str) -> None:
    W = network(init=init, layers=((16, "relu", 0.0, False, False),)).parameters.view("hidden1/W")
    spread = building.SPREADS.get(init)
    if init == "zeros":
        assert not W.any()
    elif spread:
        assert 0.5 * spread < W.std() < 1.6 * spread
    else:
        assert W.any()


@pytest.mark.parametrize("optimizer", fields.FIELDS["optimizer"].choices)
@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_every_optimizer_and_schedule(optimizer: str, schedule: str) -> None:
    made = building.optimizer(values(optimizer=optimizer, schedule=schedule), 10)
    assert made.name == optimizer
    assert made.current_learning_rate == fields.defaults()["learning_rate"]


@pytest.mark.parametrize("schedule", fields.FIELDS["schedule"].choices)
def test_a_schedule_lasts_as_many_epochs_as_it_is_set_to(schedule: str) -> None:
    rate = building.rate(values(schedule=schedule, schedule_epochs=20), 7)
    assert (
        isinstance(rate, float)
        or 140 in rate.values()
        or 47 in rate.values()
        or (rate.get("warmup_steps") == 14)
    )


def trained(**changes: Any) -> Any:
    """A network whose every number is its own, the optimizer's memory too."""
    model = network(layers=LAYERS, **changes)
    rng = np.random.default_rng(0)
    for vector in (model.parameters.values, *model.optimizer.state.values()):
        vector[...] = rng.normal(size=vector.size)
    model.optimizer.steps = 7
    return model


SAME = [(0, range(2)), (1, range(3)), (2, range(4)), (3, range(1))]


def test_the_same_network_keeps_everything() -> None:
    old, new = trained(), network(layers=LAYERS)
    carry(old, new, SAME)
    np.testing.assert_array_equal(new.parameters.values, old.parameters.values)
    for name in old.optimizer.state:
        np.testing.assert_array_equal(new.optimizer.state[name], old.optimizer.state[name])
    assert new.optimizer.steps == 7


def test_another_unit_leaves_all_other_weights() -> None:
    old = trained()
    new = network(layers=((3, "tanh", 0.0, False, False), (5, "relu", 0.0, False, False)))
    fresh = new.parameters.values.copy()
    carry(old, new, [(0, range(2)), (1, range(3)), (2, [0, 1, 2, 3, -1]), (3, range(1))])
    view, was = new.parameters.view, old.parameters.view
    np.testing.assert_array_equal(view("hidden1/W"), was("hidden1/W"))
    np.testing.assert_array_equal(view("hidden2/W")[:, :4], was("hidden2/W"))
    np.testing.assert_array_equal(view("output/W")[:4], was("output/W"))
    place = new.parameters.slices["hidden2/W"]
    np.testing.assert_array_equal(view("hidden2/W")[:, 4], fresh[place].reshape(3, 5)[:, 4])


def test_a_unit_in_the_middle_goes_with_its_own_weights_only() -> None:
    old = trained()
    new = network(layers=((2, "tanh", 0.0, False, False), (4, "relu", 0.0, False, False)))
    carry(old, new, [(0, range(2)), (1, [0, 2]), (2, range(4)), (3, range(1))])
    view, was = new.parameters.view, old.parameters.view
    np.testing.assert_array_equal(view("hidden1/W"), was("hidden1/W")[:, [0, 2]])
    np.testing.assert_array_equal(view("hidden1/b"), was("hidden1/b")[[0, 2]])
    np.testing.assert_array_equal(view("hidden2/W"), was("hidden2/W")[[0, 2]])
    assert old.optimizer.state  # Adam has memories
    for name, memory in old.optimizer.state.items():
        slot = new.optimizer.state[name][new.parameters.slices["hidden2/W"]].reshape(2, 4)
        kept = memory[old.parameters.slices["hidden2/W"]].reshape(3, 4)
        np.testing.assert_array_equal(slot, kept[[0, 2]])


def test_without_a_layer_the_weights_into_and_out_of_it_are_new() -> None:
    old, new = trained(), network(layers=LAYERS[1:])
    carry(old, new, [(0, range(2)), (2, range(4)), (3, range(1))])
    view, was = new.parameters.view, old.parameters.view
    np.testing.assert_array_equal(view("hidden1/b"), was("hidden2/b"))
    np.testing.assert_array_equal(view("output/W"), was("output/W"))
    assert view("hidden1/W").shape == (2, 4)


def test_another_optimizer_starts_without_optimizer_state() -> None:
    old, new = trained(), network(layers=LAYERS, optimizer="rmsprop")
    carry(old, new, SAME)
    np.testing.assert_array_equal(new.parameters.values, old.parameters.values)
    assert not any(vector.any() for vector in new.optimizer.state.values())


def test_origins_must_name_every_column() -> None:
    with pytest.raises(ConfigError, match="origin"):
        carry(trained(), network(layers=LAYERS), SAME[:-1])
