"""How the model of a run comes to be: its loops compiled, one network or several trained."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet._core.blas import products_alone
from glassnet._core.interrupt import ends_all
from glassnet._core.jit import Compilations, compilations
from glassnet.callbacks import Callback, Checkpoint, CSVLogger
from glassnet.diagnosis.report import Diagnosis
from glassnet.distribute.group import Group
from glassnet.errors import DivergedError
from glassnet.model import Sequential
from glassnet.runs import network, prepared
from glassnet.runs.folder import RunFolder
from glassnet.runs.recipes import Settings
from glassnet.runs.samples import Samples
from glassnet.training.history import History
from glassnet.training.targets import balanced

CHECKPOINT_BATCHES, CHECKPOINT_SECONDS = 20, 2.0

Say = Callable[[str], None]  # takes a line for the person who waits


def untrained(settings: Settings, loaded: Samples) -> Sequential | None:
    """The network that will learn; None where an ensemble makes its own."""
    return None if settings.effort else network.build(settings, loaded.data, loaded.count)


def ensemble(
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


def one_network(
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
            callbacks(folder, settings, loaded.count),
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


def callbacks(folder: RunFolder, settings: Settings, count: int) -> list[Callback]:
    return [
        *prepared.deciding(settings, count),
        CSVLogger(folder.history_file),
        Checkpoint(
            folder.checkpoint,
            every_batches=CHECKPOINT_BATCHES,
            every_seconds=CHECKPOINT_SECONDS,
        ),
    ]


def warm_up(model: Sequential, loaded: Samples, settings: Settings, say: Say) -> float:
    """Compile or load what training needs, on a copy of the model that is thrown away.

    Returns:
        The seconds that it took.
    """
    started = time.perf_counter()
    size = settings.batch_size
    x, y = loaded.data.x[:size], loaded.data.y[:size]
    twin = model.copy()
    twin.classes = None if loaded.data.n_classes is None else np.arange(loaded.data.n_classes)
    products_alone()
    with compiling(say) as compiled:
        with ends_all():  # Ctrl-C is meant for the training
            twin.fit(x, y, batch_size=len(x), epochs=1, verbose=0, distribute=False)
        with np.errstate(over="ignore", invalid="ignore"):  # the training says it in one error
            twin.evaluate(x, y)
    if compiled.done:
        say(f"compiled its loops in {compiled.duration:.1f} s")
    return time.perf_counter() - started


def compiling(say: Say) -> contextlib.AbstractContextManager[Compilations]:
    return compilations(lambda: say("compiling its loops (the first time only) …"))
