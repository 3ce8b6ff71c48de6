"""``glassnet plot data spiral`` and other pictures by name."""

from __future__ import annotations

import click

from glassnet.cli.options import data_dir_option, out_option


@click.command()
@click.argument("name")
@click.option("--target", help="Of a table: the column to predict.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of made-up data.")
@data_dir_option
@out_option
def data(name: str, target: str | None, seed: int, data_dir: str | None, out: str | None) -> None:
    """The points of a data set or a table, by class; of images, forty.

    Of more than two features, the two directions of largest variance are shown.
    """
    from pathlib import Path

    from glassnet import plots
    from glassnet.runs import photos, samples
    from glassnet.runs.recipes import settings_for

    given = {"target": target, "seed": seed, "data_dir": data_dir}
    shown = samples.load(settings_for(name, {**given, "validation": 0.0, "patience": 0})).data
    if shown.files is not None:
        figure = photos.strip(shown)
    elif shown.image_shape is not None:
        names = shown.class_names or ()
        captions = [names[k] if names else str(k) for k in shown.y[:40]]
        figure = plots.image_strip(shown.x[:40], captions, title=shown.description)
    else:
        figure = plots.data_points(
            shown.x, shown.y, task=shown.task, class_names=shown.class_names,
            feature_names=shown.feature_names, title=f"{shown.name}: {len(shown.x):,} samples",
        )  # fmt: skip
    click.echo(plots.save(figure, out or f"{Path(name).stem}.png"))


@click.command()
@click.argument("names", nargs=-1)
@click.option("--low", type=float, default=-5.0, show_default=True, help="Left end.")
@click.option("--high", type=float, default=5.0, show_default=True, help="Right end.")
@click.option("--no-derivatives", is_flag=True, help="Without f′ below.")
@out_option
def activations(
    names: tuple[str, ...], low: float, high: float, no_derivatives: bool, out: str | None
) -> None:
    """Activation functions with their derivatives; sigmoid, tanh and relu if none is named."""
    from glassnet import plots

    chosen = names or ("sigmoid", "tanh", "relu")
    figure = plots.activation_curves(chosen, low, high, derivatives=not no_derivatives)
    click.echo(plots.save(figure, out or "activations.png"))


@click.command()
@click.argument("names", nargs=-1)
@click.option("--steps", type=int, default=1000, show_default=True, help="Updates in all.")
@click.option("--learning-rate", type=float, default=0.1, show_default=True, help="The highest.")
@out_option
def schedule(names: tuple[str, ...], steps: int, learning_rate: float, out: str | None) -> None:
    """How the learning rate changes with the steps; all schedules if none is named."""
    from glassnet import plots, schedules

    chosen = names or tuple(schedules.READY)
    made = {name: schedules.by_name(name, learning_rate, steps) for name in chosen}
    figure = plots.learning_rate_curve(made, steps)
    click.echo(plots.save(figure, out or "schedule.png"))
