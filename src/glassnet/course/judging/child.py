"""The process that runs a learner's file: the checks, a line of JSON for each.

    python -P -m glassnet.course.judging.child FOLDER

``FOLDER/request.json`` says what; ``FOLDER/rows`` gets the lines, ``FOLDER/stack`` where the
program was when the time was over or the process was ended.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from glassnet._core.strict_json import to_json
from glassnet.course.judging.judge import Judge
from glassnet.course.judging.pytorch import read_answers
from glassnet.course.judging.source import read, run
from glassnet.course.lesson import CourseError
from glassnet.course.report import Named

leave = os._exit


def main(folder: Path) -> None:
    """The whole life of the process."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    with (
        (folder / "rows").open("w", encoding="utf-8") as rows,
        (folder / "stack").open("w") as stack,
    ):
        judge = _load(request)  # before the clock runs: a busy machine is no endless loop
        _limit(request["memory"])
        faulthandler.enable(stack)
        faulthandler.dump_traceback_later(request["seconds"], exit=True, file=stack)
        if hasattr(faulthandler, "register"):
            faulthandler.register(signal.SIGTERM, stack, chain=True)
            faulthandler.register(signal.SIGPROF, stack, chain=True)
            signal.setitimer(signal.ITIMER_PROF, request["processor"])
        _refuse_to_leave()
        sys.dont_write_bytecode = True

        def tell(line: dict[str, Any]) -> None:
            rows.write(to_json(line) + "\n")
            rows.flush()

        try:
            _judge(judge, Path(request["path"]), request["mine"], tell)
        except CourseError as trouble:
            tell({"error": trouble.say(request["language"]), "where": trouble.where})
        tell({"done": True})
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    leave(0)  # threads of the file do not hold it up


def _load(request: dict[str, Any]) -> Judge:
    import glassnet.calculus.differences
    from glassnet.course.catalog import find

    lesson = find(request["lesson"])
    assert lesson.checks and lesson.mutants and glassnet.calculus  # imported now
    kept = Path(request["pytorch"]) if request["pytorch"] else None
    answers = read_answers(kept, lesson)
    return Judge(lesson, request["seed"], request["language"], answers)


def _judge(judge: Judge, path: Path, mine: bool, tell: Any) -> None:
    written = read(path)
    if mine:
        from glassnet.course.judging.mine import put

        tell({"mine": put(written, judge)})
    for thing in judge.rows(run(written, judge.lesson.writes)):
        tell({"named" if isinstance(thing, Named) else "row": asdict(thing)})


def _limit(memory: int) -> None:
    """No more memory than this, where the system can hold a process to it."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass


def _refuse_to_leave() -> None:
    """Ways to end the process become an error, which has a line."""

    def refuse(*args: Any) -> NoReturn:
        raise SystemExit(1)

    for module, name in ((os, "_exit"), (os, "abort"), (signal, "raise_signal")):
        setattr(module, name, refuse)
    kill = os.kill

    def kill_others(pid: int, number: int) -> None:
        if pid in (0, os.getpid()) and number:
            refuse()
        kill(pid, number)

    os.kill = kill_others


if __name__ == "__main__":
    main(Path(sys.argv[1]))
