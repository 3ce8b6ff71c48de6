"""``glassnet mistakes RUN``"""

from __future__ import annotations

import click

from glassnet.cli.language import retold, tr
from glassnet.cli.options import data_dir_option, encoding_option, json_option
from glassnet.cli.output import emit_json, percent, say, table


@click.command()
@click.argument("run")
@click.argument("data", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True,
              help="List so many.")  # fmt: skip
@click.option("--out", help="Of images: the picture to draw.  [default: RUN/mistakes.png]")
@data_dir_option
@encoding_option
@json_option
def mistakes(
    run: str, data: str | None, limit: int, out: str | None, data_dir: str | None,
    encoding: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Show what the network of RUN gets wrong, the surest mistakes first.

    On what the run held out, or on DATA. For images a gallery is drawn as well. For numbers,
    the largest errors are listed.
    """
    from glassnet.runs.folder import RunFolder
    from glassnet.runs.judge import find_samples, worst

    folder = RunFolder.open(run)
    model, facts = folder.model(), folder.facts()
    judged = find_samples(model, folder.settings(), data, data_dir, encoding, folder.path)
    x, y, words = judged.x, judged.y, retold(judged.said)
    found = worst(model, x, y, facts, judged.rows, judged.files)
    if as_json:
        emit_json({
            "run": str(folder), "data": judged.said, "count": found.count,
            "rows": judged.numbering or "samples are counted from 0",
            "mistakes": found.rows[:limit],
        })  # fmt: skip
        return
    called = "sample" if judged.rows is None else "row"
    if judged.files is not None:
        called = "file"
    if facts.task == "classification":
        share = percent(found.count / len(x))
        click.echo(tr("{n:,} of {words} wrong ({share}).", n=found.count, words=words, share=share))
        shown = [
            (
                row.get("file", row["row"]),
                row["true"],
                row["predicted"],
                percent(row["probability"]),
            )
            for row in found.rows[:limit]
        ]
        if shown:
            right = (0, 3) if judged.files is None else (3,)
            header = [tr(word) for word in (called, "true", "answer", "sureness")]
            table(shown, header, right=right)
    else:
        click.echo(tr("The largest errors on {words}:", words=words))
        shown = [
            (row["row"], *(f"{row[k]:.5g}" for k in ("true", "predicted", "error")))
            for row in found.rows[:limit]
        ]
        header = [tr(word) for word in (called, "true", "answer", "error")]
        table(shown, header, right=(0, 1, 2, 3))
    if shown and judged.rows is not None:
        named = run if data is None else f"{run} {data}"
        say(tr("{numbering}. Why one of them: {command}",
               numbering=_sentence(retold(judged.numbering)),
               command=f"glassnet explain {named} --row {shown[0][0]}"))  # fmt: skip
    if facts.image_shape is not None and facts.task == "classification":
        from glassnet import plots

        if judged.files is not None:
            from glassnet.runs import photos

            figure = photos.gallery(model, facts, x, y, judged.files)
        else:
            p = model.loss.class_probabilities(model.predict(x))
            figure = plots.mistakes(
                x, y, p.argmax(axis=1), probabilities=p, class_names=facts.class_names
            )
        file = plots.save(figure, out or folder.picture("mistakes"))
        click.echo("\n" + tr("The gallery is in {file}", file=file))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
