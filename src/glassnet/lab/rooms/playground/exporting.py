"""Files to download from the playground: weights, figures, the script."""

from __future__ import annotations

import base64
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import Sequential, plots, texts
from glassnet._core.types import Array
from glassnet.interop import to_html
from glassnet.lab.protocol import RefusedError
from glassnet.lab.rooms.playground import measure, scripting
from glassnet.lab.session import features
from glassnet.lab.session.curves import SERIES
from glassnet.lab.session.plane import Plane
from glassnet.lab.session.state import Session
from glassnet.training.history import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST_BYTES = 8_000_000  # of one download
LANGUAGES = tuple(texts.languages())  # of a figure's words; the first, where none is said
TYPES = {
    "safetensors": "application/octet-stream", "npz": "application/zip", "py": "text/x-python",
    "html": "text/html", "svg": "image/svg+xml", "png": "image/png",
}  # fmt: skip


def export(session: Session, what: str, kind: str, language: str = "en") -> dict[str, Any]:
    """A file: its name, its type, and its bytes in base64.

    Args:
        what: "weights", "script", "page", or a figure of ``FIGURES``.
        kind: the file's suffix: safetensors or npz, py, html, svg or png.
        language: of the words in a figure.

    Raises:
        RefusedError: there is no such file, or it would be too large.
    """
    if (what, kind) == ("weights", "safetensors"):
        content = _written(lambda path: _complete(session).save(path), kind)
    elif (what, kind) == ("weights", "npz"):
        content = arrays(session)
    elif (what, kind) == ("script", "py"):
        content = scripting.script(session).encode()
    elif (what, kind) == ("page", "html"):
        content = page(session)
    elif what in FIGURES and kind in ("svg", "png"):
        content = figure(lambda: FIGURES[what](session), kind, language)
    else:
        raise RefusedError(f"There is no {what} as {kind}.")
    if len(content) > MOST_BYTES:
        text = f"The file has {len(content)} bytes; at most {MOST_BYTES} can be downloaded."
        raise RefusedError(text, "limit.download", most=MOST_BYTES // 1_000_000)
    return {
        "name": f"glassnet-{what}.{kind}",
        "type": TYPES[kind],
        "data": base64.b64encode(content).decode(),
    }


def page(session: Session) -> bytes:
    """The network as a page of its own, its classes and inputs called as here."""
    names = None if session.samples.regression else list(map(str, session.samples.classes))
    model = _complete(session)
    inputs = [features.SYMBOLS.get(name, name) for name in session.inputs]
    return _written(
        lambda path: to_html(model, path, class_names=names, input_names=inputs), "html"
    )


def _complete(session: Session) -> Sequential:
    """The network with what was done to the rows of its table, so that it takes them as they are.

    Of two columns it may read functions, which no table has: then it takes these.
    """
    samples, model = session.samples, session.model.copy()
    as_they_are = len(samples.columns) != 2 or session.inputs == ["x1", "x2"]
    if samples.rows is not None and as_they_are:
        model.preprocessing = samples.rows
    return model


def figure(draw: Callable[[], Figure], kind: str, language: str) -> bytes:
    """A figure as the bytes of a file, its words in this language."""
    from glassnet.plots import words  # brings Matplotlib

    with words.language(language):
        drawn = draw()
    return _written(lambda path: plots.save(drawn, path), kind)


def arrays(session: Session) -> bytes:
    """Every weight by its layer and name, as NumPy reads them: ``np.load(file)["hidden1/W"]``."""
    parameters = session.model.parameters
    content = io.BytesIO()
    named: dict[str, Any] = {name: parameters.view(name) for name in parameters.shapes}
    np.savez(content, **named)
    return content.getvalue()


def _written(write: Callable[[Path], Any], kind: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="glassnet-lab-") as folder:
        path = Path(folder) / f"file.{kind}"
        write(path)
        return path.read_bytes()


# ---- figures -------------------------------------------------------------------------------------


def _map(session: Session) -> Figure:
    """The page's map: the same plane, in the table's own units."""
    samples, chosen, plane = session.samples, session.values["features"], session.plane
    model, (mean, scale) = session.model, samples.value_unit
    (x_mean, x_scale), (y_mean, y_scale) = plane.units

    def predict(x: Array) -> Array:
        y = model.predict(features.apply(x.astype(np.float32), chosen))
        return mean + scale * y if samples.regression else y

    y = mean + scale * samples.y if samples.regression else samples.y
    if plane.kind == "line":
        along = x_mean + x_scale * samples.x
        return plots.regression_curve(
            lambda x: predict((x - x_mean) / x_scale), along, y, feature_name=plane.labels[0]
        )
    # A sample is its place on the plane and what leads there from it: the cells of the map lie on
    # the plane, for on average that is nothing, and each sample is answered where it is.
    basis, origin = np.stack([plane.along, plane.across]), np.asarray(plane.origin)
    shift, size = np.array([x_mean, y_mean]), np.array([x_scale, y_scale])

    def answer(points: Array) -> Array:
        return predict(origin + (points[:, :2] - shift) / size @ basis + points[:, 2:])

    flat = plane.project(samples.x)
    rows = np.column_stack([shift + size * flat, samples.x - origin - flat @ basis])
    ranges = [tuple(m + k * np.array(ends)) for m, k, ends in zip(shift, size, (plane.x, plane.y))]
    where: dict[str, Any] = {
        "features": (0, 1), "x_range": ranges[0], "y_range": ranges[1],
        "feature_names": (*_axes(plane), *samples.columns),
    }  # fmt: skip
    if samples.regression:
        return plots.value_map(answer, rows, y, **where)
    return plots.decision_boundary(
        answer, rows, y, class_names=samples.classes, threshold=model.loss.threshold, **where
    )


def _axes(plane: Plane) -> tuple[str, str]:
    """What the axes are called, in the language of the figure."""
    from glassnet.plots import words  # brings Matplotlib

    if plane.kind != "principal":
        return plane.labels
    first, second = (
        texts.text("lab.play.main_direction", words.spoken(), number=n) for n in (1, 2)
    )
    return first, second


def history_of(session: Session) -> History:
    """The curves of the page by the names of the library."""
    rows = session.trainer.curves.array()
    names = ("loss", "val_loss", "accuracy", "val_accuracy")
    assert len(names) == len(SERIES)
    known = {n: row.tolist() for n, row in zip(names, rows[1:]) if np.isfinite(row).any()}
    return History(known, [int(epoch) - 1 for epoch in rows[0]])  # there 0 is the first


def _curves(session: Session) -> Figure:
    return plots.learning_curves(
        history_of(session), log=session.values["log_axis"],
        measured={"": "training", "val_": "test"},
    )  # fmt: skip


def _network(session: Session) -> Figure:
    samples = session.samples
    names = None if samples.regression or len(samples.classes) == 2 else samples.classes
    return plots.network_drawing(
        session.model, input_names=session.inputs, output_names=names
    )  # fmt: skip


def _confusion(session: Session) -> Figure:
    samples = session.samples
    if samples.regression:
        raise RefusedError("These data have values and no classes.", "play.no_matrix")
    predicted = measure.decide(session.model, session.model.predict(session.trainer.x_test))[0]
    return plots.confusion_matrix(samples.y_test, predicted, samples.classes)


FIGURES: dict[str, Callable[[Session], Figure]] = {
    "map": _map,
    "curves": _curves,
    "network": _network,
    "confusion": _confusion,
}

FILES = ("weights", "script", "page", *FIGURES)
