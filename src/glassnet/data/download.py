"""Fetching a file over HTTPS: from the first mirror that has it, whole or not at all."""

from __future__ import annotations

import http.client
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from glassnet.errors import DownloadError, FileFormatError

TIMEOUT = 30.0  # seconds without a single byte
PIECE = 1 << 16
LOOPBACK = ("127.0.0.1", "::1", "localhost")

Check = Callable[[Path], None]
"""Raises DownloadError or FileFormatError if the file is not the one wanted."""


def download(
    urls: Sequence[str],
    target: Path,
    *,
    check: Check,
    max_bytes: int,
    timeout: float = TIMEOUT,
    progress: bool | None = None,
) -> Path:
    """Fetch ``target`` from the first of ``urls`` that delivers what ``check`` accepts.

    The bytes go to ``target`` + ".part", which is renamed when it is whole and checked; what
    a broken connection leaves there is continued the next time (HTTP Range). Two processes
    that want the same file take turns. Only https (and plain http to this machine itself).

    Args:
        urls: the same file on several mirrors.
        target: where it is to be; its folder is made.
        check: looks at the finished file before it is renamed.
        max_bytes: a server that sends more is cut off.
        timeout: seconds to wait for a server that says nothing.
        progress: a progress bar on stderr; None: only on a terminal.

    Raises:
        DownloadError: no mirror delivered; names what each of them did.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DownloadError(f"cannot make the folder {target.parent}: {error}") from None
    part = target.with_name(target.name + ".part")
    failures = []
    with _alone(target.parent):
        if target.exists():  # another process was faster
            return target
        for url in urls:
            for _ in range(2):  # a second time from the start, if what was continued is spoilt
                resumed = part.exists()
                try:
                    _fetch(url, part, max_bytes, timeout, progress)
                    _verify(check, part)
                    part.replace(target)
                    return target
                except _SpoiltError as error:
                    part.unlink(missing_ok=True)
                    failures.append(f"{url}: {str(error).replace(str(part), target.name)}")
                    if not resumed:
                        break
                except (OSError, http.client.HTTPException) as error:
                    failures.append(f"{url}: {_reason(error)}")
                    break  # what has arrived stays, and the next mirror continues it
    tried = "\n".join(f"  {failure}" for failure in failures)
    raise DownloadError(f"could not download {target.name}:\n{tried}")


class _SpoiltError(Exception):
    """What was received cannot become the file."""


def _verify(check: Check, part: Path) -> None:
    try:
        check(part)
    except (DownloadError, FileFormatError) as error:
        raise _SpoiltError(str(error)) from None


def _fetch(url: str, part: Path, max_bytes: int, timeout: float, progress: bool | None) -> None:
    """Bring ``part`` to its full length, going on where it ends if the server can."""
    start = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "glassnet", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    _check_url(url)
    request = urllib.request.Request(url, headers=headers)
    try:
        response = _opener().open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and start:  # nothing behind what is there: it is whole, or spoilt
            return
        raise
    with response:
        if response.status == 206:
            began = re.match(r"bytes (\d+)-", response.headers.get("Content-Range") or "")
            if not began or int(began[1]) != start:
                raise _SpoiltError("the server continued at another place than asked for")
        else:
            start = 0  # Range was ignored: the file comes from its beginning
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else None
        if total is not None and total > max_bytes:
            raise _SpoiltError(
                f"the server announces {total:,} bytes; at most {max_bytes:,} make sense"
            )
        with part.open("ab" if start else "wb") as file, _bar(part, total, progress) as advance:
            advance(start)
            received = _copy(response, file, start, max_bytes, advance)
            file.flush()
            os.fsync(file.fileno())
    if total is not None and received < total:
        raise ConnectionError(f"the connection broke off after {received:,} of {total:,} bytes")


def _copy(
    response: Any, file: IO[bytes], start: int, max_bytes: int, advance: Callable[[int], None]
) -> int:
    received = start  # read1: what arrived before a connection breaks is not lost
    while piece := response.read1(PIECE):
        received += len(piece)
        if received > max_bytes:
            raise _SpoiltError(f"the server sends more than {max_bytes:,} bytes")
        file.write(piece)
        advance(len(piece))
    return received


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https to where the bytes could be read or changed."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        _check_url(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_SafeRedirects)


def _check_url(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    loopback = parts.scheme == "http" and parts.hostname in LOOPBACK
    if parts.scheme != "https" and not loopback:
        raise DownloadError(f"refused {url}: only https is used")


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        return str(error.reason)
    if isinstance(error, TimeoutError):
        return "the server fell silent"
    return str(error) or type(error).__name__


@contextmanager
def _bar(part: Path, total: int | None, progress: bool | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr; gives the function that moves it on by some bytes."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    console = Console(stderr=True)
    if not (console.is_terminal if progress is None else progress):
        yield lambda n: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(part.name.removesuffix(".part"), total=total)
        yield lambda n: bar.advance(task, n)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time, where the system can lock a folder; it lets go when a process dies."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a network file system may have no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
