"""A run's folder: one place for its model, its numbers and its pictures."""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from itertools import count
from pathlib import Path
from typing import Any

from glassnet import __version__
from glassnet._core import annotated, locked, storage
from glassnet._core.storage import PathLike
from glassnet._core.strict_json import to_json
from glassnet.data import Dataset
from glassnet.errors import ConfigError, FileFormatError, GlassnetError
from glassnet.model import Sequential
from glassnet.model.saving import CHECKPOINT, DAMAGED, MODEL
from glassnet.runs.recipes import Settings
from glassnet.training.history import History

SETTINGS = "settings.json"
TASKS = ("classification", "regression")
NETWORKS = "networks.safetensors"
LOCK = ".lock"  # held while a process trains in the folder
HISTORY, REPORT, INSIGHT = "history.csv", "report.json", "insight.json"
SEARCH, RESULT = "search.json", "result.json"  # of a search: where its trials are, what it found


@dataclass(frozen=True)
class Facts:
    """What is kept of a data set, so that answers can be named without loading it again."""

    name: str
    task: str
    class_names: tuple[str, ...] | None = None
    feature_names: tuple[str, ...] | None = None
    image_shape: tuple[int, ...] | None = None
    image_max: int | None = None

    def label(self, number: int) -> str:
        """The name of class ``number``."""
        if self.class_names is None:
            return str(number)
        if number >= len(self.class_names):
            raise FileFormatError(
                f"{SETTINGS} names {len(self.class_names)} classes, but the network answers class "
                f"{number}: one of the two is damaged."
            )
        return self.class_names[number]

    @classmethod
    def of(cls, data: Dataset) -> Facts:
        """Those of ``data``."""
        return cls(**{f.name: getattr(data, f.name) for f in fields(cls)})

    @classmethod
    def from_config(cls, config: Any) -> Facts:
        """Out of JSON.

        Raises:
            FileFormatError: not such a description.
        """
        if not isinstance(config, dict) or set(config) != {f.name for f in fields(cls)}:
            raise FileFormatError("it does not say what its data is")
        found = cls(**annotated.read(cls, config))
        if found.task not in TASKS:
            raise FileFormatError(f"its task is {found.task!r}; expected {' or '.join(TASKS)}")
        return found


