"""A search: begun, gone on with, joined by further workers, and ended."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from glassnet import __version__
from glassnet._core import storage
from glassnet._core.interrupt import deferred_interrupt
from glassnet._core.optional import require
from glassnet._core.settings import number, whole_number
from glassnet._core.storage import PathLike
from glassnet._core.strict_json import to_json
from glassnet.errors import ConfigError, DataError, FileFormatError, SearchNotFoundError
from glassnet.runs import prepared
from glassnet.runs.folder import RESULT, SEARCH, RunFolder
from glassnet.runs.samples import Samples
from glassnet.tune import plan as plans
from glassnet.tune import space as spaces
from glassnet.tune.ending import Found, finish, so_far
from glassnet.tune.plan import Plan
from glassnet.tune.storage import hidden, open_storage, told
from glassnet.tune.telling import News, Say

NAME = "glassnet"  # of the study in a folder of its own
KEY = "glassnet"  # what a study keeps the plan under


def search(
    data: str,
    *,
    search: Mapping[str, Any] | None = None,
    trials: int | None = None,
    seconds: float | None = None,
    workers: int = 1,
    monitor: str = "loss",
    pruner: str = "halving",
    storage: str | None = None,
    study: str | None = None,
    out: PathLike | None = None,
    plots: bool = True,
    say: Say | None = print,
    **settings: Any,
) -> Found:
    """Search the best settings of a network for ``data``, and train it.

    >>> from glassnet import tune
    >>> found = tune.search("iris", trials=2, out="runs/search")  # doctest: +SKIP
    >>> found.settings.learning_rate, found.model.predict  # doctest: +SKIP

    Trials are compared on validation samples, which no network learns from; the samples that are
    held out judge the one network that was chosen, once. The first trial is the recipe for the
    data. With one worker the same seed gives the same search.

    Args:
        data: the name of a data set, or the path of a table or of a folder of images.
        search: what is to be searched otherwise than usual: ``{"learning_rate": (1e-4, 1e-1)}``
            is a range, ``{"layers": ["64", "128-64"]}`` a choice; or the texts of ``--search``.
        trials: how many are to come to an end, or to be ended early; 30.
        seconds: end after this time, with the best so far.
        workers: processes on this machine; 0: only begin it, and let others join.
        monitor: "loss" or "accuracy" of the validation samples.
        pruner: "halving" and "hyperband" end trials early that do worse; "none".
        storage: where the trials are kept: an address, as in postgresql://user@host/name, or a
            folder or file; None: in the folder of the search.
        study: the name of the search in a storage that has several.
        out: the folder; runs/NAME-tune, runs/NAME-tune-2 … when not given.
        plots: whether to draw pictures.
        say: is told, in a line each, what goes on; None: nothing.
        settings: those of a run that all trials have: target=, epochs=, activation= …

    Raises:
        GlassnetError: settings or data that cannot be; nothing is written then.
        StorageError: the storage cannot be reached, or is gone.
        MissingDependencyError: Optuna is not installed.
    """
    require("optuna", extra="tune")
    say = say or _nothing
    count = whole_number("tune", "workers", workers, minimum=0)
    until = _deadline(seconds)
    plan = plans.make(data, settings, search or {}, trials=trials, monitor=monitor, pruner=pruner)
    made, loaded = prepared.load(plan.settings)
    plan = plans.with_space(plan, made, loaded.count, loaded.data.task, loaded.fingerprint())
    _refuse_begun(out)
    place = None if storage is None else _absolute(storage)
    opened = None if place is None else open_storage(place, new=True)
    folder = RunFolder.create(f"{Path(loaded.data.name).stem}-tune", out).path
    try:
        opened = opened or open_storage(str(folder), new=True)
        name = study or (NAME if place is None else folder.name)
        with told(place or str(folder)):
            begun = _begin(opened, name, plan, place or str(folder))
    except BaseException:
        _remove(folder)
        raise
    _note(folder, place, name)
    say(opening(plan, loaded, folder))
    if not count:
        with told(place or str(folder)):
            return so_far(begun, plan, folder, "begun")
    return _go_on(begun, plan, loaded, folder, place, until, count, plots, say)


def resume(
    folder: PathLike,
    *,
    trials: int | None = None,
    seconds: float | None = None,
    workers: int = 1,
    data_dir: str | None = None,
    plots: bool = True,
    say: Say | None = print,
) -> Found:
    """Go on with a search that was stopped or killed, or make more trials.

    Args:
        trials: how many there are to be in all.

    Raises:
        ConfigError: it has ended, and no more trials are wanted.
        DataError: its data has changed.
    """
    require("optuna", extra="tune")
    say = say or _nothing
    home, count, until = Path(folder), whole_number("tune", "workers", workers), _deadline(seconds)
    noted = _noted(home)
    place = noted["storage"] or str(home)
    opened = open_storage(place, new=False)
    with told(place):
        study = _load(opened, noted["study"], place)
        plan = _plan_of(study, place)
        if trials is not None:
            plan = replace(plan, trials=whole_number("tune", "trials", trials))
            study.set_user_attr(KEY, plan.to_config())
        ended = News(study, plan, say).ended
    if ended >= plan.trials and _told_of(home) == ended:
        raise ConfigError(
            f"{home}: this search has ended, with {ended} trials. Make more of them: --trials "
            f"{2 * ended}"
        )
    loaded = _data_of(plan, data_dir)
    say(f"{home}: {ended} of {plan.trials} trials have ended")
    (home / RESULT).unlink(missing_ok=True)
    return _go_on(study, plan, loaded, home, noted["storage"], until, count, plots, say)


def join(
    place: PathLike,
    *,
    study: str | None = None,
    data: str | None = None,
    data_dir: str | None = None,
    seconds: float | None = None,
    say: Say | None = print,
) -> int:
    """Work on a search that was begun elsewhere, until its trials are done.

    For further machines: each runs this, by Slurm, Dask, Ray, Kubernetes or by hand. One that is
    killed loses its trial, and nothing else.

    Args:
        place: the storage's address, or the folder of the search.
        study: which search, where the storage has several.
        data: where the data lies on this machine, if elsewhere; it must be the same.

    Returns:
        How many trials of the search have ended.

    Raises:
        SearchNotFoundError: there is no such search.
        StorageError: it cannot be reached.
        DataError: the data is not the same.
    """
    require("optuna", extra="tune")
    from glassnet.tune import working
    from glassnet.tune.beating import Guard

    say = say or _nothing
    where, until = _where(place), _deadline(seconds)
    opened = open_storage(where[0], new=False)
    guard = Guard(until)
    with told(where[0]):
        found = _load(opened, study or where[1] or _only(opened, where[0]), where[0])
        plan = _plan_of(found, where[0])
    loaded = _data_of(plan, data_dir, data)
    news = News(found, plan, say)
    say(f"joined {hidden(where[0])}: {news.ended} of {plan.trials} trials have ended")
    with deferred_interrupt(guard.interrupt), told(where[0]):
        working.work(found, plan, loaded, guard, news)
    if guard.why == "interrupted":
        raise KeyboardInterrupt
    return news.ended


def opening(plan: Plan, loaded: Samples, folder: Path) -> str:
    """What is searched, on what, and where it is written."""
    watched = 0 if loaded.validation is None else len(loaded.validation[0])
    tried = "".join(f"\n  {name}: {of}" for name, of in plan.space.items())
    return (
        f"{loaded.data.name}: {loaded.count:,} samples to learn from, {watched:,} to compare by\n"
        f"{plan.trials} trials of at most {plan.settings.epochs} epochs; {folder}{tried}"
    )


def _go_on(
    study: Any,
    plan: Plan,
    loaded: Samples,
    folder: Path,
    place: str | None,
    until: float | None,
    workers: int,
    plots: bool,
    say: Say,
) -> Found:
    from glassnet.tune import processes, working
    from glassnet.tune.beating import Guard

    guard, where = Guard(until), place or str(folder)
    working.validation(loaded)
    news = News(study, plan, say)
    with deferred_interrupt(guard.interrupt), told(where):
        if workers == 1:
            working.work(study, plan, loaded, guard, news)
        else:
            team = processes.Workers(where, study.study_name, workers, plan.settings.data_dir)
            processes.work(study, plan, guard, news, team)
        if guard.why == "interrupted":
            return so_far(study, plan, folder, "interrupted")
    return finish(study, plan, folder, guard.why, 0, plots, say)


# ---- studies -----------------------------------------------------------------------------


def _begin(opened: Any, name: str, plan: Plan, place: str) -> Any:
    """A new study that knows its plan; its first trial is the recipe."""
    import optuna

    try:
        study = optuna.create_study(
            storage=opened, study_name=name, direction=plan.direction, **_ways(plan)
        )
    except optuna.exceptions.DuplicatedStudyError:
        raise ConfigError(
            f"{hidden(place)}: has a search called {name!r} already. Take part in it: glassnet "
            f"tune --join {hidden(place)} --study {name}; or call this one otherwise: --study."
        ) from None
    study.set_user_attr(KEY, plan.to_config())
    first = spaces.of(plan.settings, plan.space)
    if first:
        study.enqueue_trial(first)
    return study


def _load(opened: Any, name: str, place: str) -> Any:
    import optuna

    try:
        return optuna.load_study(storage=opened, study_name=name)
    except KeyError:
        names = ", ".join(sorted(optuna.get_all_study_names(opened))) or "none"
        raise SearchNotFoundError(
            f"{hidden(place)}: has no search called {name!r}. There are: {names}."
        ) from None


def _only(opened: Any, place: str) -> str:
    """The name of the one search in a storage."""
    import optuna

    names = sorted(optuna.get_all_study_names(opened))
    if not names:
        raise SearchNotFoundError(f"{hidden(place)}: there is no search in it.")
    if len(names) > 1:
        raise SearchNotFoundError(
            f"{hidden(place)}: has several searches, {', '.join(names)}: say which, --study."
        )
    return str(names[0])


def _plan_of(study: Any, place: str) -> Plan:
    if KEY not in study.user_attrs:
        raise FileFormatError(
            f"{hidden(place)}: the study {study.study_name!r} is none of 'glassnet tune'."
        )
    try:
        plan = Plan.from_config(study.user_attrs[KEY])
    except FileFormatError as error:
        raise FileFormatError(f"{hidden(place)}: {error}.") from None
    for name, way in _ways(plan).items():
        setattr(study, name, way)
    return plan


def _ways(plan: Plan) -> dict[str, Any]:
    from glassnet.tune import sampling

    return {
        "sampler": sampling.SeededSampler(plan.settings.seed),
        "pruner": sampling.pruner(plan.pruner, plan.settings.epochs),
    }


def _data_of(plan: Plan, data_dir: str | None, data: str | None = None) -> Samples:
    """The data of a search, which must be the same everywhere.

    Raises:
        DataError: it is not.
    """
    settings = plan.located()
    settings = replace(settings, data=data or settings.data, data_dir=data_dir or settings.data_dir)
    loaded = prepared.load(settings)[1]
    if loaded.fingerprint() != plan.fingerprint:
        raise DataError(
            f"{settings.data}: the data is not what this search began with. Put it back, or begin "
            "another search."
        )
    return loaded


# ---- the folder --------------------------------------------------------------------------


def _note(folder: Path, place: str | None, name: str) -> None:
    noted = {"glassnet": __version__, "storage": place, "study": name}
    storage.write_text(folder / SEARCH, to_json(noted, indent=2) + "\n")


def _noted(folder: Path) -> dict[str, Any]:
    """Where the trials of a search are kept.

    Raises:
        FileNotFoundError: there is no such folder.
        FileFormatError: no search is in it, or a damaged file.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: there is no such search. Searches are folders.")
    file = folder / SEARCH
    if not file.is_file():
        raise FileFormatError(
            f"{folder}: holds no search (no {SEARCH} in it). Searches are folders that 'glassnet "
            "tune' made."
        )
    try:
        noted = json.loads(file.read_text(encoding="utf-8"))
        place, name = noted["storage"], noted["study"]
        if not isinstance(name, str) or not isinstance(place, str | None):
            raise TypeError("a name is no text")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileFormatError(f"{file}: is damaged ({error}).") from None
    return {"storage": place, "study": name}


