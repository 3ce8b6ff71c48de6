"""Hostile inputs for every reader: does anything but glassnet's own errors come out?

    pip install atheris                                       # Linux; without it, plain chance
    python benchmarks/reliability/fuzz.py --minutes 30        # all readers, one after the other
    python benchmarks/reliability/fuzz.py --kinds model,onnx --minutes 5 --findings found

Each reader is fuzzed in a process of its own. With atheris (libFuzzer) an input is kept and
changed further where it reached lines that no other reached before; half of the changes are made
to the JSON inside of a file, which chance alone seldom leaves whole. A finding is an exception
that is not glassnet's own, an input that took longer than ``SLOW`` seconds or asked for more than
``MEMORY`` bytes, and a process that died; the smallest input for each place in the code is kept in
``--findings``. The exit code is 1 if there is any.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import importlib
import io
import json
import os
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

SLOW = 5.0  # seconds for one input; the files are of some kilobytes
MEMORY = 1 << 30  # bytes that one input may make the process larger by
LARGEST = 32_768  # bytes of an input
LARGEST_DIGITS = 4000  # Python itself refuses to write more
JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 1, 10**400, 10**9, 1e308, -0.5, "한글", "", "\ud800", "a" * 300, [], {},
    [None], [[1, "a"]], {"a": 1}, "nan", "1e400",
)  # fmt: skip

# What is followed line by line; the modules with compiled loops cannot be.
FOLLOWED = (
    "_core.storage", "_core.settings", "_core.registry", "model.saving", "training.run",
    "training.history", "runs.folder", "runs.recipes", "runs.answers", "runs.handwriting",
    "data.table_files", "data.table_formats", "data.forms", "data.columns", "data.features",
    "data.tables", "data.preprocessing", "data.told", "data.scan", "data.parquet", "data.idx",
    "data.image_reading", "data.kept", "data.target", "interop.about", "interop.dlfs",
    "interop.formats", "interop.pickle_machine", "interop.pickles", "interop.reading",
    "interop.onnx.reader", "interop.keras.reader", "interop.torch.files", "interop.torch.bare",
    "interop.torch.reader", "lab.fields", "lab.kinds", "lab.protocol", "lab.server.handling",
    "lab.server.questions", "lab.session.saving", "lab.session.state", "lab.session.table",
)  # fmt: skip


# ---- changes ----------------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside of a JSON document."""
    inside: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inside = list(enumerate(value))[:20]
    found = []
    for key, inner in inside:
        found += [(*path, key), *places(inner, (*path, key))]
    return found


