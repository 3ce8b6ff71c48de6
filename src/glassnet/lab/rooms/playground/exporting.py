"""Files to download from the playground: weights, figures, the script."""

from __future__ import annotations

import base64
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import plots, texts
from glassnet._core.types import Array
from glassnet.lab.protocol import RefusedError
from glassnet.lab.rooms.playground import measure, scripting
from glassnet.lab.session import features
from glassnet.lab.session.state import Session
from glassnet.lab.session.trainer import SERIES
from glassnet.training.history import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST_BYTES = 8_000_000  # of one download
LANGUAGES = tuple(texts.languages())  # of a figure's words; the first, where none is said
TYPES = {
    "safetensors": "application/octet-stream", "npz": "application/zip", "py": "text/x-python",
    "svg": "image/svg+xml", "png": "image/png",
}  # fmt: skip


def export(session: Session, what: str, kind: str, language: str = "en") -> dict[str, Any]:
    """A file: its name, its type, and its bytes in base64.

    Args:
        what: "weights", "script", or a figure of ``FIGURES``.
        kind: the file's suffix: safetensors or npz, py, svg or png.
        language: of the words in a figure.

    Raises:
        RefusedError: there is no such file, or it would be too large.
    """
    if (what, kind) == ("weights", "safetensors"):
        content = _written(lambda path: session.model.save(path), kind)
    elif (what, kind) == ("weights", "npz"):
        content = arrays(session)
    elif (what, kind) == ("script", "py"):
        content = scripting.script(session).encode()
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
    samples, chosen = session.samples, session.values["features"]
    model = session.model

    def answer(points: Array) -> Array:
        return model.predict(features.apply(points.astype(np.float32), chosen))

    if samples.x.shape[1] == 1:
        return plots.regression_curve(answer, samples.x, samples.y)
    pair = None
    if samples.x.shape[1] > 2:
        axes = (session.values["axis_x"] - 1, session.values["axis_y"] - 1)
        inside = all(0 <= axis < samples.x.shape[1] for axis in axes) and axes[0] != axes[1]
        pair = axes if inside else (0, 1)
    if samples.regression:
        return plots.value_map(
            answer, samples.x, samples.y, features=pair, feature_names=samples.columns
        )  # fmt: skip
    return plots.decision_boundary(
        answer, samples.x, samples.y, features=pair, class_names=samples.classes,
        feature_names=samples.columns, threshold=model.loss.threshold,
    )  # fmt: skip


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
