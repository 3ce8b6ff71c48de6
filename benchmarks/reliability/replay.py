"""Every file of a folder through every reader that could meet it: does a fault come back?

    python benchmarks/reliability/replay.py FOLDER                # findings of fuzz.py, or others
    python benchmarks/reliability/replay.py FOLDER --json out.json

Which readers these are is decided by the suffix: a safetensors file is read as a model, as weights,
as the checkpoint of three networks and as the model of three runs; a JSON file as the settings and
as the report of these runs, by every command that reads them; a table as a table, as a data set,
from the disk, and as the rows that a run answers for; a picture as one, by the readers and by a run
of images; a text as a link and as a message of the lab; the files of other libraries as models.
Each reader gets a process of its own, with ``SLOW`` seconds and ``MEMORY`` bytes. The exit code is
1 if one ended with anything but an answer or an error of glassnet's own. POSIX only.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import resource
import shutil
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GLASSNET_NUM_THREADS"):
    os.environ[_name] = "1"  # a fork has no threads of its parent

# E402: what follows reads them when it is imported.
import numpy as np  # noqa: E402
from readers import OURS, READERS, fit  # noqa: E402

import glassnet  # noqa: E402
from glassnet import Sequential, layers  # noqa: E402

SLOW = 60  # seconds for one reader, of a process that has compiled nothing yet
MEMORY = 1 << 30  # bytes that one input may make the process larger by
ANSWERED, OWN, FAULT, DIED = "answered", "refused", "FAULT", "DIED"
COMMANDS = ("summary", "evaluate", "mistakes", "predict", "export", "explain", "resume", "plot",
            "confusion")  # fmt: skip

JSONS = ("settings.json", "report.json")

# ---- runs, made once --------------------------------------------------------------------


def rows_of_birds(count: int = 60) -> str:
    """A table with numbers, categories, a gap, and three classes."""
    chance = np.random.default_rng(0)
    text = "island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,species\n"
    for number in range(count):
        kind = number % 3
        bill, depth, flipper = chance.normal((40 + 4 * kind, 18 - kind, 190 + 9 * kind))
        sex = ("MALE", "FEMALE", "")[number % 7 % 3]
        text += f"{('Biscoe', 'Dream', 'Torgersen')[number % 5 % 3]},{bill:.1f},{depth:.1f},"
        text += f"{flipper:.0f},{4000 + 200 * kind},{sex},"
        text += f"{('Adelie', 'Chinstrap', 'Gentoo')[kind]}\n"
    return text


def runs(home: Path) -> dict[str, Path]:
    """Three runs: numbers, images, a table with all that tables have; and their rows."""
    (home / "pen.csv").write_text(rows_of_birds())
    (home / "iris.csv").write_text(
        "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n5.1,3.5,1.4,0.2\n"
    )
    from PIL import Image

    Image.fromarray(np.eye(12, dtype=np.uint8) * 250).save(home / "digits.png")
    asked = {
        "iris": ["iris"], "digits": ["digits"],
        "pen": [str(home / "pen.csv"), "--target", "species"],
    }  # fmt: skip
    for name, words in asked.items():
        code = command("train", *words, "--out", str(home / name), "--epochs", "2", "--layers", "8",
                       "--quiet", "--no-plots")  # fmt: skip
        assert code == 0, f"glassnet train {name}: exit code {code}"
    for name in asked:
        for which in COMMANDS:  # imports and compiles what the forks need
            shutil.copytree(home / name, home / "x")
            asked_of(home / "x", rows_of(home, name), which)
            shutil.rmtree(home / "x")
    return {name: home / name for name in asked}


def rows_of(home: Path, name: str) -> Path:
    """What a run can answer for."""
    return home / ("digits.png" if name == "digits" else f"{name}.csv")


def command(*words: str) -> int:
    """The exit code of ``glassnet …``; what is no error of its own is raised."""
    from glassnet.cli.root import root

    try:
        root.main(list(words), prog_name="glassnet")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0


def asked_of(run: Path, rows: Path, which: str) -> None:
    """One command about a run."""
    there = str(run)
    words = {
        "summary": ["summary", there], "evaluate": ["evaluate", there],
        "mistakes": ["mistakes", there], "predict": ["predict", there, str(rows)],
        "export": ["export", there, "--out", str(run / "x.py")],
        "explain": ["explain", there], "resume": ["train", "--resume", there, "--quiet"],
        "plot": ["plot", "curves", there], "confusion": ["plot", "confusion", there],
    }[which]  # fmt: skip
    if which == "resume":
        for name in ("report.json", "model.safetensors"):
            (run / name).unlink(missing_ok=True)
    command(*words)


# ---- who could meet a file --------------------------------------------------------------


def resumed(path: Path, model: Sequential) -> None:
    fit(model, path.with_name("again.safetensors"), again=path)


def plain() -> Sequential:
    """The network that the checkpoints of the first campaign were of."""
    model = Sequential([layers.Dense(8, "relu"), layers.Dense(3, "softmax")], seed=0)
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def weights(path: Path) -> None:
    model = plain()
    model.build((4,))
    model.load_weights(path)


def columns(path: Path) -> tuple[str, ...]:
    """The first and the last column of a table, or any names if it cannot be read."""
    from glassnet.data.table_files import read_table

    names = read_table(path).column_names
    return (names[0], names[-1])


def from_disk(path: Path) -> None:
    """In batches, as ``fit`` reads a table that is larger than the memory; in pieces."""
    from glassnet.runs.large import pieces

    for target in columns(path):
        for _ in glassnet.data.TableBatches(path, target):
            pass
    if path.suffix == ".parquet":
        for _ in pieces(str(path)):
            pass


def trained(path: Path) -> int:
    """By the command, for each of two targets."""
    return max(
        command(
            "train", str(path), "--target", target, "--epochs", "1", "--no-plots", "--effort",
            "quick", "--quiet", "--out", str(path.parent / f"run-{number}"),
        )
        for number, target in enumerate(columns(path))
    )  # fmt: skip


def of_a_run(path: Path, run: Path) -> dict[str, tuple[str, ...]]:
    """As which files of a run the file could lie there, and the commands that read it there."""
    if path.suffix == ".safetensors":
        return {
            "model.safetensors": ("summary", "predict"),
            "checkpoint.safetensors": ("resume",),
        }
    if path.suffix == ".csv":
        return {"history.csv": ("summary", "plot", "resume")}
    if path.suffix != ".json":
        return {}
    try:
        keys = set(json.loads(path.read_text()))
    except (ValueError, TypeError, RecursionError):
        keys = set()
    known = {name: set(json.loads((run / name).read_text())) & keys for name in JSONS}
    most = max(len(common) for common in known.values())
    return {name: COMMANDS for name, common in known.items() if len(common) == most}


def meets(path: Path, made: dict[str, Path]) -> Iterator[tuple[str, Callable[[Path], Any]]]:
    """The readers of a file, by name; each takes the path of a copy in a folder of its own."""
    for kind, reader in READERS.items():
        if reader.suffix == path.suffix and kind not in ("settings", "report", "history"):
            yield kind, reader.read
    if path.suffix == ".safetensors":
        yield "checkpoint of a plain network", lambda copy: resumed(copy, plain())
        yield "checkpoint of its own network", lambda copy: resumed(copy, glassnet.load(copy))
        yield "weights", weights
    for name, run in made.items():
        rows = rows_of(run.parent, name)
        for place, commands in of_a_run(path, run).items():
            for which in commands:
                yield (
                    f"{which} of {name}, {place}",
                    partial(with_file, run=run, rows=rows, place=place, which=which),
                )
        if path.suffix in (".csv", ".parquet", ".xlsx", ".jsonl", ".png"):
            yield (
                f"predict of {name}",
                lambda copy, run=run: command("predict", str(run), str(copy)),
            )
            yield (
                f"evaluate of {name}",
                lambda copy, run=run: command("evaluate", str(run), str(copy)),
            )
    if path.suffix in (".csv", ".parquet", ".xlsx", ".jsonl"):
        yield "from the disk", from_disk
        yield "train", trained


def with_file(copy: Path, run: Path, rows: Path, place: str, which: str) -> None:
    """A command about a copy of ``run`` in which ``copy`` lies in ``place``."""
    mine = copy.parent / "run"
    shutil.copytree(run, mine)
    shutil.copyfile(copy, mine / place)
    asked_of(mine, rows, which)


# ---- one reader, in a process of its own ------------------------------------------------


def bounded(read: Callable[[Path], Any], path: Path) -> tuple[str, str, float]:
    """What came of it, why, and the seconds it took."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="glassnet-replay-") as home:
        copy, said = Path(home) / f"x{path.suffix}", Path(home) / "said"
        shutil.copyfile(path, copy)
        number = os.fork()
        if not number:
            child(read, copy, said)
        _, status = os.waitpid(number, 0)
        why = said.read_text() if said.exists() else ""
    took = time.monotonic() - started
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        what = "too slow" if -code == signal.SIGALRM else signal.Signals(-code).name
        return DIED, what, took
    return {0: ANSWERED, 3: OWN}.get(code, FAULT), why, took