def damaged(whole: Any, chance: random.Random) -> Any:
    """``whole`` with some values taken out, doubled, exchanged or put in place of others."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        known = places(whole)
        if not known:
            return chance.choice(JUNK)
        path = chance.choice(known)
        inner = whole
        for key in path[:-1]:
            inner = inner[key]
        old, act = inner[path[-1]], chance.random()
        if act < 0.15:
            del inner[path[-1]]
        elif act < 0.3 and isinstance(inner, list):
            inner.insert(path[-1], json.loads(json.dumps(old)))
        elif act < 0.5:
            source: Any = whole
            for key in chance.choice(known):
                with contextlib.suppress(LookupError, TypeError):
                    source = source[key]
            inner[path[-1]] = json.loads(json.dumps(source))
        elif act < 0.65 and isinstance(old, (int, float)) and not isinstance(old, bool):
            inner[path[-1]] = other_number(old, chance)
        else:
            inner[path[-1]] = json.loads(json.dumps(chance.choice(JUNK)))
    return whole


def other_number(number: float, chance: random.Random) -> Any:
    """Another one, or the same in another type."""
    made = [-number, number + 1, number * 1000, str(number)[:LARGEST_DIGITS]]
    with contextlib.suppress(OverflowError):  # 10**400
        made.append(float(number))
    return chance.choice(made)


def in_json(data: bytes, chance: random.Random) -> bytes | None:
    """Damage the JSON that a file is, or that is the head of a safetensors file."""
    try:
        if data[:1] in (b"{", b"["):
            return json.dumps(damaged(json.loads(data), chance)).encode()
        size = struct.unpack("<Q", data[:8])[0]
        head = json.loads(data[8 : 8 + size])
        notes = head.get("__metadata__", {})
        if "contents" in notes and chance.random() < 0.85:
            notes["contents"] = json.dumps(damaged(json.loads(notes["contents"]), chance))
        else:
            head = damaged(head, chance)
        text = json.dumps(head).encode()
        return struct.pack("<Q", len(text)) + text + data[8 + size :]
    except (ValueError, struct.error, AttributeError, TypeError, RecursionError):
        return None


def in_bytes(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, taken out, doubled; or the end cut off."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(changed) + 1)
        act = chance.randrange(6)
        if act == 0:
            changed[at : at + 1] = bytes([chance.randrange(256)])
        elif act == 1:
            del changed[at : at + chance.choice((1, 2, 4, 64))]
        elif act == 2:
            changed[at:at] = changed[at : at + chance.choice((1, 2, 8, 64))]
        elif act == 3:
            changed[at : at + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\x7f" + b"\xff" * 3))
        elif act == 4:
            changed[at:at] = chance.choice(
                (b"\0", b",", b'"', b"\n", "한".encode(), b"\xed\xa0\x80")
            )
        elif chance.random() < 0.3:
            del changed[at:]
    return bytes(changed)


def change(data: bytes, largest: int, seed: int) -> bytes:
    """One change: of the JSON inside, or of bytes."""
    chance = random.Random(seed)
    made = in_json(data, chance) if chance.random() < 0.6 else None
    return (in_bytes(data, chance) if made is None else made)[:largest]


# ---- one reader, in a process of its own ------------------------------------------------


class Judge:
    """Reads inputs, and keeps what came out that should not have."""

    def __init__(self, kind: str, findings: Path) -> None:
        from readers import OURS, READERS

        self.kind, self.findings, self.ours = kind, findings, OURS
        self.reader = READERS[kind]
        self.home = Path(tempfile.mkdtemp(prefix=f"glassnet-fuzz-{kind}-"))
        self.path = self.home / f"x{self.reader.suffix}"
        self.samples = self.reader.whole()
        self.count: collections.Counter[str] = collections.Counter()
        self.slowest = 0.0
        self.found: dict[str, int] = {}
        for sample in self.samples:  # compiles what is compiled at its first call
            self.path.write_bytes(sample)
            with contextlib.suppress(*OURS):
                self.reader.read(self.path)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))

    def __call__(self, data: bytes) -> None:
        """Read one input."""
        self.path.write_bytes(data)
        started, what = time.perf_counter(), ""
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                self.reader.read(self.path)
            self.count["read"] += 1
        except self.ours:
            self.count["refused"] += 1
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)
            own = [f for f in last if f"{os.sep}glassnet{os.sep}" in f.filename] or last
            place = Path(own[-1].filename)
            what = f"{type(error).__name__}-{place.parent.name}_{place.stem}_{own[-1].lineno}"
            self.count["fault"] += 1
        took = time.perf_counter() - started
        self.slowest = max(self.slowest, took)
        if took > SLOW and not what:
            what = "SLOW"
        if what:
            self.keep(what, data)
        self.count["inputs"] += 1

    def keep(self, what: str, data: bytes) -> None:
        """The smallest input for each place."""
        if len(data) < self.found.get(what, 1 << 40):
            self.found[what] = len(data)
            self.findings.mkdir(parents=True, exist_ok=True)
            (self.findings / f"{self.kind}-{what}{self.reader.suffix}").write_bytes(data)

    def told(self) -> dict[str, Any]:
        """The figures."""
        return {"kind": self.kind, **self.count, "slowest": round(self.slowest, 2),
                "largest MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "found": self.found}  # fmt: skip


def by_chance(judge: Judge, seconds: float, seed: int) -> None:
    """Without atheris: each input a changed sample, or a changed one that was read."""
    chance, until = random.Random(seed), time.monotonic() + seconds
    pool = list(judge.samples)
    while time.monotonic() < until:
        before = judge.count["read"]
        data = chance.choice(pool)
        for _ in range(chance.choice((1, 1, 2, 5))):
            data = change(data, LARGEST, chance.getrandbits(32))
        judge(data)
        if judge.count["read"] > before and len(pool) < 500:
            pool.append(data)


def by_coverage(
    judge: Judge, seconds: float, seed: int, atheris: Any, note: Callable[[], None]
) -> None:
    """With atheris; libFuzzer ends the process itself."""
    for name in FOLLOWED:
        module = importlib.import_module(f"glassnet.{name}")
        for thing in list(vars(module).values()):
            functions = vars(thing).values() if isinstance(thing, type) else (thing,)
            for function in functions:
                if getattr(function, "__module__", "") == module.__name__ and hasattr(
                    function, "__code__"
                ):
                    with contextlib.suppress(Exception):
                        atheris.instrument_func(function)
    corpus = judge.home / "corpus"
    corpus.mkdir()
    for number, sample in enumerate(judge.samples):
        (corpus / str(number)).write_bytes(sample)

    def mutate(data: bytes, largest: int, number: int) -> bytes:
        if number % 4 == 0:
            return bytes(atheris.Mutate(data, largest))
        return change(data, largest, number)

    said = [time.monotonic()]

    def one(data: bytes) -> None:
        judge(data)
        if time.monotonic() - said[0] > 2:
            said[0] = time.monotonic()
            note()

    limits = [f"-max_total_time={seconds:.0f}", f"-seed={seed}", f"-max_len={LARGEST}",
              "-timeout=60", "-rss_limit_mb=0", "-verbosity=0", f"-artifact_prefix={judge.home}/",
              str(corpus)]  # fmt: skip
    atheris.Setup([sys.argv[0], *limits], one, custom_mutator=mutate)
    atheris.Fuzz()


def child(kind: str, seconds: float, seed: int, findings: Path, result: Path) -> None:
    """The process of one reader."""
    judge = Judge(kind, findings)

    def note() -> None:
        judge.count["places"] = len(judge.found)
        result.write_text(json.dumps(judge.told()))

    note()
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        by_chance(judge, seconds, seed)
        note()
    else:
        by_coverage(judge, seconds, seed, atheris, note)


# ---- all of them ------------------------------------------------------------------------


def main() -> int:
    from readers import READERS

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kinds", default=",".join(READERS), help="readers, by commas")
    parser.add_argument("--minutes", type=float, default=10.0, help="for all of them together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path, default=Path("findings"))
    parser.add_argument("--child", nargs=2, metavar=("KIND", "RESULT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        kind, result = asked.child
        child(kind, asked.minutes * 60, asked.seed, asked.findings, Path(result))
        return 0
    kinds, faults, total = asked.kinds.split(","), 0, 0
    for kind in kinds:
        share = asked.minutes / len(kinds)
        with tempfile.TemporaryDirectory() as home:
            result = Path(home) / "result.json"
            done = subprocess.run(
                [sys.executable, __file__, "--child", kind, str(result), "--minutes", str(share),
                 "--seed", str(asked.seed), "--findings", str(asked.findings)],
                env={**os.environ, "TMPDIR": home, "OMP_NUM_THREADS": "1"},
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                timeout=share * 60 + 900, check=False,
            )  # fmt: skip
            told = json.loads(result.read_text()) if result.exists() else {"kind": kind}
            if done.returncode:
                told["died"] = done.returncode
                told["said"] = done.stderr.decode(errors="replace")[-600:]
                for left in Path(home).rglob("crash-*"):
                    asked.findings.mkdir(parents=True, exist_ok=True)
                    shutil.copy(left, asked.findings / f"{kind}-{left.name}")
        faults += len(told.get("found", {})) + bool(done.returncode)
        total += told.get("inputs", 0)
        print(json.dumps(told), flush=True)
    print(f"{total:,} inputs, {faults} places where something else than glassnet's own errors came")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
