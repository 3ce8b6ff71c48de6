"""kill -9 at random moments, files cut off, full disks, two processes in one folder.

    python benchmarks/reliability/kills.py --minutes 10          # all parts
    python benchmarks/reliability/kills.py --parts training      # one of them

What must hold: a training that was killed, however often, and resumed ends with the same weights,
optimizer, random state and history, to the bit; a file is the old one or the new one, never a
part of one, and nothing is left behind; a damaged file and a full disk are told in words. The
children are forks of this process, so that a trial takes as long as its work. POSIX only. The exit
code is 1 if anything did not hold.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GLASSNET_NUM_THREADS"):
    os.environ[_name] = "1"  # a fork has no threads of its parent

# E402: what follows reads them when it is imported.
import numpy as np  # noqa: E402

import glassnet  # noqa: E402
from glassnet import Sequential, interop, layers, plots  # noqa: E402
from glassnet._core.storage import read_tensors  # noqa: E402
from glassnet.callbacks import Checkpoint, CSVLogger, EarlyStopping  # noqa: E402
from glassnet.errors import GlassnetError  # noqa: E402

CHANCE = random.Random(1)
KILLED = 9
FULL = 27  # errno of a file that is too large: EFBIG


class BrokenPromiseError(Exception):
    """What should hold, and did not."""


# ---- children ---------------------------------------------------------------------------


def fork(work: Callable[[], Any]) -> int:
    """Do ``work`` in a child; 0: done, 3: one of glassnet's errors or the system's, 4: another."""
    number = os.fork()
    if number:
        return number
    code = 4
    try:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        work()
        code = 0
    except (GlassnetError, OSError):
        code = 3
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 4
    except BaseException:
        Path(f"{tempfile.gettempdir()}/glassnet-kills-{os.getpid()}.txt").write_text(
            traceback.format_exc()
        )
    finally:
        os._exit(code)


def killed_after(seconds: float, work: Callable[[], Any]) -> int | None:
    """The exit code of ``work`` in a child; None: it was killed before it came to an end."""
    number = fork(work)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(number, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.0005)
    os.kill(number, signal.SIGKILL)
    _, status = os.waitpid(number, 0)
    code = os.waitstatus_to_exitcode(status)
    return None if code == -KILLED else code


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A new one, for one trial."""
    with tempfile.TemporaryDirectory(prefix="glassnet-kills-") as home:
        yield Path(home)


def must(holds: bool, what: str) -> None:
    """Raises BrokenPromiseError."""
    if not holds:
        raise BrokenPromiseError(what)


# ---- training, killed and resumed -------------------------------------------------------

X = np.random.default_rng(3).normal(size=(160, 8, 8, 1)).astype(np.float32)
Y = (X.sum(axis=(1, 2, 3)) > 0).astype(int)


def network(kind: int) -> Sequential:
    """Networks that have all that a checkpoint must keep: random states, moving means, moments."""
    stack: list[Any] = [
        [layers.Flatten(), layers.Dense(24, activation="relu"), layers.Dropout(0.3)],
        [layers.RandomTranslation(0.1, 0.1), layers.Conv2D(4, 3), layers.BatchNormalization(),
         layers.Activation("relu"), layers.Flatten()],
        [layers.GaussianNoise(0.1), layers.Flatten(), layers.Dense(12, activation="gelu")],
    ][kind]  # fmt: skip
    model = Sequential([*stack, layers.Dense(2, activation="softmax")], seed=kind)
    optimizer = ("adam", "nadam", "rmsprop")[kind]
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train(kind: int, home: Path) -> None:
    """Eight epochs; goes on where the one before was killed."""
    checkpoint = home / "c.safetensors"
    calls = [EarlyStopping("val_loss", patience=50, restore_best_weights=True),
             CSVLogger(home / "log.csv"),
             Checkpoint(checkpoint, every_batches=3)]  # fmt: skip
    model = network(kind)
    again = checkpoint if checkpoint.exists() else None
    model.fit(X, Y, epochs=8, batch_size=16, validation_split=0.2, verbose=0, callbacks=calls,
              resume_from=again)  # fmt: skip
    model.save(home / "m.safetensors")


