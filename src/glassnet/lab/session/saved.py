"""Saved runs: which there are, and what of the lab each of them fits.

The page never sends a path.  It names one of the runs that the server listed: the folders
that lie directly in the folder that the lab was started with (``--runs``, by default
``runs``), and the run or model file of ``--run``.  A link that leads elsewhere is not listed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet import Sequential
from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.lab.protocol import RefusedError
from glassnet.lab.session.state import Session
from glassnet.layers import Layer
from glassnet.model.saving import optimizer_state as read_optimizer_state
from glassnet.runs.folder import SETTINGS, Facts, RunFolder
from glassnet.runs.recipes import Settings
from glassnet.training.history import History
from glassnet.vision.named import kernels

MOST_RUNS = 200  # the newest are listed
MOST_PARAMETERS = 20_000_000
MOST_BYTES = 200_000_000  # of a model's file


@dataclass(frozen=True, eq=False)
class RunData:
    """What a run learned from (the first rows), and what it is judged on.

    Attributes:
        learned: the answers of all rows that it learned from.
        rows_test: of a table, the number of each row of ``x_test`` in its file.
    """

    x: Array
    y: Array
    x_test: Array
    y_test: Array
    learned: Array
    rows_test: Array | None = None


@dataclass(frozen=True, eq=False)
class Saved:
    """A trained network, and what is known of where it comes from.

    Attributes:
        facts, settings, history, report: None for a model file, or where a run has none.
        optimizer_state: its vectors by name, each as long as the network has parameters.
        given: a program shows it; ``rows``, the samples that came with it.
    """

    name: str
    model: Sequential
    facts: Facts | None = None
    settings: Settings | None = None
    history: History | None = None
    report: dict[str, Any] | None = None
    optimizer_state: dict[str, Any] = field(default_factory=dict)
    given: bool = False
    rows: RunData | None = None

    @property
    def inputs(self) -> int:
        """How many numbers a sample has."""
        return math.prod(self.model.input_shape or (0,))


def no_data(run: Saved) -> RefusedError:
    """That nothing is known of a network's data, and how it would be."""
    if run.given:
        text = "Its data are not known here: lab.show(model, x, y) brings them."
        return RefusedError(text, "model.not_given")
    text = "It is a model file without a run: its data are not known."
    return RefusedError(text, "model.no_facts")


def listed(session: Session) -> dict[str, Path | Saved]:
    """The runs by name: what a program shows, the one of the start, then the newest."""
    runs: dict[str, Path | Saved] = dict(reversed(list(session.given.items())))
    if session.run is not None:
        start = Path(session.run)
        runs[_free(start.name or start.resolve().name, runs)] = start
    if session.runs is None:
        return runs
    root = Path(session.runs)
    try:
        inside = [path for path in root.iterdir() if _is_run(path, root)]
        inside.sort(key=lambda path: (-path.stat().st_mtime, path.name))
    except OSError:  # no such folder, or not ours to read
        inside = []
    for path in inside[:MOST_RUNS]:
        here = path.resolve()
        if not any(isinstance(one, Path) and here == one.resolve() for one in runs.values()):
            runs[_free(path.name, runs)] = path
    return runs


def _is_run(path: Path, root: Path) -> bool:
    """A folder with a run, that does not lead out of ``root``."""
    return path.resolve().parent == root.resolve() and (path / SETTINGS).is_file()


def _free(name: str, taken: Mapping[str, Any]) -> str:
    number = 1
    while (free := name if number == 1 else f"{name} ({number})") in taken:
        number += 1
    return free


def open_named(session: Session, name: str) -> Saved:
    """The run that is listed as ``name``; it is read once, until its file changes.

    Raises:
        RefusedError: none of the runs has this name; or it is too large.
        FileFormatError: a damaged file.
    """
    path = listed(session).get(name)
    if path is None:
        text = f"There is no saved run called {name!r} in the folder that the lab was started with."
        raise RefusedError(text, "model.unknown", name=name)
    if isinstance(path, Saved):
        return path
    key = (name, _stamp(path))
    cached = session.room_state.get("saved")
    if cached is None or cached[0] != key:
        cached = session.room_state["saved"] = (key, read(name, path))
    saved: Saved = cached[1]
    return saved


def _stamp(path: Path) -> float:
    """Changes when the run's files do; 0 where they are gone, which reading them says better."""
    try:
        inside = list(path.iterdir()) if path.is_dir() else [path]
        return max((one.stat().st_mtime for one in inside), default=0.0)
    except OSError:
        return 0.0


def read(name: str, path: Path) -> Saved:
    """The run in a folder, or the network in a model file."""
    inside = list(path.glob("*.safetensors")) if path.is_dir() else [path]
    try:
        largest = max((one.stat().st_size for one in inside), default=0)
    except OSError as error:
        raise FileFormatError(f"{name}: cannot be read ({error.strerror}).") from None
    if largest > MOST_BYTES:
        raise RefusedError(f"{name} is too large to look at here.", "model.large", name=name)
    try:
        return _read(name, path)
    except OSError as error:
        raise FileFormatError(f"{name}: cannot be read ({error.strerror}).") from None


def _read(name: str, path: Path) -> Saved:
    if not path.is_dir():
        model = Sequential.load(path)
        return Saved(name, _checked(name, model))
    folder = RunFolder.open(path)
    model = _checked(name, folder.model())
    history = folder.history() if folder.history_file.is_file() else None
    report = folder.report() if folder.finished else None
    state = _optimizer_state(folder, model.parameters.size)
    return Saved(name, model, folder.facts(), folder.settings(), history, report, state)


def _optimizer_state(folder: RunFolder, size: int) -> dict[str, Any]:
    """What the last checkpoint keeps of the optimizer; nothing, if it is gone or of no use."""
    try:
        vectors: dict[str, Any] = read_optimizer_state(folder.checkpoint)["vectors"]
    except (FileFormatError, FileNotFoundError):
        return {}
    return vectors if all(vector.shape == (size,) for vector in vectors.values()) else {}


def _checked(name: str, model: Sequential) -> Sequential:
    if model.input_shape is None:
        raise FileFormatError(f"{name}: its network has no weights yet.")
    if model.parameters.size > MOST_PARAMETERS:
        raise RefusedError(f"{name} is too large to look at here.", "model.large", name=name)
    return model


def first_dense(layers: list[Layer]) -> int | None:
    """The place of the Dense layer that reads the samples themselves; None: another layer does."""
    place = _first(layers)
    return place if place is not None and layers[place].kind == "dense" else None


def first_filters(layers: list[Layer]) -> int | None:
    """The place of the convolution that reads the pictures themselves; None: another layer does."""
    place = _first(layers)
    return place if place is not None and kernels(layers[place]) is not None else None


def _first(layers: list[Layer]) -> int | None:
    """The place of the first layer that does more than scale, reshape or, in training, change."""
    computing = (
        place
        for place, layer in enumerate(layers)
        if not (layer.changes_scale_or_shape_only or layer.random_in_training)
    )
    return next(computing, None)
