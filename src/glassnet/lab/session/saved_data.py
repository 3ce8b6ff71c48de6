"""The data that a saved run learned from, read again on this machine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glassnet.data import mnist
from glassnet.errors import GlassnetError
from glassnet.lab.protocol import RefusedError
from glassnet.lab.session.saved import RunData, Saved, no_data
from glassnet.lab.session.state import Session
from glassnet.runs import samples as runs_samples

KEPT = 2000  # training samples to walk through

# Data sets that would have to be downloaded, which the lab never does.
DOWNLOADED: dict[str, mnist.Source | None] = {
    "mnist": mnist.MNIST, "fashion_mnist": mnist.FASHION, "cifar10": None,
}  # fmt: skip


def is_here(source: mnist.Source, data_dir: str | None) -> bool:
    """Whether the files of MNIST or Fashion-MNIST are on this machine."""
    try:
        if mnist.find_files(source, data_dir) is not None:
            return True
    except GlassnetError:
        return False
    folder = mnist.cache_folder() / source.name
    return all((folder / f"{part}-{kind}.gz").is_file() for part, kind in mnist.PARTS)


def data_of(session: Session, run: Saved) -> RunData:
    """The run's own data; read once, until another run is looked at.

    Raises:
        RefusedError: they are not on this machine any more, or of another form.
    """
    kept = session.room_state.get("run_data")
    if kept is None or kept[0] is not run:
        kept = session.room_state["run_data"] = (run, _read(session, run))
    found: RunData = kept[1]
    return found


def _read(session: Session, run: Saved) -> RunData:
    if run.rows is not None:
        return run.rows
    if run.settings is None or run.facts is None or not run.settings.data:
        raise no_data(run)
    settings, name = run.settings, run.facts.name
    if session.data_dir is not None:
        settings = replace(settings, data_dir=session.data_dir)
    source = DOWNLOADED.get(name)
    if name in DOWNLOADED and (source is None or not is_here(source, settings.data_dir)):
        text = f"The files of {name} are not on this machine, and the lab downloads nothing."
        raise RefusedError(text, "model.no_files", data=name)
    try:
        found = runs_samples.load(settings)
    except (GlassnetError, OSError) as error:
        text = f"The data it learned from cannot be read any more: {error}"
        raise RefusedError(text, "model.no_rows", why=str(error)) from None
    x_test, y_test = found.held_out
    return RunData(found.data.x[:KEPT].copy(), found.data.y[:KEPT].copy(), x_test, y_test,
                   np.array(found.data.y), found.data.rows_test)  # fmt: skip
