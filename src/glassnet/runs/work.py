"""Train a network for a data set and leave everything in one folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet._core.storage import PathLike
from glassnet.distribute.group import Group
from glassnet.errors import ConfigError, DataError
from glassnet.model import Sequential
from glassnet.runs import prepared, samples
from glassnet.runs.folder import Facts, RunFolder
from glassnet.runs.learned import beside, refuse_compare, study_of
from glassnet.runs.recipes import Settings
from glassnet.runs.report import opening, report_of
from glassnet.runs.samples import Samples
from glassnet.runs.training import Say, compiling, ensemble, one_network, untrained, warm_up
from glassnet.training.history import History


@dataclass(frozen=True)
class Outcome:
    """What a run gave.

    Attributes:
        report: as in report.json; empty if the run was interrupted.
        interrupted: whether Ctrl-C ended it: it can be resumed. ``model`` is the network as it is;
            an ensemble is made of the best epochs so far.
        rank: which of several processes that trained together this one is; the first has the
            folder and the report.
    """

    folder: RunFolder
    model: Sequential
    history: History
    report: dict[str, Any]
    interrupted: bool = False
    rank: int = 0


def train(
    settings: Settings,
    out: PathLike | None = None,
    *,
    verbose: str | int = "auto",
    plots: bool = True,
    compare: bool = False,
    say: Say = lambda line: None,
    group: Group | None = None,
) -> Outcome:
    """Load the data, make the network, train it, judge it on held-out data, write the folder.

    Args:
        out: the folder; runs/NAME, runs/NAME-2 … when not given.
        verbose: progress, as in ``Sequential.fit``.
        plots: whether to draw the pictures that fit the data.
        compare: whether to train a linear model and boosting on the same rows, to compare.
        say: is told, in a line each, what goes on.
        group: those who train together, if there are more than this process.

    Raises:
        GlassnetError: settings or data that cannot be; nothing is written then.
        DivergedError: the loss became NaN; the folder has the last good model.
    """
    settings, loaded = prepared.load(settings)
    if settings.effort and group is not None:
        raise ConfigError(
            f"several processes train one network together, but effort={settings.effort} trains "
            "some of its own: give the settings of one network, such as its layers and epochs, or "
            "train without distribute."
        )
    if settings.effort:
        from glassnet.tabular.fit import refuse_few  # of tables alone, as PyArrow is

        refuse_few(loaded.count)
    if compare:
        refuse_compare(loaded)
    model = untrained(settings, loaded)
    if group is not None and group.rank:
        return _beside(settings, loaded, model, False, group)
    folder = RunFolder.create(Path(loaded.data.name).stem, out)  # flowers.csv: runs/flowers
    with folder.alone(), _way_on(folder, say):
        folder.begin(settings, loaded.data, loaded.fingerprint())
        if loaded.data.files is not None:
            from glassnet.runs import listing  # of images in files alone, as Pillow is

            listing.keep(folder.path, loaded.data)
        return _run(folder, settings, loaded, model, False, verbose, plots, compare, say, group)


def resume(
    folder: RunFolder,
    *,
    data_dir: str | None = None,
    verbose: str | int = "auto",
    plots: bool = True,
    say: Say = lambda line: None,
    group: Group | None = None,
) -> Outcome:
    """Go on where a run was stopped or killed, to the bits that the unbroken run would give.

    Raises:
        ConfigError: the run has ended.
        DataError: its data has changed.
    """
    settings = folder.settings()
    if folder.finished:
        more = "--effort best" if settings.effort else "more --epochs"
        raise ConfigError(
            f"{folder}: this run has ended, there is nothing to go on with. To train longer, "
            f"train anew with {more}."
        )
    if data_dir is not None:
        settings = Settings.from_config({**settings.to_config(), "data_dir": data_dir})
    loaded = samples.load(settings)
    if loaded.fingerprint() != folder.fingerprint():
        raise DataError(
            f"{folder}: the data {settings.data!r} is not what this run began with. Put it back, "
            "or train anew."
        )
    if settings.start is not None and folder.checkpoint.exists():
        model: Sequential | None = Sequential.load(folder.checkpoint)  # the start may be gone
    else:
        model = untrained(settings, loaded)
    if group is not None and group.rank:
        return _beside(settings, loaded, model, True, group)
    with folder.alone(), _way_on(folder, say):
        return _run(folder, settings, loaded, model, True, verbose, plots, False, say, group)


@contextlib.contextmanager
def _way_on(folder: RunFolder, say: Say) -> Iterator[None]:
    """Ctrl-C before or after the training, or twice in it, stops at once: say what there is."""
    try:
        yield
    except KeyboardInterrupt:
        say(
            f"The network and its report are in {folder}; it was not looked at any further."
            if folder.finished
            else f"Go on with: glassnet train --resume {folder}"
        )
        raise


def _run(
    folder: RunFolder,
    settings: Settings,
    loaded: Samples,
    model: Sequential | None,
    resuming: bool,
    verbose: str | int,
    plots: bool,
    compare: bool,
    say: Say,
    group: Group | None,
) -> Outcome:
    say(opening(loaded, model, settings))
    seconds = 0.0
    if model is None:
        with compiling(say):
            model, history = ensemble(folder, settings, loaded, resuming, verbose)
        folder.keep(model, history)
    else:
        seconds = warm_up(model, loaded, settings, say)
        begun = resuming and folder.checkpoint.exists()
        if group is not None:
            begun = group.share(begun)
        history = one_network(folder, settings, loaded, model, begun, verbose, say, group)
    interrupted = history.stopped.startswith("interrupted")
    if interrupted:
        folder.keep(model, history)
        return Outcome(folder, model, history, {}, interrupted=True)
    facts = Facts.of(loaded.data)
    peers = None
    if compare:
        say("training a linear model and boosting, to compare …")
        peers = beside(model, loaded, facts)
    report = report_of(folder, settings, loaded, model, history, seconds)
    if peers is not None:
        report["compare"] = peers
    folder.finish(model, history, report)
    study = None
    if model.table is not None:
        say("looking at what it has learned …")
        study = study_of(model, loaded, facts)
        folder.look(study.to_dict())
        report["columns"] = study.importance.most_important()
        folder.tell(report)
    if plots:
        from glassnet.runs import pictures  # matplotlib is slow to import

        say("drawing the pictures …")
        subject = pictures.Subject(model, facts, history, lambda: loaded)
        if study is not None:
            subject.__dict__["study"] = study  # computed once
        pictures.draw_all(folder, subject)
    return Outcome(folder, model, history, report)


def _beside(
    settings: Settings, loaded: Samples, model: Sequential | None, resuming: bool, group: Group
) -> Outcome:
    """The share of a process that is not the first: it writes nothing and says nothing."""
    assert model is not None
    warm_up(model, loaded, settings, say=lambda _: None)
    begun = group.share(resuming)
    nowhere = RunFolder(os.devnull)
    history = one_network(nowhere, settings, loaded, model, begun, 0, print, group)
    stopped = history.stopped.startswith("interrupted")
    return Outcome(nowhere, model, history, {}, stopped, group.rank)