def state(home: Path) -> list[Any]:
    """All that must be the same: weights, optimizer, random state, history; not the seconds."""
    found: list[Any] = []
    for name in ("c.safetensors", "m.safetensors"):
        tensors, contents = read_tensors(home / name)
        found += [(k, v.tobytes()) for k, v in sorted(tensors.items())]
        if "run" in contents:
            contents["run"].pop("seconds")
        found.append(json.dumps(contents, sort_keys=True))
    return [*found, (home / "log.csv").read_text()]


def training(until: float, count: Counter[str]) -> None:
    wanted, takes = {}, {}
    for kind in range(3):
        with folder() as home:
            train(kind, home)
        with folder() as home:
            started = time.perf_counter()
            train(kind, home)
            takes[kind], wanted[kind] = time.perf_counter() - started, state(home)
    for kind in itertools.cycle(range(3)):
        if time.monotonic() > until:
            return
        with folder() as home:
            for _ in range(CHANCE.randint(1, 8)):
                seconds = CHANCE.uniform(0, 1.2 * takes[kind])
                code = killed_after(seconds, lambda k=kind, h=home: train(k, h))
                count["kills" if code is None else "ended"] += 1
                must(code in (None, 0), f"network {kind}: exit code {code}")
                if code == 0:
                    break
            train(kind, home)
            count["resumed to the end"] += 1
            must(state(home) == wanted[kind], f"network {kind}: other bits after resuming")
            must(not list(home.glob("*.part")) and not list(home.glob(".*.part")), "remains")


# ---- a run of the command line, killed and resumed --------------------------------------


def command(*words: str) -> None:
    from glassnet.cli.root import root

    root(list(words), prog_name="glassnet")


def iris(home: Path, seed: int = 0, epochs: int = 30) -> None:
    if (home / "settings.json").exists():
        command("train", "--resume", str(home), "--quiet")
    else:
        command("train", "iris", "--out", str(home), "--epochs", str(epochs), "--seed", str(seed),
                "--quiet")  # fmt: skip


def of_run(home: Path) -> list[Any]:
    tensors, contents = read_tensors(home / "model.safetensors")
    report = json.loads((home / "report.json").read_text())
    return [
        sorted((k, v.tobytes()) for k, v in tensors.items()),
        json.dumps(contents, sort_keys=True),
        (home / "history.csv").read_text(),
        json.dumps([report["held_out"], report["training"], report["epochs"]], sort_keys=True),
        sorted(p.name for p in home.iterdir()),
    ]


def quietly(work: Callable[[], Any]) -> None:
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        work()


def runs(until: float, count: Counter[str]) -> None:
    with folder() as home:
        quietly(lambda: iris(home / "run"))
    with folder() as home:
        started = time.perf_counter()
        must(killed_after(300, lambda: iris(home / "run")) == 0, "glassnet train does not end")
        takes, wanted = time.perf_counter() - started, of_run(home / "run")
    while time.monotonic() < until:
        with folder() as home:
            run = home / "run"
            for _ in range(CHANCE.randint(1, 4)):
                code = killed_after(CHANCE.uniform(0, 1.1 * takes), lambda r=run: iris(r))
                count["kills" if code is None else "ended"] += 1
                if (run / "report.json").exists():
                    break
                must(code is None, f"glassnet train: exit code {code}")
            if not (run / "report.json").exists():
                code = killed_after(300, lambda r=run: iris(r))
                must(code == 0, f"glassnet train --resume: exit code {code}")
            whole = of_run(run)
            pictures = code == 0
            must(whole[:4] == wanted[:4], "another run after resuming")
            must(not pictures or whole[4] == wanted[4], f"files: {whole[4]}")
            count["resumed to the end"] += 1


# ---- writers, killed --------------------------------------------------------------------