def child(read: Callable[[Path], Any], copy: Path, said: Path) -> None:
    """Never returns."""
    code = 4
    try:
        sink = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(sink, stream)
        os.chdir(copy.parent)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))
        signal.alarm(SLOW)
        code = 3 if read(copy) in (1, 2) else 0
    except OURS as error:
        said.write_text(f"{type(error).__name__}: {error}", errors="replace")
        code = 3
    except BaseException:
        said.write_text(traceback.format_exc(), errors="replace")
    finally:
        os._exit(code)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="write each outcome into this file")
    asked = parser.parse_args()
    files = sorted(path for path in asked.folder.iterdir() if path.is_file())
    count: Counter[str] = Counter()
    told, slowest = [], 0.0
    with tempfile.TemporaryDirectory(prefix="glassnet-replay-") as home:
        unheard = io.TextIOWrapper(io.BytesIO())
        with contextlib.redirect_stdout(unheard), contextlib.redirect_stderr(unheard):
            made = runs(Path(home))
        for path in files:
            unread = True
            for name, read in meets(path, made):
                outcome, why, took = bounded(read, path)
                count[outcome] += 1
                slowest, unread = max(slowest, took), False
                told.append({"file": path.name, "reader": name, "outcome": outcome, "why": why,
                             "seconds": round(took, 2)})  # fmt: skip
                if outcome in (FAULT, DIED):
                    print(f"{path.name} · {name}: {outcome}\n{why}", flush=True)
            count["files that no reader here knows"] += unread
            if asked.json:
                asked.json.write_text(json.dumps(told, indent=1))
    print(f"{len(files)} files, {len(told)} readings: {dict(count)}; slowest {slowest:.1f} s")
    return 1 if count[FAULT] or count[DIED] else 0


if __name__ == "__main__":
    raise SystemExit(main())
