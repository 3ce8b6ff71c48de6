"""``glassnet predict RUN DATA…``"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from glassnet.cli.language import retold, tr
from glassnet.cli.options import json_option
from glassnet.cli.output import emit_bytes, emit_json, percent, say, table

if TYPE_CHECKING:
    from glassnet.runs.answers import Wanted
    from glassnet.runs.folder import RunFolder


@click.command()
@click.argument("run")
@click.argument("data", nargs=-1, required=True)
@click.option("--out", help="Of a table: the file to write, .csv, .xlsx, .jsonl or .parquet; or a "
              "folder.")  # fmt: skip
@click.option("--probabilities", is_flag=True, help="Of classes: a column for each of them.")
@click.option("--interval", type=float, metavar="SHARE",
              help="Of values: two columns that hold the truth in this share of rows: "
              "0.9.")  # fmt: skip
@click.option("--keep", multiple=True, metavar="COLUMNS",
              help="Of a table: give only these back, beside the answers: id,name; row is the "
              "row's number in a spreadsheet.")  # fmt: skip
@click.option("--strict", is_flag=True,
              help="Of a table: refuse what training did not have.")  # fmt: skip
@click.option("--picture", help="Of images: draw how the network sees them into this PNG file.")
@click.option("--top", type=click.IntRange(min=1), default=3, show_default=True,
              help="Of images: how many answers to show.")  # fmt: skip
@click.option("--encoding", help="Of a table's text, read and written: cp949, latin-1 …  "
              "[default: as in training; written is UTF-8]")  # fmt: skip
@json_option
def predict(
    run: str, data: tuple[str, ...], out: str | None, probabilities: bool, interval: float | None,
    keep: tuple[str, ...], strict: bool, picture: str | None, top: int, encoding: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Answer for the rows of tables (CSV, Excel, JSON lines, Parquet), or for images (PNG, JPEG …).

    A table comes back with the answers as further columns: as CSV on standard output, or in
    the file --out. DATA is - for a table on standard input. Several tables come back as one,
    with their names in the column file; or each by itself, if --out is a folder.

    Images may be of any size, dark on light or light on dark; of a network that learned from a
    folder of images, DATA may be folders as well.
    """
    from glassnet.errors import ConfigError
    from glassnet.runs.answers import Wanted
    from glassnet.runs.folder import RunFolder

    folder = RunFolder.open(run)
    kept = tuple(name.strip() for given in keep for name in given.split(",") if name.strip())
    wanted = Wanted(probabilities, interval, kept if keep else None, strict)
    if folder.facts().image_shape is not None:
        if out is not None:
            raise ConfigError(tr("--out is for tables; images are answered on the terminal."))
        if wanted != Wanted():
            raise ConfigError(
                tr(
                    "--probabilities, --interval, --keep and --strict are for tables; --top says "
                    "how many answers are shown of an image."
                )
            )
        _images(folder, data, picture, top, as_json)
    elif picture is not None:
        raise ConfigError(tr("--picture is for images; this network answers for tables."))
    else:
        _tables(folder, data, out, wanted, encoding, as_json)


def _images(
    folder: RunFolder, paths: tuple[str, ...], picture: str | None, top: int, as_json: bool
) -> None:
    from glassnet.runs import photos
    from glassnet.runs.answers import for_images

    model, facts = folder.model(), folder.facts()
    if model.preprocessing is None:
        seen, answers = for_images(model, facts, paths, top)
        _show(paths, seen, answers, picture, top, as_json)
        return
    found = photos.answer(model, facts, paths, top)
    for line in found.left_out:
        say(retold(line))
    _show(found.files, found.seen, found.answers, picture, top, as_json)


def _show(
    paths: Sequence[str],
    seen: Any,
    answers: list[list[tuple[str, float]]],
    picture: str | None,
    top: int,
    as_json: bool,
) -> None:
    if picture is not None:
        from glassnet import plots

        captions = [
            tr("{name}\n{share:.0%} sure", name=row[0][0], share=row[0][1])
            for row in answers[: len(seen)]
        ]
        title = tr("How the network sees them")
        plots.save(plots.image_strip(seen, captions, title=title), picture)
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
    ordinals = [tr("answer"), tr("second"), tr("third")]
    ordinals += [tr("{i}th", i=i) for i in range(4, top + 1)]
    table(rows, (tr("image"), *ordinals[: len(answers[0])]))


def _tables(
    folder: RunFolder,
    paths: tuple[str, ...],
    out: str | None,
    wanted: Wanted,
    encoding: str | None,
    as_json: bool,
) -> None:
    from glassnet.data.table_formats import refuse_without_effect, self_told
    from glassnet.data.table_writing import csv_bytes, write_table
    from glassnet.runs import answers, large
    from glassnet.runs.new_rows import called, encodings

    places = answers.places(paths, out)
    model, facts = folder.model(), folder.facts()
    texts = [path for path in paths if not self_told(path)]
    if encoding and not texts and places and all(map(self_told, places)):
        refuse_without_effect(places[0], self_told(places[0]), {"encoding": encoding})
    if len(paths) == 1 and not as_json and large.is_large(paths[0]) and not _whole(places):
        _large(model, facts, paths[0], places, wanted, encoding)
        return
    learned = folder.settings().encoding
    found = {
        path: answers.for_table(
            model, facts, path, encodings(encoding if path in texts else None, learned), wanted
        )
        for path in paths
    }
    tables = {path: one.table for path, one in found.items()}
    for path, one in found.items():
        if one.strange:
            say(f"{called(path)}: {retold(one.strange)} " + tr("--strict refuses such rows."))
    if len(tables) > 1 and len(places) < len(tables):
        tables = {places[0] if places else "": answers.joined(tables)}
    elif places:
        tables = dict(zip(places, tables.values()))
    for place, table_ in tables.items() if places else ():
        write_table(table_, place, encoding)
        if not as_json:
            say(tr("{n:,} rows with their answers are in {place}", n=table_.num_rows, place=place))
    if places:
        if as_json:
            count = sum(table_.num_rows for table_ in tables.values())
            emit_json({"rows": count, "file": out})
        return
    (answered,) = tables.values()
    if as_json:
        emit_json({"rows": answered.to_pylist()})
    else:
        emit_bytes(csv_bytes(answered, encoding))


def _whole(places: Sequence[str]) -> bool:
    """Whether the answers are written into a sheet, which is made as a whole."""
    return any(place.lower().endswith(".xlsx") for place in places)


def _large(
    model: Any, facts: Any, path: str, places: Sequence[str], wanted: Wanted, encoding: str | None
) -> None:
    """A table that is read, answered for and written piece by piece."""
    from glassnet.data.table_writing import csv_bytes, table_writer
    from glassnet.runs import large
    from glassnet.runs.new_rows import called

    if places:
        with table_writer(places[0], encoding) as write:
            found = large.answer(model, facts, path, wanted, write)
        say(tr("{n:,} rows with their answers are in {place}", n=found.rows, place=places[0]))
    else:
        begun: list[bool] = []

        def show(table_: Any) -> None:
            emit_bytes(csv_bytes(table_, encoding, header=not begun))
            begun.append(True)

        found = large.answer(model, facts, path, wanted, show)
    if found.strange:
        say(f"{called(path)}: {retold(found.strange)} " + tr("--strict refuses such rows."))