def two() -> list[Sequential]:
    made = []
    for seed in range(2):
        model = Sequential([layers.Dense(200, activation="relu"), layers.Dense(40)], seed=seed)
        model.compile("adam", loss="mse")
        model.build((100,))
        made.append(model)
    return made


def answers(path: Path, version: int) -> None:
    import pyarrow as pa

    from glassnet.data.table_writing import write_table

    write_table(pa.table({"a": np.arange(3000) + version, "b": ["x"] * 3000}), path)


def picture(path: Path, version: int) -> None:
    from matplotlib import pyplot

    figure = plots.activation_curves([("relu", "tanh")[version]])
    plots.save(figure, path)
    pyplot.close("all")


MODELS = two()
EXPORTS = {"onnx": ".onnx", "keras": ".keras", "python": ".py", "html": ".html", "c": ".c",
           "torch": ".pt"}  # fmt: skip
WRITERS: dict[str, tuple[str, Callable[[Path, int], Any]]] = {
    "save": (".safetensors", lambda path, v: MODELS[v].save(path)),
    **{
        f"export {name}": (
            suffix,
            lambda path, v, n=name: interop.export_model(MODELS[v], path, n),
        )
        for name, suffix in EXPORTS.items()
    },
    "answers of predict as CSV": (".csv", answers),
    "answers of predict as Parquet": (".parquet", answers),
    "picture": (".png", picture),
}


def writers_here(home: Path) -> Iterator[tuple[str, Path, Callable[[Path, int], Any], list[bytes]]]:
    """Those whose packages are installed, and the bytes of their two versions."""
    for name, (suffix, write) in WRITERS.items():
        path, whole = home / f"x{suffix}", []
        try:
            for version in range(2):
                write(path, version)
                whole.append(path.read_bytes())
        except ImportError:
            continue
        write(path, 0)
        must(path.read_bytes() == whole[0], f"{name}: other bytes for the same content")
        path.unlink()
        yield name, path, write, whole


def writing(until: float, count: Counter[str]) -> None:
    with folder() as home:
        known = list(writers_here(home))
        for name, path, write, whole in itertools.cycle(known):
            if time.monotonic() > until:
                return
            started = time.perf_counter()
            write(path, 0)
            takes = time.perf_counter() - started

            def work(write: Any = write, path: Path = path) -> None:
                for version in itertools.cycle((1, 0)):
                    write(path, version)

            for _ in range(8):
                code = killed_after(CHANCE.uniform(0, 4 * takes), work)
                must(code is None, f"{name}: exit code {code}")
                must(path.read_bytes() in whole, f"{name}: a part of a file")
                count[f"kills, {name}"] += 1
            killed_after(600, lambda write=write, path=path: write(path, 0))  # a new process sweeps
            left = [p.name for p in home.iterdir() if p.suffix == ".part"]
            must(not left, f"{name}: left behind {left}")
            path.unlink()


# ---- files cut off at any byte ----------------------------------------------------------


def cut(until: float, count: Counter[str]) -> None:
    from readers import OURS, READERS

    wholes = {kind: reader.whole() for kind, reader in READERS.items()}
    while time.monotonic() < until:
        for kind, reader in READERS.items():
            whole = CHANCE.choice(wholes[kind])
            with folder() as home:
                for _ in range(10):
                    path = home / f"x{reader.suffix}"
                    path.write_bytes(whole[: CHANCE.randrange(len(whole))])
                    try:
                        reader.read(path)
                        count["read"] += 1
                    except OURS:
                        count["refused"] += 1
                    except Exception as error:
                        kept = Path(tempfile.gettempdir()) / f"glassnet-cut-{kind}{reader.suffix}"
                        shutil.copyfile(path, kept)
                        raise BrokenPromiseError(f"{kind}: {error!r}, kept as {kept}") from error


# ---- a full disk ------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(home: Path) -> Iterator[bool]:
    """A disk of 256 kB at ``home``, if this process may mount one."""
    words = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(home)]
    try:
        mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(home)], check=False)