class RunFolder:
    """The files of one run.

    ``settings.json`` is there from the start, ``checkpoint.safetensors`` (of several networks
    ``networks.safetensors``) and ``history.csv`` grow while it trains, ``model.safetensors`` and
    ``report.json`` come at its end.
    """

    def __init__(self, path: PathLike) -> None:
        self.path = Path(path)

    def __str__(self) -> str:
        return str(self.path)

    @property
    def checkpoint(self) -> Path:
        """What a stopped run goes on from."""
        return self.path / CHECKPOINT

    @property
    def networks(self) -> Path:
        """What the stopped training of an ensemble goes on from; no model, and gone at its end."""
        return self.path / NETWORKS

    @property
    def history_file(self) -> Path:
        """The numbers of each epoch."""
        return self.path / HISTORY

    def picture(self, name: str) -> Path:
        """Where the picture called ``name`` lies."""
        return self.path / f"{name}.png"

    # ---- making and finding ------------------------------------------------------------

    @classmethod
    def create(cls, name: str, out: PathLike | None = None) -> RunFolder:
        """A new folder: ``out``, or the first free one of runs/NAME, runs/NAME-2, …

        Raises:
            ConfigError: ``out`` is there and not empty: nothing is ever overwritten.
        """
        if out is not None:
            path = Path(out)
            if path.exists() and not path.is_dir():
                raise ConfigError(f"{path}: is a file; expected a folder for the run.")
            if path.exists() and any(entry.name != LOCK for entry in path.iterdir()):
                begun, ended = (path / SETTINGS).exists(), (path / REPORT).exists()
                what = "holds a run already" if begun else "is not empty"
                raise ConfigError(
                    f"{path}: {what}, and nothing is overwritten. Choose another --out"
                    + (f", or go on with --resume {path}." if begun and not ended else ".")
                )
            path.mkdir(parents=True, exist_ok=True)
            return cls(path)
        base = Path("runs")
        base.mkdir(exist_ok=True)
        for number in count(1):
            path = base / (name if number == 1 else f"{name}-{number}")
            try:
                path.mkdir()
            except FileExistsError:
                continue
            return cls(path)
        raise AssertionError  # count() has no end

    @classmethod
    def open(cls, path: PathLike) -> RunFolder:
        """The folder of a run that was begun.

        Raises:
            FileNotFoundError: there is no such folder.
            FileFormatError: a folder without a run.
        """
        folder = cls(path)
        if folder.path.is_file():
            home = folder.path.parent
            if (home / SETTINGS).is_file():
                raise FileFormatError(f"{folder}: is a file of a run; name its folder, {home}.")
            raise FileFormatError(
                f"{folder}: is a file; name the folder of its run, or make a run of the network in "
                "it with 'glassnet import'."
            )
        if not folder.path.is_dir():
            raise FileNotFoundError(
                f"{folder}: there is no such run. Runs are folders, as in runs/digits."
            )
        if (folder.path / SEARCH).is_file():
            return cls._best_of(folder)
        if not (folder.path / SETTINGS).is_file():
            raise FileFormatError(
                f"{folder}: holds no run (no {SETTINGS} in it). Runs are folders that "
                "'glassnet train' made."
            )
        return folder

    @classmethod
    def _best_of(cls, search: RunFolder) -> RunFolder:
        """The run of the best network that a search found.

        Raises:
            FileFormatError: the search has not ended.
        """
        if not (search.path / RESULT).is_file():
            raise FileFormatError(
                f"{search}: is a search that has not ended, and has no network yet. Go on with: "
                f"glassnet tune --resume {search}"
            )
        return cls.open(search.path / str(search._read(RESULT).get("best")))

    # ---- writing -----------------------------------------------------------------------

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for the training of this process; one that dies lets go of it.

        Raises:
            ConfigError: another process trains in it.
        """
        with locked.alone(self.path / LOCK) as mine:
            if not mine:
                raise ConfigError(
                    f"{self}: another process is training in this folder. Wait for its end, or "
                    "train in another one: --out."
                )
            yield

    def begin(self, settings: Settings, data: Dataset, fingerprint: str) -> None:
        """Write what the run is; before its first step.

        Raises:
            ConfigError: another process has begun a run here meanwhile.
        """
        if (self.path / SETTINGS).exists():
            raise ConfigError(
                f"{self}: holds a run already, and nothing is overwritten. Choose another --out."
            )
        contents = {
            "glassnet": __version__,
            "settings": settings.to_config(),
            "data": asdict(Facts.of(data)),
            "fingerprint": fingerprint,
        }
        self._write(SETTINGS, contents)

    def take_in(self, model: Sequential, settings: Settings, facts: Facts, source: str) -> None:
        """Write a network that was trained elsewhere; ``source``: where it came from."""
        model.save(self.path / MODEL)
        known = {"glassnet": __version__, "settings": settings.to_config()}
        self._write(SETTINGS, {**known, "data": asdict(facts), "fingerprint": ""})
        self._write(REPORT, {"status": "imported", "source": source})

    def finish(self, model: Sequential, history: History, report: dict[str, Any]) -> None:
        """Write what came out."""
        self.keep(model, history)
        self._write(REPORT, report)
        self.networks.unlink(missing_ok=True)

    def tell(self, report: dict[str, Any]) -> None:
        """Write the report anew."""
        self._write(REPORT, report)

    def look(self, found: dict[str, Any]) -> None:
        """Write what the network has learned, in numbers."""
        self._write(INSIGHT, found)

    def keep(self, model: Sequential, history: History) -> None:
        """Write the model as it is, and the numbers so far."""
        model.save(self.path / MODEL)
        if history.epoch:
            history.to_csv(self.history_file)

    def _write(self, name: str, contents: dict[str, Any]) -> None:
        storage.write_text(self.path / name, to_json(contents, indent=2) + "\n")

    # ---- reading -----------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return (self.path / REPORT).is_file()

    def settings(self) -> Settings:
        """What the run was asked for."""
        try:
            return Settings.from_config(self._read(SETTINGS).get("settings"))
        except FileFormatError as error:
            raise self._damaged(error) from None

    def fingerprint(self) -> str:
        """What its training data looked like."""
        return str(self._read(SETTINGS).get("fingerprint", ""))

    def facts(self) -> Facts:
        """What is known of its data."""
        try:
            return Facts.from_config(self._read(SETTINGS).get("data"))
        except FileFormatError as error:
            raise self._damaged(error) from None

    def _damaged(self, error: FileFormatError) -> FileFormatError:
        """The error, with the file that it is about; ``_read`` names that itself."""
        path = str(self.path / SETTINGS)
        return error if path in str(error) else FileFormatError(f"{path}: is damaged: {error}")

    def report(self) -> dict[str, Any]:
        """What came out."""
        return self._read(REPORT)

    @contextlib.contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Whatever in the file ``name`` is not as it was written is told as its damage.

        Raises:
            FileFormatError: a value that is not there, or of another type.
        """
        try:
            yield
        except DAMAGED as error:
            if isinstance(error, GlassnetError):
                raise
            raise FileFormatError(
                f"{self.path / name}: is damaged ({type(error).__name__}: {error})."
            ) from error

    def model(self) -> Sequential:
        """The trained model; of a run that was killed, the model of its last checkpoint.

        Raises:
            FileFormatError: the run was killed before its first checkpoint, or while it trained
                several networks, of which a model is made at the end; or a damaged file.
        """
        for name in (MODEL, CHECKPOINT):
            if (self.path / name).exists():
                return Sequential.load(self.path / name)
        raise FileFormatError(
            f"{self}: has no model yet. Go on with: glassnet train --resume {self}"
        )

    def history(self) -> History:
        """The numbers of each epoch.

        Raises:
            FileFormatError: none yet, or a damaged file.
        """
        try:
            with self.history_file.open(newline="", encoding="utf-8") as file:
                rows = list(csv.reader(file))
            if rows[0][0] != "epoch":
                raise ValueError("expected a first column called epoch")
            names, numbers = rows[0][1:], [[float(v) for v in row] for row in rows[1:]]
            columns = {name: [row[i + 1] for row in numbers] for i, name in enumerate(names)}
            return History(columns, [int(row[0]) for row in numbers])
        except FileNotFoundError:
            raise FileFormatError(f"{self}: no epoch has ended yet, there is no history.") from None
        except (ValueError, IndexError, csv.Error) as error:
            raise FileFormatError(f"{self.history_file}: is damaged ({error}).") from None

    def _read(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            contents = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise FileFormatError(f"{self}: has no {name}: the run has not ended.") from None
        except (ValueError, RecursionError) as error:
            raise FileFormatError(f"{path}: is damaged ({error}).") from None
        if not isinstance(contents, dict):
            raise FileFormatError(f"{path}: is damaged (expected a JSON object).")
        return contents
