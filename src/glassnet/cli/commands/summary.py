"""``glassnet summary RUN``"""

from __future__ import annotations

import click

from glassnet.cli.commands.train import closing
from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json, table


@click.command()
@click.argument("run")
@json_option
def summary(run: str, as_json: bool) -> None:
    """Show the network, the settings and the results of RUN, a folder or a model file."""
    from pathlib import Path

    from glassnet.model import Sequential
    from glassnet.model.summary import text
    from glassnet.runs.folder import RunFolder

    if Path(run).is_file():
        model = Sequential.load(run)
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
    if report["status"] == "imported":
        click.echo(f"Imported from {report['source']}.")
        return
    rows = []
    hidden = {"layers"} if settings.network != "mlp" else {"network"}
    for name, value in settings.to_config().items():
        if name in hidden:
            continue
        if isinstance(value, list):
            value = ", ".join(map(str, value)) or ("none" if name == "layers" else None)
        if value is not None:
            rows.append((name.replace("_", " "), value))
    table(rows, title="settings")
    click.echo()
    if report["status"] == "finished":
        closing(report)
    elif report["status"] == "diverged":
        click.echo(report["error"])
    else:
        click.echo(f"This run has not ended. Go on with: glassnet train --resume {run}")
