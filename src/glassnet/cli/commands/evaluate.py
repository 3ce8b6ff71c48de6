"""``glassnet evaluate RUN [DATA]``"""

from __future__ import annotations

from typing import Any

import click

from glassnet.cli.language import retold, tr
from glassnet.cli.options import data_dir_option, encoding_option, json_option
from glassnet.cli.output import emit_json, percent, table

MANY = 20  # classes that are listed one by one


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@data_dir_option
@encoding_option
@json_option
def evaluate(
    run: str, data: str | None, data_dir: str | None, encoding: str | None, as_json: bool
) -> None:
    """Judge the trained network of RUN on DATA: a data set, or a table with the same columns.

    Without DATA, on what the run held out; - is a table on standard input. Rows without an answer
    are left out, and what training did not have is taken for the nearest, as in prediction.
    """
    from glassnet.insight.baseline import Constant, beside
    from glassnet.runs import large
    from glassnet.runs.folder import REPORT, RunFolder
    from glassnet.runs.judge import find_samples, judge, same_data

    folder = RunFolder.open(run)
    model, facts = folder.model(), folder.facts()
    known = folder.report() if folder.finished else {}
    with folder.reading(REPORT):
        constant = Constant.kept(known.get("held_out", {}).get("always"))
    settings = folder.settings()
    other = data is not None and not same_data(data, settings.data) and model.table is not None
    if other and large.is_large(str(data)):
        found, said = large.judge(model, facts, str(data), settings.missing == "drop", constant)
    else:
        samples = find_samples(model, settings, data, data_dir, encoding, folder.path)
        found, said = judge(model, samples.x, samples.y, facts, constant), samples.said
    words = retold(said)
    base = retold(beside(found))
    if as_json:
        emit_json({"run": str(folder), "data": said, **found})
    elif facts.task == "classification":
        _classes(found, words, base)
    else:
        rows = [("mean absolute error", "mae"), ("root mean squared error", "rmse"), ("R²", "r2")]
        table(
            [(tr("data"), words), (tr("to compare"), base)]
            + [(tr(name), "–" if found[key] is None else f"{found[key]:.5g}") for name, key in rows]
        )


def _classes(found: dict[str, Any], words: str, base: str) -> None:
    rows = [
        (tr("data"), words),
        (tr("accuracy"), percent(found["accuracy"])),
        (tr("to compare"), base),
        (tr("mean precision, recall, F1"),
         ", ".join(percent(found[name]) for name in ("precision", "recall", "f1"))),
    ]  # fmt: skip
    if found["top_k"] is not None:
        rows.append((tr("right among the first {k}", k=found["k"]), percent(found["top_k"])))
    rows += [
        (tr(name), f"{found[key]:.4f}")
        for name, key in (("log loss", "log_loss"), ("area under the ROC curve", "roc_auc"))
        if found[key] is not None
    ]
    table(rows)
    if len(found["per_class"]) <= MANY:
        click.echo()
        per_class = [
            (row["label"], percent(row["precision"]), percent(row["recall"]), percent(row["f1"]),
             f"{row['support']:,}")
            for row in found["per_class"]
        ]  # fmt: skip
        header = [tr(word) for word in ("class", "precision", "recall", "F1", "samples")]
        table(per_class, header, right=(1, 2, 3, 4))
    confused = _confused(found)
    if confused:
        click.echo("\n" + tr("Taken for another most often: {pairs}.", pairs=", ".join(confused)))


def _confused(found: dict[str, Any], most: int = 3) -> list[str]:
    names = [row["label"] for row in found["per_class"]]
    pairs = sorted(
        (-count, i, j)
        for i, row in enumerate(found["confusion_matrix"])
        for j, count in enumerate(row)
        if i != j and count
    )
    return [
        tr("{truth} for {answer} ({count:,}×)", truth=names[i], answer=names[j], count=-count)
        for count, i, j in pairs[:most]
    ]
