"""What a search leaves in its folder: the best network as a run, a table, numbers, a picture."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet._core import storage
from glassnet._core.strict_json import to_json
from glassnet.errors import ConfigError
from glassnet.runs import work
from glassnet.runs.folder import RESULT, RunFolder
from glassnet.runs.recipes import Settings
from glassnet.tune import telling
from glassnet.tune.plan import Plan
from glassnet.tune.telling import Say

TRIALS, PICTURE = "trials.csv", "search.png"


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        folder: where everything lies.
        settings: the best settings; None where no trial has come to its end.
        value: the best loss or accuracy of the validation samples; ``monitor``: which of them.
        trial: which trial is the best, from 1.
        trials: a row for each trial.
        importance: of each setting, shares of 1; empty where there are too few trials.
        command: the ``glassnet train`` that makes the best network again.
        run: the best network's run; None where the search was stopped before.
        report: as of a run: how good the best network is on the samples held out.
        stopped: why it ended before all trials: "interrupted", "time", "begun" of a search without
            workers of its own, or nothing.
    """

    folder: Path
    settings: Settings | None
    value: float | None
    monitor: str
    trial: int | None
    trials: list[dict[str, Any]]
    importance: dict[str, float]
    command: str
    run: RunFolder | None = None
    report: dict[str, Any] | None = None
    stopped: str = ""

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended it."""
        return self.stopped == "interrupted"

    @property
    def model(self) -> Any:
        """The best network, trained.

        Raises:
            ConfigError: the search was stopped before it was trained.
        """
        if self.run is None:
            raise ConfigError(f"{self.folder}: the search has not ended; go on with tune.resume.")
        return self.run.model()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "folder": str(self.folder),
            "best": None if self.run is None else self.run.path.name,
            "monitor": self.monitor,
            "value": self.value,
            "trial": self.trial,
            "settings": None if self.settings is None else self.settings.to_config(),
            "command": self.command,
            "importance": self.importance,
            "stopped": self.stopped,
            "trials": self.trials,
            "report": self.report,
        }


def best_of(study: Any, plan: Plan) -> Any:
    """The best trial that came to its end; None where there is none."""
    done = [t for t in study.get_trials(deepcopy=False) if t.state.name == "COMPLETE"]
    sign = 1 if plan.monitor == "loss" else -1
    return min(done, key=lambda trial: (sign * trial.value, trial.number), default=None)


def so_far(study: Any, plan: Plan, folder: Path, stopped: str = "") -> Found:
    """What was found until now; trials.csv says it as well."""
    rows = telling.rows(study, plan)
    _write_table(folder / TRIALS, rows)
    best = best_of(study, plan)
    if best is None:
        return Found(folder, None, None, plan.monitor, None, rows, {}, "", stopped=stopped)
    return Found(
        folder,
        plan.at(best.params, located=False),
        float(best.value),
        plan.monitor,
        telling.place(best),
        rows,
        importance(study),
        telling.command(plan.settings.data, plan.given_with(best.params)),
        stopped=stopped,
    )


def finish(
    study: Any, plan: Plan, folder: Path, stopped: str, verbose: str | int, plots: bool, say: Say
) -> Found:
    """Train the best settings, judge the network on what was held out, draw the search.

    Raises:
        ConfigError: no trial came to its end.
    """
    found = so_far(study, plan, folder, stopped)
    best = best_of(study, plan)
    if best is None or found.settings is None:
        raise ConfigError(_nothing(found, folder))
    say(f"training the best settings, of trial {telling.place(best)} …")
    run, report = _trained(plan, best, folder, verbose, plots, say)
    if not report:  # Ctrl-C
        return so_far(study, plan, folder, "interrupted")
    found = Found(**{**found.__dict__, "run": run, "report": report})
    storage.write_text(folder / RESULT, to_json(found.to_dict(), indent=2) + "\n")
    if plots:
        from glassnet import plots as drawing  # matplotlib is slow to import

        say("drawing the search …")
        picture = drawing.search_history(
            [(row["state"], row[plan.monitor]) for row in found.trials if row["state"] != "failed"],
            found.importance,
            monitor=plan.monitor,
        )
        drawing.save(picture, folder / PICTURE)
    return found


def _nothing(found: Found, folder: Path) -> str:
    went = sum(row["why"] == "diverged" for row in found.trials)
    if went:
        return (
            f"{folder}: no trial came to its end, and {went} diverged: search smaller learning "
            "rates, as in --search learning_rate=1e-5..1e-2."
        )
    return (
        f"{folder}: no trial came to its end in this time. Go on with more: glassnet tune --resume "
        f"{folder} --seconds 600"
    )


def _trained(
    plan: Plan, best: Any, folder: Path, verbose: str | int, plots: bool, say: Say
) -> tuple[RunFolder, dict[str, Any]]:
    """The run of the best settings: there already, begun already, or a new one."""
    settings = plan.at(best.params, located=False)
    if any(getattr(settings, k) and not _same(getattr(settings, k), v) for k, v in _paths(plan)):
        settings = plan.at(best.params)  # resumed in another folder than it was begun in
    number = 1
    while True:
        path = folder / ("best" if number == 1 else f"best-{number}")
        run = RunFolder(path)
        if not path.exists():
            break
        try:
            same = RunFolder.open(path).settings() == settings
        except (OSError, ValueError):
            same = False
        if same and run.finished:
            return run, run.report()
        if same:
            ended = work.resume(run, verbose=verbose, plots=plots, say=lambda line: None)
            return ended.folder, ended.report
        number += 1
    ended = work.train(settings, path, verbose=verbose, plots=plots, say=lambda line: None)
    return ended.folder, ended.report


def _paths(plan: Plan) -> list[tuple[str, str]]:
    return list((plan.paths or {}).items())


def _same(name: str, path: str) -> bool:
    return Path(name).absolute() == Path(path)


def importance(study: Any) -> dict[str, float]:
    """How much each setting decides, by Optuna's PED-ANOVA; of few trials nothing.

    Source: Watanabe et al., PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in
    Arbitrary Subspaces (2023).
    """
    import optuna

    done = [t for t in study.get_trials(deepcopy=False) if t.state.name == "COMPLETE"]
    if len(done) < 4 or len({trial.value for trial in done}) < 2:
        return {}
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    try:
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    except (ValueError, RuntimeError):  # too few of them differ
        return {}
    return {name: float(share) for name, share in found.items() if share == share}


def _write_table(path: Path, rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    storage.write_text(path, text.getvalue())
