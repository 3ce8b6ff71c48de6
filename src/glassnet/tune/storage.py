"""Where the trials of a search are kept: a journal in its folder, or a database at an address.

A journal is a file to which lines are appended under a lock, which works on network folders as
well, where SQLite does not.
"""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from glassnet._core.optional import require
from glassnet.errors import (
    ConfigError,
    GlassnetError,
    MissingDependencyError,
    SearchNotFoundError,
    StorageError,
)

JOURNAL = "study.log"
GRACE = 10  # seconds after which the lock of a process that was killed is taken over
PATIENCE = 20.0  # seconds in which a storage must answer when it is opened
CONNECT = 8  # seconds in which a database must
DATABASES = ("sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle")
DRIVERS = {"postgresql": "psycopg2-binary", "postgres": "psycopg2-binary", "mysql": "pymysql",
           "mariadb": "pymysql", "redis": "redis", "grpc": "grpcio"}  # fmt: skip
SCHEMES = ("sqlite:///study.db", "postgresql://user@host/name", "mysql://user@host/name",
           "redis://host:6379/0", "grpc://host:13000")  # fmt: skip

T = TypeVar("T")


def open_storage(place: str, *, new: bool) -> Any:
    """Optuna's storage at an address, or in a folder or file.

    Args:
        new: the file may be one that is not there yet.

    Raises:
        SearchNotFoundError: nothing is there.
        StorageError: nobody answers, or a damaged file.
        ConfigError: no such kind of address.
        MissingDependencyError: a package that it needs is not installed.
    """
    require("optuna", extra="tune")
    with told(place):
        return within(PATIENCE, lambda: _opened(place, new), place)


def _opened(place: str, new: bool) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)  # glassnet tells of each trial
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    scheme, separator, rest = place.partition("://")
    if not separator:
        return _journal(Path(place), new)
    kind = _kind(place)
    if kind == "mysql" and scheme.lower() == "mysql":
        place = f"mysql+pymysql://{rest}"
    if kind == "postgres":  # as some hosts print it
        kind, place = "postgresql", f"postgresql://{rest}"
    if kind == "redis":
        joint = "&" if "?" in place else "?"
        limits = f"{joint}socket_connect_timeout={CONNECT}&socket_timeout={CONNECT}"
        backend = optuna.storages.journal.JournalRedisBackend(place + limits)
        return optuna.storages.JournalStorage(backend)
    if kind == "grpc":
        host, _, port = rest.partition(":")
        return optuna.storages.GrpcStorageProxy(host=host, port=int(port or 13000))
    if kind not in DATABASES:
        raise ConfigError(
            f"storage {place!r}: expected a folder, a file, or an address such as "
            f"{', '.join(SCHEMES)}."
        )
    options: dict[str, Any] = {"pool_pre_ping": True}
    if kind == "sqlite":
        file = Path(rest.removeprefix("/").partition("?")[0])
        if not new and not file.is_file():
            raise SearchNotFoundError(f"{place}: there is no such file.")
        options = {"connect_args": {"timeout": 60}}
    elif kind in ("postgresql", "mysql", "mariadb"):
        options["connect_args"] = {"connect_timeout": CONNECT}
    return optuna.storages.RDBStorage(place, engine_kwargs=options)


def _kind(place: str) -> str:
    """``postgresql`` of ``postgresql+psycopg2://…``"""
    return place.partition("://")[0].lower().partition("+")[0]


def _journal(path: Path, new: bool) -> Any:
    """The journal in a folder, or a file of any name."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    file = (path / JOURNAL if path.is_dir() else path).absolute()
    if not new and not file.is_file():
        what = f"no search has been begun there ({JOURNAL} is missing)"
        raise SearchNotFoundError(f"{path}: {what if path.is_dir() else 'there is no such file'}.")
    if new and not file.parent.is_dir():
        raise StorageError(f"{file}: there is no folder {file.parent} to write it into.")

    class Journal(JournalFileBackend):  # type: ignore[misc]  # Optuna has no types here
        """That is never begun anew in the middle: a file that is gone stays gone."""

        def append_logs(self, logs: list[dict[str, Any]]) -> None:
            if not file.is_file():
                raise FileNotFoundError(2, os.strerror(2), str(file))
            super().append_logs(logs)

    lock = JournalFileOpenLock(str(file), grace_period=GRACE)
    backend = Journal(str(file), lock)
    with _held(lock):
        _without_a_broken_end(file)
    return JournalStorage(backend)


@contextlib.contextmanager
def _held(lock: Any) -> Iterator[None]:
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _without_a_broken_end(file: Path) -> None:
    """Drop a last line that was being written when the power failed: nobody has read it."""
    with file.open("rb+") as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, size - (1 << 20)))
        rest = opened.read()
        end = rest.rfind(b"\n") + 1
        if end < len(rest):
            opened.truncate(size - len(rest) + end)


def within(seconds: float, what: Callable[[], T], place: str) -> T:
    """What a function gives, if it does so in time; another thread waits for it.

    Raises:
        StorageError: it does not.
    """
    found: list[T] = []
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            found.append(what())
        except BaseException as error:
            failed.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if failed:
        raise failed[0]
    if not found:
        raise StorageError(f"{hidden(place)}: has not answered for {seconds:g} seconds.")
    return found[0]


@contextlib.contextmanager
def told(place: str) -> Iterator[None]:
    """Inside, what goes wrong with the storage becomes one error that names it.

    Raises:
        StorageError: the storage cannot be reached or read.
    """
    try:
        yield
    except GlassnetError:
        raise
    except ImportError:
        package = DRIVERS.get(_kind(place), "sqlalchemy")
        raise MissingDependencyError(
            f"{hidden(place)}: this needs the package {package!r}, which is not installed: pip "
            f"install {package}"
        ) from None
    except Exception as error:
        if not _of_the_storage(error):
            raise
        cause = error.__cause__ or error
        why = " ".join(str(getattr(cause, "orig", None) or cause).split())
        raise StorageError(
            f"the storage of the search, {hidden(place)}, cannot be reached or read: "
            f"{why or type(cause).__name__}"
        ) from None


def _of_the_storage(error: BaseException) -> bool:
    """Whether an error comes from a file, a database, or the way there."""
    home = type(error).__module__.partition(".")[0]
    if home in ("sqlalchemy", "sqlite3", "redis", "grpc", "psycopg2", "psycopg", "pymysql"):
        return True
    if type(error).__name__ == "StorageInternalError":
        return True
    # A lock or a journal that is gone; a line that is no JSON, a trial that the journal lacks.
    kinds = OSError | RuntimeError | ValueError | KeyError | AssertionError
    return isinstance(error, kinds) and _raised_in_storage(error)


def _raised_in_storage(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None:
        parts = Path(trace.tb_frame.f_code.co_filename).parts
        if "storages" in parts or trace.tb_frame.f_code.co_filename == __file__:
            return True
        trace = trace.tb_next
    return False


def hidden(place: str) -> str:
    """An address without its password."""
    scheme, separator, rest = place.partition("://")
    user, at, host = rest.rpartition("@")
    if not at or ":" not in user:
        return place
    return f"{scheme}{separator}{user.partition(':')[0]}:…@{host}"
