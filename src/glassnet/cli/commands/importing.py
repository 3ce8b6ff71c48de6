"""``glassnet import FILE --out FOLDER``"""

from __future__ import annotations

import click

from glassnet.cli.language import retold, tr
from glassnet.cli.options import data_dir_option, json_option
from glassnet.cli.output import emit_json


@click.command("import")
@click.argument("file")
@click.option("--out", help="The folder to write.  [default: runs/NAME, runs/NAME-2 …]")
@click.option(
    "--from", "format", help="onnx, keras, torch or dlfs.  [default: by the suffix of FILE]"
)
@click.option("--data", "data", help="The data set that the network is for, to judge it on.")
@click.option(
    "--divide",
    type=float,
    help="What inputs were divided by when it learned: 255 for the bytes of images.",
)
@click.option(
    "--activation",
    help="Of weights alone: behind their hidden layers.  [default: found out on --data]",
)
@click.option("--network", help="Of weights alone: whose they are, as in lenet.  [default: mlp]")
@data_dir_option
@json_option
def import_(
    file: str, out: str | None, format: str | None, data: str | None, divide: float | None,
    activation: str | None, network: str | None, data_dir: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Make a run of a network in another format: then evaluate, predict, plot as always.

    FILE is an ONNX file, a file of Keras (.keras, .h5), PyTorch weights (.safetensors, .pt,
    .pth), or the pickle of Deep Learning from Scratch (.pkl). Nothing in it is run.
    """
    from glassnet.model.summary import text
    from glassnet.runs import exchange

    found: list[str] = []
    folder, model, stored = exchange.take_in(
        file, out, format, data, divide, data_dir, found.append, activation, network
    )
    if as_json:
        emit_json({
            "folder": str(folder), "stored_shape": list(stored) or None,
            "parameters": model.parameters.size,
            "layers": [layer.get_config() for layer in model.layers],
        })  # fmt: skip
        return
    click.echo(text(model))
    known = folder.settings().data
    if stored and not known:
        here = (*stored[1:], stored[0])
        click.echo(
            "\n"
            + tr(
                "The file takes images with their channels first, {stored}; glassnet has "
                "them last, {here}: np.moveaxis(x, 1, -1).",
                stored=stored,
                here=here,
            )
        )
    for line in found:
        click.echo(f"\n{retold(line)}")
    if not known and folder.facts().task == "regression" and model.outputs > 1:
        click.echo(
            "\n"
            + tr(
                "Its {n} outputs are taken as numbers. If they are classes, name the data "
                "set that it is for: --data.",
                n=model.outputs,
            )
        )
    click.echo(
        "\n"
        + tr(
            "{folder} holds it now. Judge it: {command}",
            folder=folder,
            command=f"glassnet evaluate {folder}{'' if known else ' DATA'}",
        )
    )
