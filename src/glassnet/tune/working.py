"""One worker: trial after trial, until there are enough, or until there is a reason to end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import optuna
from optuna.trial import TrialState

from glassnet.callbacks import Logs, OptunaPruning
from glassnet.errors import ConfigError, DivergedError, OutOfMemoryError
from glassnet.model import Sequential
from glassnet.runs import network, prepared
from glassnet.runs.samples import Samples
from glassnet.tune import sampling
from glassnet.tune.beating import WORKER, Beat, Guard, Watch, worker_name
from glassnet.tune.plan import Plan

WHY = "why"  # of a trial that failed, or whose network did
AGAIN = "again"  # of a trial that takes the place of one that was lost or stopped
PAUSE = 0.3  # seconds until the next look at what others do
ENDED = (TrialState.COMPLETE, TrialState.PRUNED)


class Reports(OptunaPruning):
    """Reports the number that the plan judges by; the loss without the penalties."""

    def __init__(self, trial: Any, monitor: str, every: int) -> None:
        super().__init__(trial, f"val_{monitor}", every)

    def value(self, logs: Logs) -> float:
        value = super().value(logs)
        if self.monitor != "val_loss":
            return value
        return float(value - self.model.penalty())


def judge(model: Sequential, loaded: Samples, monitor: str) -> float:
    """The trained network on the validation samples."""
    x, y = validation(loaded)
    found = model.evaluate(x, y, verbose=0)
    return float(found["loss"] - model.penalty() if monitor == "loss" else found[monitor])


def validation(loaded: Samples) -> tuple[Any, Any]:
    """The samples that trials are compared by.

    Raises:
        ConfigError: there are none; those to judge on in the end are not for choosing.
    """
    if loaded.validation is None or not len(loaded.validation[0]):
        raise ConfigError(
            "there are no samples to compare the trials by; a share such as 0.2 is needed for them."
        )
    return loaded.validation


def learn(plan: Plan, loaded: Samples, trial: Any, guard: Guard) -> float:
    """Train the network of a trial.

    Raises:
        TrialPruned: it does worse than others.
        DivergedError, OutOfMemoryError: it cannot be trained.
    """
    settings = plan.at(sampling.suggest(trial, plan.space))
    model = network.build(settings, loaded.data, loaded.count)
    reports = Reports(trial, plan.monitor, sampling.reports_every(settings.epochs))
    watching = [*prepared.deciding(settings, loaded.count), reports, guard]
    prepared.fit(model, settings, loaded, watching)
    return float("nan") if guard.why else judge(model, loaded, plan.monitor)


def work(
    study: Any,
    plan: Plan,
    loaded: Samples,
    guard: Guard,
    news: Callable[[], None],
) -> None:
    """Trial after trial; others may work on the same study."""
    watch = Watch(lambda trial: lose(study, trial))
    while not guard.look():
        if enough(study, plan, watch):
            break
        if taken(study, plan):  # the last ones are under way: should one be lost, another is due
            time.sleep(PAUSE)
        else:
            one(study, plan, loaded, guard)
        news()
    news()
    if guard.error is not None:
        raise guard.error


def enough(study: Any, plan: Plan, watch: Watch) -> bool:
    """Whether all trials have ended; those of dead workers are counted as lost."""
    trials = study.get_trials(deepcopy=False)
    watch.look([trial for trial in trials if trial.state == TrialState.RUNNING])
    return sum(trial.state in ENDED for trial in trials) >= plan.trials


def taken(study: Any, plan: Plan) -> bool:
    """Whether as many trials have ended or are under way as are wanted."""
    going = (*ENDED, TrialState.RUNNING)
    trials = study.get_trials(deepcopy=False)
    return sum(trial.state in going for trial in trials) >= plan.trials


def lose(study: Any, trial: Any) -> None:
    """Count a trial as failed: its worker is gone."""
    if _end(study, trial.number, state=TrialState.FAIL):
        _try_again(study, trial)


def _try_again(study: Any, trial: Any) -> None:
    """The next worker begins a trial anew; once, for it may be what kills the workers."""
    if trial.params and AGAIN not in trial.user_attrs:
        study.enqueue_trial(trial.params, user_attrs={AGAIN: trial.number})


def one(study: Any, plan: Plan, loaded: Samples, guard: Guard) -> None:
    """Ask for a trial, train it, tell how good it was."""
    trial = study.ask()
    trial.set_user_attr(WORKER, worker_name())
    before = [t for t in study.get_trials(deepcopy=False) if t.number < trial.number]
    if sum(t.state in (*ENDED, TrialState.RUNNING) for t in before) >= plan.trials:
        _fail(study, trial, "surplus")  # another worker was faster
        return
    try:
        with Beat(trial, guard):
            value = learn(plan, loaded, trial, guard)
    except optuna.exceptions.UpdateFinishedTrialError:
        return  # another worker has called it lost, for this one was silent for so long
    except optuna.TrialPruned:
        _end(study, trial, state=TrialState.PRUNED)
    except (DivergedError, OutOfMemoryError) as error:
        why = "diverged" if isinstance(error, DivergedError) else "memory"
        _say_why(trial, why)
        _end(study, trial, state=TrialState.PRUNED)
    except BaseException as error:
        if guard.error is None:
            _fail(study, trial, "interrupted" if isinstance(error, KeyboardInterrupt) else "error")
        raise
    else:
        if guard.error is not None:
            return
        if guard.why:
            _fail(study, trial, guard.why)
            _try_again(study, trial)
        else:
            _end(study, trial, value)


def _fail(study: Any, trial: Any, why: str) -> None:
    _say_why(trial, why)
    _end(study, trial, state=TrialState.FAIL)


def _say_why(trial: Any, why: str) -> None:
    with contextlib.suppress(optuna.exceptions.UpdateFinishedTrialError):
        trial.set_user_attr(WHY, why)


def _end(study: Any, trial: Any, value: float | None = None, state: Any = None) -> bool:
    """Tell how a trial ended; False: another worker has told it."""
    try:
        study.tell(trial, value, state=state)
    except optuna.exceptions.UpdateFinishedTrialError:
        return False
    except ValueError:
        number = trial if isinstance(trial, int) else trial.number
        if study.get_trials(deepcopy=False)[number].state.is_finished():
            return False
        raise
    return True
