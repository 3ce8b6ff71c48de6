"""``glassnet predict RUN DATA…``"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from glassnet.cli.options import encoding_option, json_option
from glassnet.cli.output import emit_json, percent, say, table

if TYPE_CHECKING:
    from glassnet.runs.folder import RunFolder


@click.command()
@click.argument("run")
@click.argument("data", nargs=-1, required=True)
@click.option("--out", help="Of a table: the CSV or Parquet file to write.")
@click.option("--picture", help="Of images: draw how the network sees them into this PNG file.")
@click.option("--top", type=click.IntRange(min=1), default=3, show_default=True,
              help="Of images: how many answers to show.")  # fmt: skip
@encoding_option
@json_option
def predict(
    run: str, data: tuple[str, ...], out: str | None, picture: str | None, top: int,
    encoding: str, as_json: bool,
) -> None:  # fmt: skip
    """Answer for the rows of a table (CSV, Parquet), or for images (PNG, JPEG).

    A table comes back with the answers as further columns: as CSV on standard output, or in
    the file --out. Images may be of any size, dark on light or light on dark.
    """
    from glassnet.errors import ConfigError
    from glassnet.runs.folder import RunFolder

    folder = RunFolder.open(run)
    if folder.facts().image_shape is not None:
        if out is not None:
            raise ConfigError("--out is for tables; images are answered on the terminal.")
        _images(folder, data, picture, top, as_json)
    elif len(data) > 1:
        raise ConfigError(f"{len(data)} tables came; pass one at a time.")
    elif picture is not None:
        raise ConfigError("--picture is for images; this network answers for tables.")
    else:
        _table(folder, data[0], out, encoding, as_json)


def _images(
    folder: RunFolder, paths: tuple[str, ...], picture: str | None, top: int, as_json: bool
) -> None:
    from glassnet.runs.answers import for_images

    seen, answers = for_images(folder.model(), folder.facts(), paths, top)
    if picture is not None:
        from glassnet import plots

        captions = [f"{row[0][0]}\n{row[0][1]:.0%} sure" for row in answers]
        plots.save(plots.image_strip(seen, captions, title="How the network sees them"), picture)
    if as_json:
        emit_json(
            {
                "images": [
                    {
                        "file": path,
                        "answers": [{"class": name, "probability": p} for name, p in row],
                    }
                    for path, row in zip(paths, answers)
                ]
            }
        )
        return
    rows = [
        (path, *(f"{name}  {percent(p)}" for name, p in row)) for path, row in zip(paths, answers)
    ]
    ordinals = ["answer", "second", "third", *(f"{i}th" for i in range(4, top + 1))]
    table(rows, ("image", *ordinals[: len(answers[0])]))


def _table(folder: RunFolder, path: str, out: str | None, encoding: str, as_json: bool) -> None:
    from glassnet.runs.answers import for_table, write_table

    answered: Any = for_table(folder.model(), folder.facts(), path, encoding)
    if out is not None:
        write_table(answered, out)
        if as_json:
            emit_json({"rows": answered.num_rows, "file": out})
        else:
            say(f"{answered.num_rows:,} rows with their answers are in {out}")
    elif as_json:
        emit_json({"rows": answered.to_pylist()})
    else:
        from pyarrow import csv

        csv.write_csv(answered, sys.stdout.buffer)
        sys.stdout.flush()