def limited(write: Callable[[Path, int], Any], path: Path, most: int) -> None:
    """Write with no more than ``most`` bytes for a file."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    write(path, 1)


def full(until: float, count: Counter[str]) -> None:
    with folder() as home:
        known = list(writers_here(home))
        while time.monotonic() < until:
            for name, path, write, whole in known:
                write(path, 0)
                most = CHANCE.randrange(len(whole[1]))
                code = killed_after(600, lambda w=write, p=path, m=most: limited(w, p, m))
                must(code == 3, f"{name}: exit code {code} at {most} bytes")
                must(path.read_bytes() == whole[0], f"{name}: the old file is not whole")
                must(not [p for p in home.iterdir() if p.suffix == ".part"], f"{name}: remains")
                path.unlink()
                count["writes beyond a limit"] += 1
            with folder() as mount, small_disk(mount) as mounted:
                if not mounted:
                    continue
                for name, _, write, whole in known:
                    path = mount / f"x{WRITERS[name][0]}"
                    most = 250_000 - CHANCE.randrange(len(whole[1]))
                    (mount / "filler").write_bytes(bytes(max(0, most)))
                    code = killed_after(600, lambda w=write, p=path: w(p, 1))
                    must(code in (0, 3), f"{name}: exit code {code} on a full disk")
                    left = sorted(p.name for p in mount.iterdir())
                    must(left == (["filler", path.name] if code == 0 else ["filler"]),
                         f"{name}: {left} on a full disk")  # fmt: skip
                    path.unlink(missing_ok=True)
                    count["writes to a full disk" if code else "writes to one nearly full"] += 1


# ---- two processes in one folder --------------------------------------------------------


def together(until: float, count: Counter[str]) -> None:
    wanted = {}
    for seed in (0, 1):
        with folder() as home:
            killed_after(300, lambda h=home, s=seed: iris(h / "run", s, 5))
            wanted[seed] = of_run(home / "run")
    while time.monotonic() < until:
        with folder() as home:
            run = home / "run"
            first = fork(lambda r=run: iris(r, 0, 5))
            time.sleep(CHANCE.choice((0.0, 0.0, CHANCE.uniform(0, 0.2))))
            second = fork(lambda r=run: iris(r, 1, 5))
            codes = [os.waitstatus_to_exitcode(os.waitpid(n, 0)[1]) for n in (first, second)]
            must(sorted(codes) in ([0, 2], [0, 0]), f"two trainings: exit codes {codes}")
            seed = json.loads((run / "settings.json").read_text())["settings"]["seed"]
            must(of_run(run)[:4] == wanted[seed][:4], "two runs are mixed in one folder")
            count["pairs of trainings"] += 1
        with folder() as home:
            run = home / "run"
            killed_after(0.15, lambda r=run: iris(r, 0, 5))
            if not (run / "settings.json").exists() or (run / "report.json").exists():
                continue
            both = [fork(lambda r=run: iris(r)) for _ in range(2)]
            codes = [os.waitstatus_to_exitcode(os.waitpid(n, 0)[1]) for n in both]
            must(0 in codes and set(codes) <= {0, 2}, f"two resumes: exit codes {codes}")
            must(of_run(run)[:4] == wanted[0][:4], "two resumes are mixed in one folder")
            count["pairs of resumes"] += 1


PARTS: dict[str, Callable[[float, Counter[str]], None]] = {
    "training": training, "runs": runs, "writing": writing, "cut": cut, "full": full,
    "together": together,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--minutes", type=float, default=10.0, help="for all parts together")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    CHANCE.seed(asked.seed)
    parts, broken = asked.parts.split(","), 0
    print(f"glassnet {glassnet.__version__}, Python {sys.version.split()[0]}", flush=True)
    for part in parts:
        until = time.monotonic() + 60 * asked.minutes / len(parts)
        failed = 0
        count: Counter[str] = Counter()
        while time.monotonic() < until and failed < 5:
            try:
                PARTS[part](until, count)
            except BrokenPromiseError as error:
                failed += 1
                print(f"{part}: BROKEN: {error}", flush=True)
        broken += failed
        print(f"{part}: {dict(count)}, {failed} broken", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
