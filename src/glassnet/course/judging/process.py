"""A learner's file in a process of its own, with limits of time, memory and output.

It keeps a mistake from doing harm; it is no sandbox.  The file runs with the rights of whoever
calls this.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import glassnet
from glassnet._core.strict_json import to_json
from glassnet.course.judging.pytorch import asked
from glassnet.course.judging.source import read
from glassnet.course.lesson import CourseError, Lesson
from glassnet.course.report import Named, Report, Row
from glassnet.texts import text

SECONDS = 10.0
MEMORY = 2 << 30
OUTPUT = 2_000_000  # bytes; what is shown of it is much less
SHOWN = 600
SHOWN_LINES = 10
GRACE = 0.5
MOST_BUSY = 6.0
START = 20.0  # seconds that Python may take to start on a busy machine
PROCESSOR_SPENT = -getattr(signal, "SIGPROF", 99)  # how the process ends then
FRAME = re.compile(r'^  File "(.*)", line (\d+) in ', re.MULTILINE)
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def check_file(
    lesson: Lesson, path: Path, *, seed: int = 0, language: str = "en",
    seconds: float = SECONDS, memory: int = MEMORY, mine: bool = False,
    told: Callable[[], None] | None = None,
) -> Report:  # fmt: skip
    """Judge the file at ``path``.

    Args:
        lesson, path, seed, language: what, and as what.
        seconds, memory: what the file may take; so many seconds of the processor, and on a busy
            machine more of the clock.
        mine: with the learner's own classes of earlier lessons, which lie beside the file.
        told: is called before PyTorch is asked, which takes seconds.
    """
    path, processor, seconds = path.resolve(), seconds, seconds * _busy()
    report = Report(lesson.name, str(path), language, seed)
    try:
        read(path).trees()  # what does not parse needs no process
    except CourseError as trouble:
        report.error, report.where = trouble.say(language), trouble.where
        return report
    with tempfile.TemporaryDirectory(prefix="glassnet-") as name:
        folder = Path(name)
        request = {
            "lesson": lesson.name, "path": str(path), "seed": seed, "language": language,
            "seconds": seconds, "processor": processor, "memory": memory, "mine": mine,
            "pytorch": str(asked(lesson, seed, told) or ""),
        }  # fmt: skip
        (folder / "request.json").write_text(to_json(request), encoding="utf-8")
        ended, printed = _run(folder, path.parent, seconds)
        done = _take(folder / "rows", report)
        report.printed = _first(printed)
        if not done:
            where = _line(folder / "stack", path)
            report.where = where
            report.error = text(f"course.{ended}", language, seconds=f"{round(processor, 1):g}")
    return report


def _busy() -> float:
    """How many times longer than alone a process may take now: others may want the cores too."""
    if not hasattr(os, "getloadavg"):
        return 1.0
    return min(max(os.getloadavg()[0] / (os.cpu_count() or 1), 1.0), MOST_BUSY)


def _run(folder: Path, home: Path, seconds: float) -> tuple[str, bytes]:
    """Run the process to its end: how it ended, if not well, and the first of what it printed."""
    root = str(Path(glassnet.__file__).parents[1])
    known = os.environ.get("PYTHONPATH")
    environment = {
        **os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONIOENCODING": "utf-8:replace",
        "PYTHONPATH": root + (os.pathsep + known if known else ""), "MPLBACKEND": "Agg",
    }  # fmt: skip
    windows = sys.platform == "win32"
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "glassnet.course.judging.child", str(folder)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=home,
        env=environment, start_new_session=not windows,
    )  # fmt: skip
    assert process.stdout is not None
    output = _Output(process.stdout)
    ended = "died"
    try:
        waiting = seconds + START  # the process ends itself before, and says where it was
        while process.poll() is None:
            if output.full.wait(0.02):
                ended = "floods"
                process.terminate()
                break
            waiting -= 0.02
            if waiting < 0:
                break
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    finally:
        _end(process)
        output.join(GRACE)
        if not output.is_alive():  # nothing that was started holds the other end
            process.stdout.close()
    if ended == "died" and ((folder / "stack").stat().st_size or waiting < 0):
        late = "Timeout" in (folder / "stack").read_text(errors="replace") or waiting < 0
        ended = "endless" if late or process.returncode == PROCESSOR_SPENT else "crashed"
    return ended, bytes(output.first)


class _Output(threading.Thread):
    """Reads what a process prints, and keeps the first of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self.stream, self.first, self.full = stream, bytearray(), threading.Event()
        self.start()

    def run(self) -> None:
        count = 0
        with contextlib.suppress(OSError, ValueError):
            while piece := os.read(self.stream.fileno(), 65536):
                count += len(piece)
                self.first += piece[: max(0, 4 * SHOWN - len(self.first))]
                if count > OUTPUT:
                    self.full.set()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and what it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _take(rows: Path, report: Report) -> bool:
    """The lines that the process wrote; whether it came to the end."""
    done = False
    try:
        lines = rows.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    for line in lines:
        try:
            entry: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        if "row" in entry:
            report.add(Row(**entry["row"]))
        elif "named" in entry:
            report.add(Named(**entry["named"]))
        elif "mine" in entry:
            report.mine = entry["mine"]
        elif "error" in entry:
            report.error, report.where = entry["error"], entry["where"]
        done = done or "done" in entry
    return done


def _line(stack: Path, path: Path) -> str:
    """The line of the file at which the process was."""
    try:
        frames = FRAME.findall(stack.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    whole = str(path).encode("ascii", "backslashreplace").decode()  # as faulthandler writes it
    cell = {name: name.removeprefix(whole) if whole in name else "" for name, _ in frames}
    own = [f"{path.name}{cell[name]}:{line}" for name, line in frames
           if name.startswith(whole[:400])]  # fmt: skip
    return own[0] if own else ""


def _first(printed: bytes) -> str:
    said = printed.decode("utf-8", "replace").strip()
    lines = said[:SHOWN].splitlines()[:SHOWN_LINES]
    shown = "\n".join(lines)
    return shown if len(shown) == len(said) else f"{shown} …"
