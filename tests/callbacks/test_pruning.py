"""OptunaPruning in a study of one's own."""

import numpy as np
import pytest

from glassnet import Sequential, callbacks, layers
from glassnet.errors import ConfigError

optuna = pytest.importorskip("optuna")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)).astype("float32")
Y = (X[:, 0] > 0).astype(int)


class At(optuna.pruners.BasePruner):
    """Ends every trial after a step."""

    def __init__(self, step):
        self.step = step

    def prune(self, study, trial):
        return trial.last_step >= self.step


def study(pruner, **options):
    found = []

    def objective(trial):
        model = Sequential([layers.Dense(2, "softmax")], seed=0)
        model.compile("sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        pruning = callbacks.OptunaPruning(trial, **options)
        history = model.fit(X, Y, epochs=6, validation_split=0.5, verbose=0, callbacks=[pruning])
        found.append(history.history["val_loss"])
        return found[-1][-1]

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    made = optuna.create_study(pruner=pruner)
    made.optimize(objective, n_trials=1)
    return made.trials[0], found


def test_each_epoch_is_reported_as_the_history_has_it():
    trial, found = study(optuna.pruners.NopPruner())
    assert trial.state == optuna.trial.TrialState.COMPLETE
    assert trial.intermediate_values == dict(enumerate(found[0], 1))


def test_the_pruner_decides_but_not_after_the_last_epoch():
    trial, found = study(At(2), every=2)
    assert trial.state == optuna.trial.TrialState.PRUNED and not found
    assert list(trial.intermediate_values) == [2]
    trial, found = study(At(6))
    assert trial.state == optuna.trial.TrialState.COMPLETE and len(found[0]) == 6


def test_a_number_that_there_is_not():
    with pytest.raises(ConfigError, match="'val_acuracy': did you mean 'val_accuracy'"):
        study(At(2), monitor="val_acuracy")
