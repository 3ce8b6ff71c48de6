"""What is said of a search: a line for each trial, the table of all, the command for the best."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from glassnet.runs.recipes import Settings, sizes
from glassnet.tune import space as spaces
from glassnet.tune.plan import Plan

Say = Callable[[str], None]


class News:
    """Tells of each trial once, when it has ended."""

    def __init__(self, study: Any, plan: Plan, say: Say) -> None:
        self.study, self.plan, self._say = study, plan, say
        self._ended = 0
        self._best: float | None = None
        self._told: set[int] = set()
        for trial in self._new():
            self._count(trial)

    @property
    def ended(self) -> int:
        """How many trials have come to an end."""
        return self._ended

    def __call__(self) -> None:
        """Tell of those that have ended since."""
        for trial in self._new():
            self._count(trial)
            line = self._line(trial)
            if line:
                self._say(line)

    def _new(self) -> list[Any]:
        trials = self.study.get_trials(deepcopy=False)
        new = [t for t in trials if t.state.is_finished() and t.number not in self._told]
        self._told |= {t.number for t in new}
        return sorted(new, key=lambda trial: trial.datetime_complete)

    def _count(self, trial: Any) -> None:
        if trial.state.name in ("COMPLETE", "PRUNED"):
            self._ended += 1
        if trial.state.name == "COMPLETE":
            better = min if self.plan.monitor == "loss" else max
            values = [trial.value] if self._best is None else [self._best, trial.value]
            self._best = better(values)

    def _line(self, trial: Any) -> str:
        plan, why = self.plan, trial.user_attrs.get("why", "")
        if trial.state.name == "FAIL":
            worker = trial.user_attrs.get("worker", "")
            return f"trial {place(trial)} is lost: its worker {worker} is gone" if not why else ""
        told = in_words(spaces.chosen(trial.params))
        counted = f"{self._ended} of {plan.trials}"
        if why == "diverged":
            return f"{counted}: diverged; {told}"
        if why == "memory":
            return f"{counted}: does not fit into memory; {told}"
        value = f"{plan.monitor} {trial.value:.4g}"
        if trial.state.name == "PRUNED":
            return f"{counted}: {value}, ended after {epochs(trial, plan)}; {told}"
        time = f"{trial.duration.total_seconds():.1f} s"
        if trial.value == self._best:
            return f"{counted}: {value}, the best so far, {time}; {told}"
        return f"{counted}: {value}, {time}; {told}"


def place(trial: Any) -> int:
    """Its number as people count: Optuna's first is 0."""
    return int(trial.number) + 1


def epochs(trial: Any, plan: Plan) -> str:
    """``3 of 40 epochs``"""
    return f"{trial.last_step or 0} of {plan.settings.epochs} epochs"


def in_words(values: Mapping[str, Any]) -> str:
    """``learning_rate=0.0031 layers=128-64``"""
    return " ".join(
        f"{name}={spaces.spelled(value) if name == 'layers' else _number(value)}"
        for name, value in values.items()
    )


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def command(data: str, given: Mapping[str, Any]) -> str:
    """The command line that trains with these settings: the same weights as those of the trial."""
    words = ["glassnet", "train", shlex.quote(data)]
    for name in (f.name for f in fields(Settings)):
        value = given.get(name)
        if value is None:
            continue
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            other = "--grey" if name == "color" else f"--no-{name}"
            words += [option] if value else [other] if name != "strict" else []
        elif name in ("ignore", "categorical"):
            words += [word for each in value for word in (option, shlex.quote(each))]
        elif name == "layers":
            words += [option, sizes(value)]
        elif name == "size":
            words += [option, "x".join(map(str, value))]
        elif isinstance(value, tuple):
            words += [option, shlex.quote(",".join(map(str, value)))]
        else:
            words += [option, shlex.quote(_exact(value))]
    return " ".join(words)


def _exact(value: Any) -> str:
    """All digits, as few as say the same number: 0.001, 1e-05."""
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def rows(study: Any, plan: Plan) -> list[dict[str, Any]]:
    """A row for each trial that has come to an end, or failed."""
    found = []
    for trial in study.get_trials(deepcopy=False):
        if not trial.state.is_finished():
            continue
        why = trial.user_attrs.get("why", "")
        state = {"COMPLETE": "complete", "PRUNED": "pruned"}.get(trial.state.name, "failed")
        if trial.state.name == "FAIL" and not why:
            why = "lost"
        found.append(
            {
                "trial": place(trial),
                "state": state,
                plan.monitor: trial.value,
                "epochs": trial.last_step or 0,
                "seconds": trial.duration.total_seconds() if trial.duration else None,
                "why": why,
                **{
                    name: spaces.spelled(value) if name == "layers" else value
                    for name, value in spaces.chosen(trial.params).items()
                },
            }
        )
    return found
