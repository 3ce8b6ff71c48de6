"""What went wrong, as one plain line and an exit code; never a traceback.

0: done.  1: it failed while working (the training diverged, the disk is full).  2: what was
asked for cannot be (usage, data, files).  130: ended by Ctrl-C.
"""

from __future__ import annotations

import contextlib
import errno
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click

from glassnet.cli.language import asked, in_language, retold, speaking, tr
from glassnet.cli.lazy import LazyGroup
from glassnet.errors import (
    DivergedError,
    DownloadError,
    GlassnetError,
    StorageError,
    UnknownNameError,
)
from glassnet.runs.spelling import in_options
from glassnet.texts import of_reader

INTERRUPTED = 130

# Faults of a path that was given, and not of the machine.
PATH_FAULTS = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError)
PATH_FAULT_CODES = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.EINVAL)


class Failure(click.ClickException):
    """It failed while working."""

    exit_code = 1


class Refusal(click.ClickException):
    """What was asked for cannot be."""

    exit_code = 2


class MainGroup(LazyGroup):
    """The whole program: every error that a user can meet becomes a line, in their language."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Learn the language first: help and errors of use come before any command runs."""
        words = sys.argv[1:] if args is None else list(args)
        unknown = None
        try:
            language = of_reader(asked(words))
        except UnknownNameError as error:
            language, unknown = "en", str(error)
        with speaking(language):
            told = in_language(self)
            assert isinstance(told, MainGroup)
            told.unknown_language = unknown
            return super(MainGroup, told).main(words, *rest, **options)

    unknown_language: str | None = None

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        with in_words(), told_interrupt():
            if self.unknown_language is not None:
                raise click.UsageError(self.unknown_language)
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        with in_words(), told_interrupt(), plain_errors():
            return super().invoke(ctx)


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    """Say what went wrong in the language of the reader."""
    try:
        yield
    except click.ClickException as error:
        if isinstance(error, click.NoSuchOption) and error.possibilities:
            asked = error.option_name.replace("-", "")
            same = [name for name in error.possibilities if name.replace("-", "") == asked]
            if same:  # --learningrate
                error.possibilities = same  # type: ignore[misc]  # as below
        error.message = retold(error.message)  # type: ignore[misc]  # Final, for subclasses
        raise


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn the errors that a user can meet into a :class:`Failure` or a :class:`Refusal`."""
    try:
        yield
    except (DivergedError, DownloadError, StorageError) as error:
        asked = isinstance(error, PATH_FAULTS)
        raise (Refusal if asked else Failure)(in_options(str(error))) from error
    except GlassnetError as error:
        raise Refusal(in_options(str(error))) from error
    except BrokenPipeError:
        raise  # the reader of a pipe has gone: click ends quietly
    except OSError as error:
        asked = isinstance(error, PATH_FAULTS) or error.errno in PATH_FAULT_CODES
        raise (Refusal if asked else Failure)(_os_message(error)) from error
    except MemoryError as error:
        raise Failure(f"not enough memory: {error or 'the data is too large'}.") from error


@contextlib.contextmanager
def told_interrupt() -> Iterator[None]:
    """Ctrl-C is one line and the exit code 130; the next one, while that is said, nothing more."""
    try:
        yield
    except KeyboardInterrupt:
        with _deaf():
            click.echo(tr("Interrupted."), err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None


the_program = False  # whether this process is ``glassnet`` itself, and ends with its command


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Hear no Ctrl-C; the program itself hears none any more, for it is at its end."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # of another thread, of a program around this one
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        if not the_program:
            signal.signal(signal.SIGINT, before)


def _os_message(error: OSError) -> str:
    """``runs/a: permission denied``, for a system's error; the text, for one of glassnet's."""
    if error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror.lower()}."
    if error.strerror:
        return f"{error.strerror.lower()}."
    return str(error)
