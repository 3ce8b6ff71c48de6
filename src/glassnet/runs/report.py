"""What a run tells of itself: a line before it trains, and its report when it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet import texts
from glassnet.data.told import Told
from glassnet.layers import Layer
from glassnet.model import Sequential
from glassnet.runs import start
from glassnet.runs.advice import next_steps
from glassnet.runs.folder import Facts, RunFolder
from glassnet.runs.judge import constant_for, judge, measure
from glassnet.runs.recipes import CEILINGS, Settings
from glassnet.runs.samples import Samples
from glassnet.runs.spelling import in_options
from glassnet.tabular.recipe import recipe_for
from glassnet.training.history import History


def opening(loaded: Samples, model: Sequential | None, settings: Settings) -> str:
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
    notes = "".join(f"  {_of_reader(note)}\n" for note in data.notes)
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


def _of_reader(note: str) -> str:
    """A line about the data as the reader is told it; those of a table know their words."""
    language = texts.PICTURES.get()
    if language == "en" or not isinstance(note, Told):
        return note
    return note.said(language, ways=True)


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


def report_of(
    folder: RunFolder,
    settings: Settings,
    loaded: Samples,
    model: Sequential,
    history: History,
    seconds: float,
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
        "compile_seconds": seconds,
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
