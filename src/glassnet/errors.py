"""The exceptions of glassnet.

Each names the thing, what came, what was expected, and the way out. Each is also the
built-in exception that a caller would expect, so ``except ValueError`` keeps working.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "GlassnetError",
    "ShapeError",
    "DataError",
    "LabelError",
    "ConfigError",
    "UnknownNameError",
    "NotBuiltError",
    "DivergedError",
    "OutOfMemoryError",
    "FileFormatError",
    "DownloadError",
    "SearchNotFoundError",
    "StorageError",
    "MissingDependencyError",
    "RankError",
]


class GlassnetError(Exception):
    """Anything that glassnet itself reports."""


class ShapeError(GlassnetError, ValueError):
    """An array, or a layer's input, has the wrong shape."""


class DataError(GlassnetError, ValueError):
    """Data that cannot be learned from: empty, not finite, not numbers."""


class NoHeaderError(DataError):
    """The first line of a table looks like a row, and nobody has said whether it has names."""


class LabelError(DataError):
    """Labels outside the classes, or of a form that does not fit the loss."""


class ConfigError(GlassnetError, ValueError):
    """A setting out of its range, or settings that do not fit each other."""


class UnknownNameError(ConfigError):
    """A name that is in none of the tables: an activation, a loss, a column …

    Attributes:
        kind, name: what was looked for, and by which name, where a table was asked.
    """

    kind: str = ""
    name: str = ""


class NotBuiltError(GlassnetError, RuntimeError):
    """The model has no weights yet, or is not compiled."""


class DivergedError(GlassnetError, ArithmeticError):
    """The loss became NaN or infinite while training.

    Attributes:
        epoch, batch: where, counted from 0.
        layer: the first layer whose output was not finite.
        history: the numbers of the epochs before (a ``History``).
    """

    epoch: int = 0
    batch: int = 0
    layer: str = ""
    history: Any = None


class OutOfMemoryError(GlassnetError, MemoryError):
    """A network or a batch that the memory cannot hold, said before the first step."""


class FileFormatError(GlassnetError, ValueError):
    """A file that is truncated, foreign, newer than this version, or unsafe to read."""


class DownloadError(GlassnetError, OSError):
    """A download that broke off or does not match its checksum."""


class StorageError(GlassnetError, OSError):
    """What keeps the trials of a search cannot be reached, or is gone."""


class SearchNotFoundError(StorageError, FileNotFoundError):
    """There is no such search, or no such place."""


class MissingDependencyError(GlassnetError, ImportError):
    """An optional package is not installed."""


class RankError(GlassnetError, RuntimeError):
    """Another process of the same training failed, and this one ended with it.

    Attributes:
        rank: which one.
    """

    rank: int = 0
