"""Layers that are frozen first and free later."""

import numpy as np
import pytest

from glassnet import Sequential, data
from glassnet.callbacks import (
    Checkpoint,
    EarlyStopping,
    LambdaCallback,
    ReduceLROnPlateau,
    Unfreeze,
)
from glassnet.errors import ConfigError, ShapeError, UnknownNameError
from glassnet.layers import BatchNormalization, Dense, Dropout

SPIRAL = data.spiral(30, seed=0)  # 90 samples: 3 batches of 30


class KilledError(Exception):
    pass


def network(optimizer="adam", penalty=None):
    model = Sequential(
        [
            Dense(8, "relu", kernel_regularizer=penalty),
            BatchNormalization(),
            Dropout(0.2),
            Dense(3, "softmax"),
        ],
        seed=3,
    )
    model.build((2,))
    for layer in model.layers[:2]:
        layer.trainable = False
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def fit(model, *callbacks, epochs=4, **more):
    return model.fit(SPIRAL, batch_size=30, epochs=epochs, verbose=0, callbacks=callbacks, **more)


def test_only_the_last_learns_before_and_all_but_running_values_after():
    model = network()
    first = {name: array.copy() for name, array in model.parameters.tensors().items()}
    seen = []
    look = LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(
            (model.parameters.tensors(), float(model.optimizer.current_learning_rate))
        )
    )
    fit(model, Unfreeze(2, 1e-4), look)
    (_, rate), (end_of_first, _), (_, slower), (last, _) = seen
    assert rate == 0.001 and slower == 1e-4
    changed = {n for n in first if not np.array_equal(first[n], end_of_first[n])}
    assert changed == {"dense_1/W", "dense_1/b"}
    changed = {n for n in first if not np.array_equal(first[n], last[n])}
    assert changed == {"dense/W", "dense/b", "dense_1/W", "dense_1/b"}


def test_the_second_phase_begins_without_memory_as_a_second_compile():
    """Adam's first step is the rate times the sign of the gradient, of freed and others alike."""
    model = network()
    before = []
    watch = LambdaCallback(
        on_epoch_end=lambda e, logs: before.append(model.parameters.values.copy()),
        on_train_batch_end=lambda b, logs: before.append(model.parameters.values.copy()),
    )
    fit(model, Unfreeze(1, 1e-4), watch, epochs=2)
    values = np.abs(before[4] - before[3])  # 3 batches and the end of an epoch; then the first step
    moved = np.concatenate([values[:24], values[-27:]])  # without γ, β
    moved = moved[moved > 0]
    np.testing.assert_allclose(moved, 1e-4, rtol=0.01)
    assert model.optimizer.steps == 3


@pytest.mark.parametrize("kill_after", [2, 5, 6, 7, 11])
@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
def test_resumed_in_either_phase_it_ends_with_the_same_bits(tmp_path, kill_after, optimizer):
    def callbacks():
        return [Unfreeze(2, 1e-3), EarlyStopping("loss", patience=3)]

    count = iter(range(1, 100))

    def strike(batch, logs):
        if next(count) == kill_after:
            raise KilledError

    path = tmp_path / "c"
    whole = network(optimizer, "l2")
    unbroken = fit(whole, *callbacks(), Checkpoint(tmp_path / "w"))
    with pytest.raises(KilledError):
        fit(
            network(optimizer, "l2"),
            *callbacks(),
            Checkpoint(path, every_batches=1),
            LambdaCallback(on_train_batch_end=strike),
        )
    resumed = network(optimizer, "l2")
    history = fit(resumed, *callbacks(), Checkpoint(path), resume_from=path)
    assert history.history == unbroken.history
    np.testing.assert_array_equal(whole.parameters.values, resumed.parameters.values)
    np.testing.assert_array_equal(whole.parameters.state, resumed.parameters.state)
    assert whole.parameters.runs == resumed.parameters.runs
    for name, vector in whole.optimizer.state.items():
        np.testing.assert_array_equal(vector, resumed.optimizer.state[name])


def test_a_checkpoint_of_other_frozen_layers_is_refused(tmp_path):
    fit(network(), Checkpoint(tmp_path / "c"), epochs=1)
    free = network()
    free.layers[0].trainable = True
    with pytest.raises(ShapeError, match="other layers are frozen"):
        fit(free, Checkpoint(tmp_path / "c"), resume_from=tmp_path / "c")


def test_early_stopping_waits_for_the_second_phase_and_keeps_the_best_of_both():
    model = network()
    worse = iter([1.0, 0.5, 2.0, 2.0, 2.0, 0.9, 0.8, 0.7])
    kept = []

    class Say(LambdaCallback):
        def on_epoch_end(self, epoch, logs):
            logs["val_score"] = next(worse)
            kept.append(model.parameters.values.copy())

    stop = EarlyStopping("val_score", patience=2, mode="min")
    history = fit(model, Say(), Unfreeze(5, 1e-4), stop, epochs=8)
    # not after epochs 3 and 4, without progress, but after two of the second phase
    assert len(history.epoch) == 7 and history.stopped
    np.testing.assert_array_equal(model.parameters.values, kept[1])


def test_with_a_plateau_the_rate_of_the_second_phase_is_the_one_given():
    model = network()
    plateau = ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=10)
    history = fit(model, Unfreeze(3, 1e-4), plateau, epochs=4)
    rates = history.history["learning_rate"]
    assert rates[0] == 1e-3 and rates[2] < 1e-3 and rates[3] in (1e-4, 5e-5)


def test_named_layers_alone_even_with_running_values():
    model = network()
    fit(model, Unfreeze(1, 1e-4, layers=["batch_normalization"]), epochs=2)
    assert [layer.trainable for layer in model.layers] == [False, True, True, True]
    assert model.layers[1].moving_mean.any()


def test_what_cannot_be_is_said():
    free = network()
    for layer in free.layers:
        layer.trainable = True
    with pytest.raises(ConfigError, match="no layer is frozen"):
        fit(free, Unfreeze(1, 1e-4))
    with pytest.raises(ConfigError, match="4 frozen epochs, but the training has 4"):
        fit(network(), Unfreeze(4, 1e-4))
    with pytest.raises(UnknownNameError, match=r"'dens'.*did you mean 'dense'"):
        fit(network(), Unfreeze(1, 1e-4, layers=["dens"]))
    with pytest.raises(ConfigError, match="learning_rate"):
        Unfreeze(1, 0)
