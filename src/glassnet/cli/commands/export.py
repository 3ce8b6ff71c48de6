"""``glassnet export RUN --out FILE``"""

from __future__ import annotations

import click

from glassnet.cli.language import retold, tr
from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json, say

AFTER = {
    "onnx": "Run it with ONNX Runtime: onnxruntime.InferenceSession({file!r})",
    "keras": "Open it with Keras: keras.models.load_model({file!r})",
    "torch": "Load it with PyTorch: module.load_state_dict({load}({file!r}))",
    "python": "Run it: python {file} < FILE, a sample in each line, or the CSV of a table",
    "html": "Open it in a browser: {file}",
    "c": "Compile it: gcc -std=c99 -O2 {file} -lm",
}


@click.command()
@click.argument("run")
@click.option("--out", required=True, help="The file to write.")
@click.option(
    "--to", "format", help="onnx, keras, torch, python, html or c.  [default: by the suffix]"
)
@json_option
def export(run: str, out: str, format: str | None, as_json: bool) -> None:
    """Write the network of RUN, a run's folder or a model file, in another format.

    \b
    model.onnx         ONNX, for ONNX Runtime and others; of a table its inputs are the columns
    model.keras        a model of Keras 3; model.h5: in the older format of Keras 2 and 3
    model.safetensors  the weights as PyTorch names and shapes them; model.pt: as torch.save does
    model.py           one Python file that needs nothing
    model.html         one page for a browser that needs nothing: draw, type a row, move a point
    model.c            one C99 file that needs nothing
    """
    from glassnet.interop import FORMATS
    from glassnet.runs import exchange

    written = exchange.export(run, out, format)
    if as_json:
        emit_json(written)
        return
    click.echo(
        tr(
            "{out}: {what}; {parameters:,} parameters, {size:,} bytes",
            out=out,
            what=retold(FORMATS[written["format"]].what),
            parameters=written["parameters"],
            size=written["bytes"],
        )
    )
    load = "safetensors.torch.load_file" if str(out).endswith(".safetensors") else "torch.load"
    say(tr(AFTER[written["format"]], file=str(out), load=load))
    if written["stored_shape"]:
        shape = ", ".join(map(str, written["stored_shape"]))
        say(
            tr(
                "It takes images with their channels first, (n, {shape}): np.moveaxis(x, -1, 1)",
                shape=shape,
            )
        )
