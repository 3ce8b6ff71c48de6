"""``glassnet plot curves RUN`` and the other pictures of a run."""

from __future__ import annotations

import click

from glassnet.cli.options import out_option


def _command(kind: str, line: str) -> click.Command:
    @click.command(kind, help=line)
    @click.argument("run")
    @out_option
    def draw(run: str, out: str | None) -> None:
        from glassnet import plots
        from glassnet.runs import pictures
        from glassnet.runs.folder import RunFolder

        folder = RunFolder.open(run)
        figure = pictures.draw(kind, pictures.subject(folder))
        click.echo(plots.save(figure, out or folder.picture(kind)))

    return draw


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--metric", "metrics", multiple=True, help="Only this one: loss, accuracy …")
@click.option("--log", is_flag=True, help="A logarithmic axis for the loss.")
@out_option
def curves(runs: tuple[str, ...], metrics: tuple[str, ...], log: bool, out: str | None) -> None:
    """Loss and metrics of one run by epoch; of several, side by side in one picture."""
    from glassnet import plots
    from glassnet.runs.folder import RunFolder

    folders = [RunFolder.open(run) for run in runs]
    one = len(folders) == 1
    history = folders[0].history() if one else {str(f): f.history() for f in folders}
    figure = plots.learning_curves(history, metrics or None, log=log)
    click.echo(plots.save(figure, out or (folders[0].picture("curves") if one else "curves.png")))


boundary = _command("boundary", "What a network with two features answers in the plane.")
regression = _command("regression", "What a network with one feature answers, as a curve.")
confusion = _command("confusion", "Which classes are taken for which, on the held-out data.")
mistakes = _command("mistakes", "The held-out images that the network gets wrong.")
weights = _command("weights", "The weights of each unit of the first layer, as an image.")
network = _command("network", "Units as circles and weights as lines, of a small network.")
histograms = _command("histograms", "The weights of each layer, as histograms.")
outputs = _command("outputs", "What each layer gives out for held-out data, as histograms.")
