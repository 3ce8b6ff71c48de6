"""``glassnet plot filters RUN`` and the other pictures of what a network makes of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from glassnet.cli.options import out_option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.runs.subject import Subject

layer_option = click.option("--layer", metavar="NAME", help="Whose.  [default: the first]")
last_option = click.option(
    "--layer", metavar="NAME", help="Whose.  [default: the last convolution]"
)
sample_option = click.option(
    "--sample", "-s", type=click.IntRange(min=0), help="A held-out image, counted from 0."
)
class_option = click.option(
    "--class", "classes", multiple=True, metavar="NAME",
    help="For this class; may be given again.  [default: the answer]",
)  # fmt: skip


def _subject(run: str, kind: str) -> tuple[Any, Subject]:
    from glassnet.runs import pictures
    from glassnet.runs.folder import RunFolder

    folder = RunFolder.open(run)
    subject = pictures.subject(folder)
    pictures.refuse_unfit(kind, subject)
    return folder, subject


def _finish(folder: Any, kind: str, figure: Figure, out: str | None) -> None:
    from glassnet import plots

    click.echo(plots.save(figure, out or folder.picture(kind)))


@click.command()
@click.argument("run")
@layer_option
@click.option("--limit", type=click.IntRange(min=1), default=32, show_default=True,
              help="At most so many filters.")  # fmt: skip
@out_option
def filters(run: str, layer: str | None, limit: int, out: str | None) -> None:
    """The filters of a layer, before and after learning; of dense units their weights as images.

    A run keeps its seed, and the same seed gives the same first weights again.
    """
    from glassnet.runs import image_pictures

    folder, subject = _subject(run, "filters")
    _finish(folder, "filters", image_pictures.filters(subject, layer, limit), out)


@click.command()
@click.argument("run")
@click.argument("images", nargs=-1, metavar="[IMAGE]...")
@click.option("--sample", "-s", "samples", type=click.IntRange(min=0), multiple=True,
              help="A held-out image, counted from 0; may be given again.")  # fmt: skip
@click.option("--layer", "layers", multiple=True, metavar="NAME",
              help="Only this one; may be given again.  [default: all]")  # fmt: skip
@out_option
def featuremaps(
    run: str, images: tuple[str, ...], samples: tuple[int, ...], layers: tuple[str, ...],
    out: str | None,
) -> None:  # fmt: skip
    """What each layer makes of an image: of a file, or of a held-out one.

    Several images stand side by side, on one scale.
    """
    from glassnet.runs import image_pictures

    folder, subject = _subject(run, "featuremaps")
    shown = image_pictures.images_of(subject, images, samples)
    _finish(folder, "featuremaps", image_pictures.feature_maps(subject, shown, layers), out)


@click.command()
@click.argument("run")
@last_option
@click.option("--unit", "numbers", type=click.IntRange(min=0), multiple=True,
              help="Only this one, counted from 0; may be given again.")  # fmt: skip
@click.option("--top", type=click.IntRange(1, 20), default=9, show_default=True,
              help="Images for each.")  # fmt: skip
@out_option
def units(run: str, layer: str | None, numbers: tuple[int, ...], top: int, out: str | None) -> None:
    """What the units of a layer answer most to: the places in the held-out images that they saw."""
    from glassnet.runs import image_pictures

    folder, subject = _subject(run, "units")
    _finish(folder, "units", image_pictures.units(subject, layer, numbers, top), out)


@click.command()
@click.argument("run")
@click.argument("image", required=False)
@sample_option
@class_option
@click.option("--patch", type=click.IntRange(min=1),
              help="The side of what is covered.  [default: by the image]")  # fmt: skip
@out_option
def occlusion(
    run: str, image: str | None, sample: int | None, classes: tuple[str, ...], patch: int | None,
    out: str | None,
) -> None:  # fmt: skip
    """Which parts of an image the answer needs: covered one after the other."""
    _moved("occlusion", run, image, sample, classes, out, patch=patch)


@click.command()
@click.argument("run")
@click.argument("image", required=False)
@sample_option
@class_option
@out_option
def saliency(
    run: str, image: str | None, sample: int | None, classes: tuple[str, ...], out: str | None
) -> None:
    """Which pixels of an image the score of a class answers to: its gradient."""
    _moved("saliency", run, image, sample, classes, out)


@click.command()
@click.argument("run")
@click.argument("image", required=False)
@sample_option
@class_option
@last_option
@out_option
def gradcam(
    run: str, image: str | None, sample: int | None, classes: tuple[str, ...], layer: str | None,
    out: str | None,
) -> None:  # fmt: skip
    """Where in an image a layer finds what speaks for a class (Grad-CAM)."""
    _moved("gradcam", run, image, sample, classes, out, layer=layer)


def _moved(
    kind: Literal["occlusion", "saliency", "gradcam"], run: str, image: str | None,
    sample: int | None, classes: tuple[str, ...], out: str | None, **options: Any,
) -> None:  # fmt: skip
    from glassnet.runs import image_pictures

    folder, subject = _subject(run, kind)
    image_pictures.classes_of(subject, classes)  # before data is loaded
    samples = () if sample is None else (sample,)
    shown = image_pictures.images_of(subject, () if image is None else (image,), samples)
    figure = image_pictures.moved(kind, subject, shown, classes, **options)
    _finish(folder, kind, figure, out)


@click.command()
@click.argument("run")
@click.option("--layer", metavar="NAME", help="What it gives.  [default: what the last one reads]")
@click.option("--tsne", is_flag=True, help="Neighbours stay neighbours, instead of PCA.")
@click.option("--images", is_flag=True, help="Draw the images instead of points.")
@out_option
def embedding(run: str, layer: str | None, tsne: bool, images: bool, out: str | None) -> None:
    """What the network has made of the held-out images before its last layer, in the plane."""
    from glassnet.runs import image_pictures

    folder, subject = _subject(run, "embedding")
    figure = image_pictures.embedding(subject, layer, "tsne" if tsne else "pca", images)
    _finish(folder, "embedding", figure, out)
