"""What a power cut finds: each file is the old one or the new one, because of the order of calls.

A file is written under another name, synced, renamed, and its folder is synced. Where one of the
four is missing or out of order, a file system may lose or tear what the user believes to have. So
the calls of each writer are recorded, and what lies in the folder at the end must have come about
so.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Sequential, interop, layers, plots
from glassnet._core import storage
from glassnet.callbacks import Checkpoint
from glassnet.course import handing, notebook, progress
from glassnet.course.catalog import lessons
from glassnet.data.table_writing import write_table
from glassnet.runs import work
from glassnet.runs.recipes import settings_for

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="asks /proc what a number of a file is"
)

CALLS: list[tuple[str, Path, Path]] = []  # what, the file, and of a rename what it became
recording = False


def hook(event: str, given: tuple[Any, ...]) -> None:
    if recording and event == "os.rename":
        CALLS.append(("renamed", *(Path.cwd() / os.fsdecode(p) for p in given[:2])))


sys.addaudithook(hook)


@contextlib.contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the order of what is synced and renamed, in all threads."""
    global recording
    sync = os.fsync

    def fsync(number: int) -> None:
        sync(number)
        place = Path(f"/proc/self/fd/{number}").readlink()
        CALLS.append(("synced", place, place))

    CALLS.clear()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fsync)
        recording = True
        try:
            yield
        finally:
            recording = False


def not_safe(folder: Path, leave_out: tuple[str, ...] = ()) -> list[str]:
    """The files of ``folder`` that a power cut could tear or lose, and why."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in leave_out):
        name = path.relative_to(folder)
        renames = [at for at, call in enumerate(CALLS) if call[0] == "renamed" and call[2] == path]
        if not renames:
            found.append(f"{name}: written in place")
            continue
        last = renames[-1]
        if ("synced", CALLS[last][1], CALLS[last][1]) not in CALLS[:last]:
            found.append(f"{name}: renamed before it was synced")
        if ("synced", path.parent, path.parent) not in CALLS[last:]:
            found.append(f"{name}: its folder was not synced after the rename")
    return found


def network() -> Sequential:
    model = Sequential([layers.Dense(3, "relu"), layers.Dense(2, "softmax")], seed=0)
    model.compile("adam", loss="sparse_categorical_crossentropy")
    model.build((4,))
    return model


def trained(folder: Path) -> None:
    x = np.zeros((8, 4), np.float32)
    history = network().fit(
        x, np.arange(8) % 2, epochs=2, verbose=0, callbacks=[Checkpoint(folder / "c.safetensors")]
    )
    history.to_csv(folder / "history.csv")


def answers(folder: Path) -> None:
    import pyarrow as pa

    for suffix in (".csv", ".parquet", ".jsonl", ".xlsx"):
        if suffix == ".xlsx":
            pytest.importorskip("openpyxl")
        write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), folder / f"answers{suffix}")


def exports(folder: Path) -> None:
    for name, suffix in (("python", ".py"), ("c", ".c"), ("html", ".html"), ("torch", ".pt"),
                         ("onnx", ".onnx"), ("keras", ".keras"), ("keras", ".h5")):  # fmt: skip
        with contextlib.suppress(ImportError):
            interop.export_model(network(), folder / f"x{suffix}", name)


def pictures(folder: Path) -> None:
    figure = plots.activation_curves(["relu"])
    for suffix in (".png", ".svg", ".pdf"):
        plots.save(figure, folder / f"x{suffix}")


def run(folder: Path) -> None:
    settings = settings_for("iris", {"epochs": 2})
    work.train(settings, folder / "run", verbose=0, plots=True, say=lambda line: None)


def lesson(folder: Path) -> None:
    first = next(iter(lessons().values()))
    handing.hand_out(first, "en")
    notebook.hand_out_notebook(first, "en")
    progress._write({"relu": {"passed": "2026-03-01"}})


WRITERS: dict[str, Callable[[Path], None]] = {
    "a model": lambda folder: network().save(folder / "m.safetensors"),
    "checkpoints and a history": trained,
    "answers": answers,
    "exports": exports,
    "pictures": pictures,
    "a run": run,
    "a lesson": lesson,
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_was_written_lasts_through_a_power_cut(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "kept"))
    monkeypatch.setattr(progress, "_file", lambda: tmp_path / "progress.json")
    with recorded(monkeypatch):
        WRITERS[name](tmp_path)
    assert any(tmp_path.rglob("*.*"))
    assert not_safe(tmp_path) == []


def test_of_the_judge_of_writers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does see a file that is written in place, and one that is not synced."""
    with recorded(monkeypatch):
        (tmp_path / "in place").write_text("x")
        (tmp_path / "beside").write_text("x")
        (tmp_path / "beside").replace(tmp_path / "renamed")
        storage.write_text(tmp_path / "whole", json.dumps([]))
    assert not_safe(tmp_path) == [
        "in place: written in place", "renamed: renamed before it was synced"
    ]  # fmt: skip
