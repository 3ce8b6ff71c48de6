"""The pictures that fit the data of a run."""

from __future__ import annotations

from math import prod

from matplotlib.figure import Figure

from glassnet import plots, texts
from glassnet._core.registry import lookup
from glassnet.errors import ConfigError
from glassnet.plots.maps import has_maps
from glassnet.plots.showing import withdraw
from glassnet.runs import image_pictures, photos, samples
from glassnet.runs.folder import RunFolder
from glassnet.runs.subject import Kind as Kind
from glassnet.runs.subject import Subject as Subject

NUMBERS = 2_000_000  # outputs of one layer in a histogram, for 50 to 1000 samples
SMALL = 40  # a network of rows is drawn if its layers have at most so many units


def _curves(s: Subject) -> Figure:
    return plots.learning_curves(s.history, title=texts.word("Learning {name}", name=s.facts.name))


def _boundary(s: Subject) -> Figure:
    data = s.samples.data
    return plots.decision_boundary(
        s.model, data.x, data.y,
        class_names=data.class_names, feature_names=data.feature_names, title=s.title,
    )  # fmt: skip


def _regression(s: Subject) -> Figure:
    data = s.samples.data
    return plots.regression_curve(s.model, data.x, data.y, title=s.title)


def _confusion(s: Subject) -> Figure:
    x, y = s.samples.held_out
    title = texts.word("{name}: {n:,} held-out samples", name=s.facts.name, n=len(x))
    predicted = s.model.loss.class_probabilities(s.model.predict(x)).argmax(axis=1)
    return plots.confusion_matrix(y, predicted, s.facts.class_names, title=title)


def _mistakes(s: Subject) -> Figure:
    x, y = s.samples.held_out
    files = s.samples.data.files_test
    if files is not None:
        return photos.gallery(s.model, s.facts, x, y, files)
    p = s.model.loss.class_probabilities(s.model.predict(x))
    return plots.mistakes(x, y, p.argmax(axis=1), probabilities=p, class_names=s.facts.class_names)


def _weights(s: Subject) -> Figure:
    return plots.weight_images(s.model, shape=s.facts.image_shape)


def _network(s: Subject) -> Figure:
    return plots.network_drawing(
        s.model, input_names=s.facts.feature_names, output_names=s.facts.class_names
    )


def _histograms(s: Subject) -> Figure:
    return plots.weight_histograms(s.model)


def _outputs(s: Subject) -> Figure:
    widest = max(prod(layer.output_shape or (1,)) for layer in s.model.layers)
    rows = max(50, min(1000, NUMBERS // widest))
    return plots.activation_histograms(s.model, s.samples.held_out[0][:rows])


def _importance(s: Subject) -> Figure:
    return s.study.importance.plot()


def _dependence(s: Subject) -> Figure:
    return plots.dependence_curves(s.study.dependence)


def _calibration(s: Subject) -> Figure:
    assert s.study.calibration is not None
    return s.study.calibration.plot()


def _residuals(s: Subject) -> Figure:
    assert s.study.residuals is not None
    return s.study.residuals.plot()


def _groups(s: Subject) -> Figure:
    return s.study.groups.plot()


def _plane(s: Subject) -> bool:
    return s.classes and s.model.input_shape == (2,)


def _line(s: Subject) -> bool:
    return not s.classes and s.model.input_shape == (1,)


def _reads_pixels(s: Subject) -> bool:
    """Whether a unit of the first layer has one weight for each pixel, or each filter a kernel."""
    pixels = None if s.facts.image_shape is None else prod(s.facts.image_shape)
    first = next((layer for layer in s.model.layers if layer.weights()), None)
    if first is None:
        return False
    filters = any(len(w.shape) > 2 for w in first.weights())  # or those of several networks
    return first.input_shape == (pixels,) or (filters and len(first.input_shape or ()) > 1)


def _drawable(s: Subject) -> bool:
    """Whether it has few units, or feature maps, which are drawn as cards."""
    if has_maps(s.model):
        return True
    shapes = [s.model.input_shape, *(layer.output_shape for layer in s.model.layers)]
    return all(shape is not None and len(shape) == 1 and shape[0] <= SMALL for shape in shapes)


KINDS: dict[str, Kind] = {
    "curves": Kind("loss and metrics by epoch", lambda s: s.history is not None, _curves),
    "boundary": Kind("what it answers in the plane, for two features", _plane, _boundary),
    "regression": Kind("what it answers, for one feature", _line, _regression),
    "confusion": Kind("which classes are taken for which", lambda s: s.classes, _confusion),
    "importance": Kind(
        "what each column is worth", lambda s: s.columns, _importance, of_tables=True
    ),
    "dependence": Kind(
        "what it answers along a column", lambda s: s.columns, _dependence, of_tables=True
    ),
    "calibration": Kind(
        "whether probabilities can be taken at their word",
        lambda s: s.columns and s.classes,
        _calibration,
        of_tables=True,
    ),
    "residuals": Kind(
        "how far values are off", lambda s: s.columns and not s.classes, _residuals, of_tables=True
    ),
    "groups": Kind(
        "for which rows it is wrong more often", lambda s: s.columns, _groups, of_tables=True
    ),
    "mistakes": Kind("images it gets wrong", lambda s: s.images and s.classes, _mistakes),
    **image_pictures.KINDS,
    "weights": Kind(
        "first-layer weights or filters as images", _reads_pixels, _weights, of_series=True
    ),
    "network": Kind("units and weights as a drawing", _drawable, _network),
    "histograms": Kind("weights by layer", lambda s: True, _histograms, always=False),
    "outputs": Kind("what each layer gives out", lambda s: True, _outputs, always=False),
}


def subject(folder: RunFolder) -> Subject:
    """What can be drawn of a run."""
    history = folder.history() if folder.history_file.exists() else None
    return Subject(
        folder.model(),
        folder.facts(),
        history,
        lambda: samples.load(folder.settings(), folder.path),
    )


def draw(kind: str, of: Subject) -> Figure:
    """The picture called ``kind``.

    Raises:
        UnknownNameError: no such picture.
        ConfigError: one that does not fit the data.
    """
    refuse_unfit(kind, of)
    return KINDS[kind].draw(of)


def refuse_unfit(kind: str, of: Subject) -> None:
    """Refuse a picture that does not fit the data, naming those that do.

    Raises:
        UnknownNameError: no such picture.
        ConfigError: one that does not fit.
    """
    chosen = lookup("picture", KINDS, kind)
    if not chosen.fits(of):
        fitting = ", ".join(name for name, other in KINDS.items() if other.fits(of))
        needs = f" It needs {chosen.needs}." if chosen.needs else ""
        raise ConfigError(
            f"{kind} ({chosen.shows}) does not fit a network for {of.facts.name}.{needs} "
            f"What fits: {fitting}."
        )


def draw_all(folder: RunFolder, of: Subject) -> list[str]:
    """Draw the pictures that fit into the run's folder; their names."""
    made = [name for name, kind in KINDS.items() if kind.made(of)]
    for name in made:
        figure = KINDS[name].draw(of)
        plots.save(figure, folder.picture(name))
        withdraw(figure)
    return made
