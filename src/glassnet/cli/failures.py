"""What went wrong, as one plain line and an exit code; never a traceback.

0: done.  1: it failed while working (the training diverged, the disk is full).  2: what was
asked for cannot be (usage, data, files).  130: ended by Ctrl-C.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from typing import Any

import click

from glassnet.cli.lazy import LazyGroup
from glassnet.errors import DivergedError, DownloadError, GlassnetError
from glassnet.runs.spelling import in_options

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
    """The whole program: every error that a user can meet becomes a line."""

    def invoke(self, ctx: click.Context) -> Any:
        with plain_errors():
            return super().invoke(ctx)


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn the errors that a user can meet into a :class:`Failure` or a :class:`Refusal`."""
    try:
        yield
    except (DivergedError, DownloadError) as error:
        raise Failure(in_options(str(error))) from error
    except GlassnetError as error:
        raise Refusal(in_options(str(error))) from error
    except BrokenPipeError:
        raise  # the reader of a pipe has gone: click ends quietly
    except OSError as error:
        asked = isinstance(error, PATH_FAULTS) or error.errno in PATH_FAULT_CODES
        raise (Refusal if asked else Failure)(_os_message(error)) from error
    except MemoryError as error:
        raise Failure(f"not enough memory: {error or 'the data is too large'}.") from error
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None


def _os_message(error: OSError) -> str:
    """``runs/a: permission denied``, for a system's error; the text, for one of glassnet's."""
    if error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror.lower()}."
    if error.strerror:
        return f"{error.strerror.lower()}."
    return str(error)
