"""PyTorch as one more judge, where it is installed: its answers are kept, so a lesson asks once.

    python -P -m glassnet.course.judging.pytorch LESSON SEED FILE

To import PyTorch takes seconds, so it is done in a process of its own, and only where the answers
to the cases of this lesson and this seed are not kept yet.  Nothing of a learner runs there.

A lesson that can be compared has ``pytorch.py`` in its folder, with ``COUNTERPARTS``.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, NamedTuple

import glassnet
from glassnet.course.lesson import Lesson
from glassnet.course.progress import user_folder

Case = tuple[Any, ...]
SECONDS = 120.0  # for PyTorch to be imported and to answer, on a busy machine
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Counterpart:
    """A part of a lesson, and the same in PyTorch.

    Args:
        part: the function or class.
        answers: what each of the answers is called: ``("forward(x)", "backward(dout)")``.
        cases: the random cases: arrays and settings.
        mine: the answers of what the learner wrote, asked through the trial.
        theirs: those of PyTorch, from tensors of float64 in the places of the arrays.
        tolerance: what may differ, relative above 1.
    """

    part: str
    answers: tuple[str, ...]
    cases: Callable[[Any], Iterable[Case]]
    mine: Callable[..., tuple[Any, ...]]
    theirs: Callable[..., tuple[Any, ...]]
    tolerance: float = 1e-9


class Answers(NamedTuple):
    """What PyTorch says of the cases of a lesson: {part: [answers of each case]}."""

    version: str
    parts: dict[str, list[list[Any]]]


def counterparts(lesson: Lesson) -> dict[str, Counterpart]:
    """Those of a lesson, by part."""
    if not _has(lesson):
        return {}
    module: Any = import_module(f"glassnet.course.lessons.{lesson.name}.pytorch")
    return {one.part: one for one in module.COUNTERPARTS}


def _has(lesson: Lesson) -> bool:
    return (lesson.folder / "pytorch.py").is_file()


@cache
def version() -> str:
    """Of the PyTorch that is installed; empty without one.  Does not import it."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version("torch").partition("+")[0]
    return ""


def kept_answers(lesson: Lesson, seed: int) -> Path | None:
    """Where PyTorch's answers are, or will be; None where it has none to give."""
    if not _has(lesson) or not version():
        return None
    made_of = f"{version()} {metadata.version('numpy')} {seed} ".encode()
    made_of += (lesson.folder / "pytorch.py").read_bytes()
    return user_folder() / "pytorch" / f"{lesson.name}-{zlib.crc32(made_of):08x}.npz"


def asked(lesson: Lesson, seed: int, told: Callable[[], None] | None = None) -> Path | None:
    """The file of PyTorch's answers, which it is asked for if they are not kept yet.

    ``told`` is called before that: it takes seconds.  None without PyTorch, and where it fails.
    """
    path = kept_answers(lesson, seed)
    if path is None:
        return None
    with _ONE_AT_A_TIME:
        if zipfile.is_zipfile(path):
            return path
        if told is not None:
            told()
        known = os.environ.get("PYTHONPATH")
        root = str(Path(glassnet.__file__).parents[1])
        environment = {**os.environ, "PYTHONPATH": root + (os.pathsep + known if known else "")}
        command = [sys.executable, "-P", "-m", __name__, lesson.name, str(seed), str(path)]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(command, env=environment, timeout=SECONDS, capture_output=True)
        return path if path.is_file() else None


def read_answers(path: Path | None, lesson: Lesson) -> Answers | None:
    """The answers in a file; None where there is none, or it cannot be read."""
    import numpy as np

    if path is None or not zipfile.is_zipfile(path):
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            parts: dict[str, list[list[Any]]] = {}
            for name, one in counterparts(lesson).items():
                count = len(one.answers)
                numbers = range(sum(key.startswith(f"{name}/") for key in file.files) // count)
                parts[name] = [[file[f"{name}/{i}/{k}"] for k in range(count)] for i in numbers]
            return Answers(version(), parts)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def cases(lesson: Lesson, part: str, seed: int) -> list[Case]:
    """The same for the learner and for PyTorch."""
    import numpy as np

    key = zlib.crc32(f"{lesson.name}.{part}.pytorch".encode())
    return list(counterparts(lesson)[part].cases(np.random.default_rng([seed, key])))


def _flat(lesson: Lesson, seed: int) -> Iterator[tuple[str, Any]]:
    import numpy as np
    import torch

    def given(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: given(one) for key, one in value.items()}
        return torch.from_numpy(value.copy()) if isinstance(value, np.ndarray) else value

    for part, one in counterparts(lesson).items():
        for i, case in enumerate(cases(lesson, part, seed)):
            for k, answer in enumerate(one.theirs(*map(given, case))):
                yield f"{part}/{i}/{k}", answer.detach().numpy()


def main(name: str, seed: int, path: Path) -> None:
    """Ask PyTorch and keep what it says."""
    import numpy as np

    from glassnet._core.storage import atomic_write
    from glassnet.course.catalog import find

    answers = dict(_flat(find(name), seed))
    with atomic_write(path) as file:
        np.savez(file, **answers)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
