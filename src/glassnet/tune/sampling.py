"""How the next trial is drawn, and which trials are ended early: Optuna's samplers and pruners."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna

from glassnet.tune.space import Choice, Space

FACTOR = 3  # of three trials one goes on, three times as long
FIRST = 27  # the first look comes after this part of the epochs: three more looks follow
REPORTS = 60  # of a trial, at most: each is written to the storage


class SeededSampler(optuna.samplers.BaseSampler):  # type: ignore[misc]  # Optuna has no types here
    """The tree-structured Parzen estimator, seeded anew for each trial by how many came before.

    Those that failed do not count: others have taken their place. So what is drawn follows from
    the seed and the trials before; a search that was stopped goes on to the numbers of the unbroken
    one, and two workers never draw the same.

    Source: Bergstra et al., Algorithms for Hyper-Parameter Optimization (2011).
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._own = optuna.samplers.TPESampler(seed=seed)

    def before_trial(self, study: Any, trial: Any) -> None:
        before = sum(
            t.number < trial.number and t.state != optuna.trial.TrialState.FAIL
            for t in study.get_trials(deepcopy=False)
        )
        seeds = np.random.SeedSequence([self.seed, before]).generate_state(1)
        self._own = optuna.samplers.TPESampler(seed=int(seeds[0]))
        self._own.before_trial(study, trial)

    def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
        return self._own.infer_relative_search_space(study, trial)

    def sample_relative(self, study: Any, trial: Any, search_space: Any) -> Any:
        return self._own.sample_relative(study, trial, search_space)

    def sample_independent(self, study: Any, trial: Any, name: str, distribution: Any) -> Any:
        return self._own.sample_independent(study, trial, name, distribution)

    def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
        self._own.after_trial(study, trial, state, values)


def pruner(name: str, epochs: int) -> Any:
    """Successive halving, Hyperband or nothing, for trials of so many epochs.

    Source: Li et al., A System for Massively Parallel Hyperparameter Tuning (2020); Li et al.,
    Hyperband (2018).
    """
    first = max(1, round(epochs / FIRST))
    if name == "halving":
        return optuna.pruners.SuccessiveHalvingPruner(first, FACTOR)
    if name == "hyperband":
        return optuna.pruners.HyperbandPruner(first, epochs, FACTOR)
    return optuna.pruners.NopPruner()


def reports_every(epochs: int) -> int:
    """After how many epochs a trial reports."""
    return -(-epochs // REPORTS)


def suggest(trial: Any, space: Space) -> dict[str, Any]:
    """The values of a trial."""
    return {
        name: trial.suggest_categorical(name, list(of.values))
        if isinstance(of, Choice)
        else trial.suggest_float(name, of.low, of.high, log=of.log)
        for name, of in space.items()
    }
