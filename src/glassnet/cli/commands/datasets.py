"""``glassnet datasets``"""

from __future__ import annotations

from dataclasses import fields

import click

from glassnet.cli.language import retold, tr
from glassnet.cli.options import json_option
from glassnet.cli.output import emit_json, table


@click.command()
@json_option
def datasets(as_json: bool) -> None:
    """List the data sets that ``train`` knows by name."""
    from glassnet.data import DATASETS

    if as_json:
        names = [f.name for f in fields(next(iter(DATASETS.values()))) if f.name != "loader"]
        emit_json(
            {
                name: {field: getattr(entry, field) for field in names}
                for name, entry in DATASETS.items()
            }
        )
        return
    rows = [
        (
            name,
            retold(entry.description),
            f"{entry.n_train:,}" + (f" + {entry.n_test:,}" if entry.n_test else ""),
            "×".join(map(str, entry.shape)),
            entry.n_classes or tr("number"),
        )
        for name, entry in DATASETS.items()
    ]
    header = [tr(word) for word in ("name", "what it is", "samples", "each", "classes")]
    table(rows, header, right=(2, 3, 4))
    click.echo(tr(
        "Or a table of your own: glassnet train flowers.csv --target species (CSV, Excel, Parquet)."
    ))  # fmt: skip