def _told_of(folder: Path) -> int:
    """How many trials the result of a search is of; 0 where there is none yet."""
    try:
        found = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        return sum(row["state"] != "failed" for row in found["trials"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _where(place: PathLike) -> tuple[str, str | None]:
    """The storage and, of a folder, the study that are meant."""
    text = str(place)
    if "://" in text or not Path(text).is_dir() or not (Path(text) / SEARCH).is_file():
        return text, None
    noted = _noted(Path(text))
    return noted["storage"] or text, noted["study"]


def _absolute(place: str) -> str:
    """A path that is the same in any folder; addresses stay as they are, but for SQLite's."""
    scheme, separator, rest = place.partition(":///")
    if separator and scheme.startswith("sqlite") and rest and not rest.startswith("/"):
        return f"{scheme}{separator}{Path(rest).absolute()}"
    return place if "://" in place else str(Path(place).absolute())


def _refuse_begun(out: PathLike | None) -> None:
    if out is not None and (Path(out) / SEARCH).is_file():
        raise ConfigError(
            f"{out}: holds a search already, and nothing is overwritten. Go on with it: glassnet "
            f"tune --resume {out}; or choose another --out."
        )


def _remove(folder: Path) -> None:
    """The folder of a search that could not begin; it has nothing of value yet."""
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def _deadline(seconds: float | None) -> float | None:
    if seconds is None:
        return None
    return time.monotonic() + number("tune", "seconds", seconds, above=0.0)


def _nothing(line: str) -> None:
    """Say nothing."""
