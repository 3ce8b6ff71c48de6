"""Train a network for a data set and leave everything in one folder."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet._core.jit import Compilations, compilations
from glassnet._core.storage import PathLike
from glassnet.callbacks import Callback, Checkpoint, CSVLogger
from glassnet.diagnosis.report import Diagnosis
from glassnet.distribute.group import Group
from glassnet.errors import ConfigError, DataError, DivergedError
from glassnet.layers import Layer
from glassnet.model import Sequential
from glassnet.runs import listing, network, prepared, samples, start
from glassnet.runs.advice import next_steps
from glassnet.runs.folder import Facts, RunFolder
from glassnet.runs.judge import constant_for, judge, measure
from glassnet.runs.learned import beside, refuse_compare, study_of
from glassnet.runs.recipes import CEILINGS, Settings
from glassnet.runs.samples import Samples
from glassnet.runs.spelling import in_options
from glassnet.tabular.fit import refuse_few
from glassnet.tabular.recipe import recipe_for
from glassnet.training.history import History
from glassnet.training.targets import balanced

CHECKPOINT_BATCHES, CHECKPOINT_SECONDS = 20, 2.0

Say = Callable[[str], None]  # takes a line for the person who waits


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
        refuse_few(loaded.count)
    if compare:
        refuse_compare(loaded)
    model = _untrained(settings, loaded)
    if group is not None and group.rank:
        return _beside(settings, loaded, model, False, group)
    folder = RunFolder.create(Path(loaded.data.name).stem, out)  # flowers.csv: runs/flowers
    with folder.alone(), _way_on(folder, say):
        folder.begin(settings, loaded.data, loaded.fingerprint())
        if loaded.data.files is not None:
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
        model = _untrained(settings, loaded)
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
    say(_opening(loaded, model, settings))
    compiling = 0.0
    if model is None:
        with _compiling(say):
            model, history = _ensemble(folder, settings, loaded, resuming, verbose)
        folder.keep(model, history)
    else:
        compiling = _warm_up(model, loaded, settings, say)
        begun = resuming and folder.checkpoint.exists()
        if group is not None:
            begun = group.share(begun)
        history = _one_network(folder, settings, loaded, model, begun, verbose, say, group)
    interrupted = history.stopped.startswith("interrupted")
    if interrupted:
        folder.keep(model, history)
        return Outcome(folder, model, history, {}, interrupted=True)
    facts = Facts.of(loaded.data)
    peers = None
    if compare:
        say("training a linear model and boosting, to compare …")
        peers = beside(model, loaded, facts)
    report = _report(folder, settings, loaded, model, history, compiling)
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
    _warm_up(model, loaded, settings, say=lambda _: None)
    begun = group.share(resuming)
    nowhere = RunFolder(os.devnull)
    history = _one_network(nowhere, settings, loaded, model, begun, 0, print, group)
    stopped = history.stopped.startswith("interrupted")
    return Outcome(nowhere, model, history, {}, stopped, group.rank)


def _untrained(settings: Settings, loaded: Samples) -> Sequential | None:
    """The network that will learn; None where an ensemble makes its own."""
    return None if settings.effort else network.build(settings, loaded.data, loaded.count)


def _ensemble(
    folder: RunFolder, settings: Settings, loaded: Samples, resuming: bool, verbose: str | int
) -> tuple[Sequential, History]:
    """The model of a table by the recipe for tables."""
    from glassnet.tabular import fit_dataset, fit_stream

    begun = resuming and folder.networks.exists()
    common: dict[str, Any] = {
        "effort": settings.effort,
        "seed": settings.seed,
        "verbose": verbose,
        "callbacks": [
            CSVLogger(folder.history_file),
            Checkpoint(folder.networks, every_seconds=CHECKPOINT_SECONDS),
        ],
        "resume_from": folder.networks if begun else None,
    }
    weights = None
    if settings.class_weight is not None:
        weights = balanced(loaded.data.y, loaded.data.n_classes or 1)
    stream: Any = loaded.stream
    if stream is not None:
        fitted = fit_stream(stream, class_weights=weights, **common)
    else:
        weight = None if weights is None else weights[loaded.data.y]
        fitted = fit_dataset(loaded.data, sample_weight=weight, **common)
    fitted.history.diagnosis = Diagnosis()
    return fitted.model, fitted.history


def _one_network(
    folder: RunFolder,
    settings: Settings,
    loaded: Samples,
    model: Sequential,
    begun: bool,
    verbose: str | int,
    say: Say,
    group: Group | None,
) -> History:
    """Train the network by its settings.

    Raises:
        DivergedError: the loss became NaN; the folder has the last good model.
    """
    try:
        return prepared.fit(
            model,
            settings,
            loaded,
            _callbacks(folder, settings, loaded.count),
            verbose=verbose,
            resume_from=folder.checkpoint if begun else None,
            group=group,
        )
    except DivergedError as error:
        if group is not None and group.rank:
            raise
        found = error.history.diagnosis
        report = {
            "status": "diverged",
            "folder": str(folder),
            "error": str(error),
            "diagnosis": found.to_dict(),
        }
        folder.finish(model, error.history, report)
        say(f"what went wrong:\n{found}")
        raise


def _callbacks(folder: RunFolder, settings: Settings, count: int) -> list[Callback]:
    return [
        *prepared.deciding(settings, count),
        CSVLogger(folder.history_file),
        Checkpoint(
            folder.checkpoint,
            every_batches=CHECKPOINT_BATCHES,
            every_seconds=CHECKPOINT_SECONDS,
        ),
    ]


def _warm_up(model: Sequential, loaded: Samples, settings: Settings, say: Say) -> float:
    """Compile or load what training needs, on a copy of the model that is thrown away.

    Returns:
        The seconds that it took.
    """
    started = time.perf_counter()
    size = settings.batch_size
    x, y = loaded.data.x[:size], loaded.data.y[:size]
    twin = model.copy()
    twin.classes = None if loaded.data.n_classes is None else np.arange(loaded.data.n_classes)
    with _compiling(say) as compiled:
        twin.fit(x, y, batch_size=len(x), epochs=1, verbose=0, distribute=False)
        with np.errstate(over="ignore", invalid="ignore"):  # the training says it in one error
            twin.evaluate(x, y)
    if compiled.done:
        say(f"compiled its loops in {compiled.duration:.1f} s")
    return time.perf_counter() - started


def _compiling(say: Say) -> contextlib.AbstractContextManager[Compilations]:
    return compilations(lambda: say("compiling its loops (the first time only) …"))


def _opening(loaded: Samples, model: Sequential | None, settings: Settings) -> str:
    data = loaded.data
    parts = [f"{loaded.count:,} samples to learn from"]
    watched = 0 if loaded.validation is None else len(loaded.validation[0])
    if watched:
        parts.append(
            f"{watched:,} fresh ones to watch" if loaded.fresh else f"{watched:,} to watch"
        )
    count = f"{len(loaded.held_out[0]):,}"
    if settings.test:
        parts.append(f"{count} of {settings.test}")
    else:
        parts.append(f"{count} fresh ones held out" if loaded.fresh else f"{count} held out")
    strange = f"{settings.test}: {loaded.strange}\n" if loaded.strange else ""
    notes = "".join(f"  {note}\n" for note in data.notes)
    beginning = f"{data.name}: {', '.join(parts)}\n{notes}{strange}"
    if model is None:
        recipe = recipe_for(settings.effort or "", data.task)
        units = " and ".join(map(str, recipe.units))
        many = (
            f"{recipe.networks} networks with hidden layers"
            if recipe.networks > 1
            else "1 network with hidden layers"
        )
        return f"{beginning}effort {settings.effort}: {many} of {units} units"
    named = "" if settings.network == "mlp" else f"{settings.network}, "
    begun = "" if settings.start is None else f"\n{start.in_words(settings, model)}"
    changed = "" if settings.augment == "none" else f", images changed by {settings.augment}"
    return (
        f"{beginning}network: {named}{chain(model)}, {model.parameters.size:,} parameters; "
        f"{settings.optimizer} {settings.learning_rate:g} {settings.schedule}, "
        f"{settings.epochs} {'epochs' if settings.epochs > 1 else 'epoch'} of batches of "
        f"{settings.batch_size}"
        f"{changed}{begun}"
    )


def chain(model: Sequential) -> str:
    """``64-128-10``, ``28×28×1-26×26×32-…-10``: how many numbers go in, through, and out.

    ``8 × 300-96-96-2`` of an ensemble.
    """
    members = getattr(model.layers[-1], "members", ())
    if members:
        chains: dict[str, int] = {}
        for member in members:
            one = _chain(member.layers)
            chains[one] = chains.get(one, 0) + 1
        return ", ".join(f"{count} × {one}" for one, count in chains.items())
    return _chain(model.layers)


def _chain(layers: Sequence[Layer]) -> str:
    shapes: list[tuple[int, ...]] = []
    for layer in layers:
        learns = bool(layer.weights()) and not layer.normalizes
        if learns and not shapes and layer.input_shape:
            shapes.append(layer.input_shape)
        if shapes and layer.output_shape and (learns or layer.output_shape != shapes[-1]):
            shapes.append(layer.output_shape)
    return "-".join("×".join(map(str, shape)) for shape in shapes)


def _report(
    folder: RunFolder,
    settings: Settings,
    loaded: Samples,
    model: Sequential,
    history: History,
    compiling: float,
) -> dict[str, Any]:
    facts, count = Facts.of(loaded.data), loaded.count
    on_training = measure(model, loaded.data.x, loaded.data.y, facts)
    measured = len(loaded.data.x)  # of a large table, its sample
    constant = constant_for(model, loaded.data.y, facts)
    loaded.release()  # before scikit-learn and matplotlib are imported
    x, y = loaded.held_out
    report: dict[str, Any] = {
        "status": "finished",
        "folder": str(folder),
        "data": {
            "name": facts.name,
            "task": facts.task,
            "training": count,
            "measured": measured,
            "validation": 0 if loaded.validation is None else len(loaded.validation[0]),
            "held_out": len(x),
            "fresh": loaded.fresh,
            "test": settings.test,
            "images": loaded.data.files is not None,
            "notes": [in_options(note) for note in loaded.data.notes],
        },
        "network": chain(model),
        "parameters": model.parameters.size,
        "effort": settings.effort,
        "epochs": len(history.epoch),
        "stopped": history.stopped,
        "seconds": history.seconds,
        "compile_seconds": compiling,
        "held_out": judge(model, x, y, facts, constant),
        "training": on_training,
    }
    if settings.start is not None:
        report["start"] = start.described(settings, model)
    if settings.data in CEILINGS:
        report["ceiling"] = CEILINGS[settings.data]
    report["diagnosis"] = history.diagnosis.to_dict()
    report["next"] = next_steps(history, report, settings)
    return report
