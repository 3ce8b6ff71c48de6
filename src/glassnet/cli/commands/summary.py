"""``glassnet summary RUN``"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from glassnet.cli.commands.train import closing
from glassnet.cli.language import cell, retold, tr
from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json, table
from glassnet.runs.recipes import Settings

MOST = 100  # tensors of a file of weights that are listed


@click.command()
@click.argument("run")
@json_option
def summary(run: str, as_json: bool) -> None:
    """Show the network, the settings and the results of RUN.

    RUN is a run's folder, a model file, or a network of others: .onnx, .keras, .h5, .pkl, or
    weights of PyTorch (.pt, .pth, .safetensors).
    """
    from pathlib import Path

    from glassnet.interop.torch.bare import WeightsAloneError
    from glassnet.model.summary import text
    from glassnet.runs.folder import REPORT, RunFolder
    from glassnet.runs.opening import load

    if Path(run).is_file():
        try:
            model = load(run)
        except WeightsAloneError as alone:
            _weights(run, alone.tensors, as_json)
            return
        if as_json:
            emit_json({
                "model": model.get_config(),
                "parameters": model.parameters.size,
                "multiplications": sum(layer.multiplications() for layer in model.layers),
            })  # fmt: skip
        else:
            click.echo(text(model))
        return
    folder = RunFolder.open(run)
    model, settings = folder.model(), folder.settings()
    report = folder.report() if folder.finished else {"status": "not ended"}
    if as_json:
        emit_json({
            "settings": settings.to_config(), "model": model.get_config(), "report": report,
        })  # fmt: skip
        return
    click.echo(text(model) + "\n")
    with folder.reading(REPORT):
        _told(run, settings, report)


def _told(run: str, settings: Settings, report: dict[str, Any]) -> None:
    """The settings of a run, and what came of it."""
    if report["status"] == "imported":
        click.echo(tr("Imported from {source}.", source=report["source"]))
        return
    rows = []
    hidden = {"layers"} if settings.network != "mlp" else {"network"}
    if settings.start is not None:
        hidden = {"layers", "network", "activation"}  # of the network that it began with
    for name, value in settings.to_config().items():
        if name in hidden:
            continue
        if isinstance(value, list):
            value = ", ".join(map(str, value)) or ("none" if name == "layers" else None)
        if isinstance(value, bool):
            value = tr("yes") if value else tr("no")
        if value is not None:
            rows.append((cell(name.replace("_", " ")), value))
    table(rows, title=tr("settings"))
    click.echo()
    if report["status"] == "finished":
        closing(report)
    elif report["status"] == "diverged":
        click.echo(retold(report["error"]))
    else:
        click.echo(tr("This run has not ended. Go on with: glassnet train --resume {run}", run=run))


def _weights(path: str, tensors: Mapping[str, Any], as_json: bool) -> None:
    """What there is to say of weights alone: their shapes, and what they would be."""
    from glassnet.errors import FileFormatError
    from glassnet.interop.reading import plain
    from glassnet.interop.torch import bare

    try:
        units: tuple[int, ...] | None = bare.chain(tensors).units
        what = tr(
            "Weights alone, which would be dense layers {units}. Take them in: {command}",
            units="-".join(map(str, units or ())),
            command=f"glassnet import {path} --activation relu",
        )
    except FileFormatError as error:
        units, what = None, f"{str(error)[0].upper()}{str(error)[1:]}."
    if as_json:
        shapes = {plain(name): list(array.shape) for name, array in tensors.items()}
        emit_json({"weights": shapes, "units": units and list(units)})
        return
    shown = [(plain(k), "×".join(map(str, v.shape)) or "1", v.dtype) for k, v in tensors.items()]
    table(shown[:MOST], [tr(word) for word in ("name", "shape", "type")])
    if len(shown) > MOST:
        click.echo(tr("and {n:,} more", n=len(shown) - MOST))
    click.echo(f"\n{what}")
