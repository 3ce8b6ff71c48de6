"""Every reader of files and messages, each with a small whole input to begin from.

What ``kills.py`` cuts off and ``fuzz.py`` changes. A reader either returns, or raises one of
:data:`OURS`: everything else is a fault.
"""

from __future__ import annotations

import io
import json
import pickle
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import glassnet
from glassnet import Sequential, interop, layers
from glassnet.callbacks import Checkpoint, EarlyStopping
from glassnet.errors import GlassnetError
from glassnet.lab.protocol import ProtocolError

OURS = (GlassnetError, ProtocolError, FileNotFoundError, IsADirectoryError, PermissionError)

X = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)
Y = np.arange(24) % 3


@dataclass(frozen=True)
class Reader:
    """Attributes:
    suffix: what a file of it is called by.
    whole: its sample inputs.
    read: takes the path of an input.
    """

    suffix: str
    whole: Callable[[], list[bytes]]
    read: Callable[[Path], Any]


def network(images: bool = False) -> Sequential:
    """One of each frequent kind of layer."""
    stack: list[Any] = [layers.Dense(5, activation="relu"), layers.BatchNormalization()]
    if images:
        stack = [layers.Conv2D(2, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten()]
    model = Sequential([*stack, layers.Dropout(0.2), layers.Dense(3, "softmax")], seed=1)
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    if images:
        model.build((8, 8, 1))
    return model


def fit(model: Sequential, checkpoint: Path, again: Path | None = None, epochs: int = 2) -> None:
    """Two epochs, with what a checkpoint keeps of a callback."""
    calls = [EarlyStopping("loss", patience=9), Checkpoint(checkpoint)]
    model.fit(
        X, Y, epochs=epochs, batch_size=8, verbose=0, callbacks=calls, resume_from=again
    )  # fmt: skip


@cache
def learned() -> Sequential:
    model = network()
    model.fit(X, Y, epochs=1, batch_size=8, verbose=0)
    return model


def written(write: Callable[[Path], Any], suffix: str) -> bytes:
    """What ``write`` puts into a file."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / f"x{suffix}"
        write(path)
        return path.read_bytes()


# ---- the samples ------------------------------------------------------------------------


def models() -> list[bytes]:
    return [
        written(learned().save, ".safetensors"),
        written(network(images=True).save, ".safetensors"),
        written(network(images=True).copy("float64").save, ".safetensors"),  # compiled before
    ]


def checkpoints() -> list[bytes]:
    return [written(lambda path: fit(network(), path, epochs=1), ".safetensors")]


def others(name: str, suffix: str) -> Callable[[], list[bytes]]:
    """Files in the format ``name`` of another library."""

    def make() -> list[bytes]:
        return [
            written(lambda path, m=model: interop.export_model(m, path, name), suffix)
            for model in (learned(), network(images=True))
        ]

    return make


def pickles() -> list[bytes]:
    book = {"W1": np.ones((4, 5), np.float32), "b1": np.zeros(5), "W2": np.ones((5, 3)),
            "b2": np.zeros(3)}  # fmt: skip
    return [pickle.dumps(book, protocol) for protocol in (0, 2, 4)]


def csvs() -> list[bytes]:
    return [
        b"a,b,kind\n1,2.5,red\n3,4,blue\n5,,red\n" * 3,
        "이름;값\n가;1,5\n나;2,5\n".encode("cp949"),
        b'"a";"b"\r\n"1.000";"x ""y"""\r\n',
        b'{"a": 1, "b": "x"}\n{"a": 2.5, "b": null}\n',
    ]


def parquets() -> list[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {"a": [1.0, 2.0, None], "b": ["x", "한", "y"], "c": [True, False, None], "d": [1, 2, 3]}
    )
    made = []
    for compression in ("none", "snappy"):
        file = io.BytesIO()
        pq.write_table(table, file, compression=compression)
        made.append(file.getvalue())
    return made


def pictures() -> list[bytes]:
    from PIL import Image

    made = []
    for mode, kind in (("L", "PNG"), ("RGB", "PNG"), ("P", "GIF"), ("RGB", "JPEG"), ("L", "BMP")):
        file = io.BytesIO()
        drawn = np.zeros((12, 12), np.uint8)
        drawn[3:9, 5:7] = 200
        Image.fromarray(drawn).convert(mode).save(file, kind)
        made.append(file.getvalue())
    return made


def idx() -> list[bytes]:
    import gzip

    images = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (2, 3, 3)) + bytes(range(18))
    return [images, b"\0\0\x08\x01\0\0\0\x03\x01\x02\x03", gzip.compress(images, mtime=0)]


def links() -> list[bytes]:
    return [
        b"data=moons&noise=0.2&layers=3.tanh,2.relu&optimizer=adam&learning_rate=0.01",
        b"room=step&lesson=xor&step=2&samples=40&batch_size=8",
    ]


def messages() -> list[bytes]:
    told: list[Any] = [
        {"t": "open", "address": "samples=10&layers=3.tanh"},
        {"t": "set", "field": "noise", "value": 0.2},
        {"t": "do", "action": "batch", "args": {}},
        {"t": "do", "action": "add_unit", "args": {"layer": 0}},
        {"t": "ask", "room": "step", "what": "trace", "args": {}, "id": 7},
        {"t": "frame", "want": ["map", "curves"]},
        {"t": "upload", "name": "my.csv", "text": "a,b\n1,2\n3,4\n"},
        {"t": "load", "file": {"values": {}}},
    ]
    return [json.dumps(one).encode() for one in told]


@cache
def finished_run() -> Path:
    """The folder of a run of iris, made once."""
    from click.testing import CliRunner

    from glassnet.cli.root import root

    home = Path(tempfile.mkdtemp(prefix="glassnet-fuzz-")) / "iris"
    done = CliRunner().invoke(root, ["train", "iris", "--out", str(home), "--epochs", "2"])
    assert done.exit_code == 0, done.output
    return home


def of_run(name: str) -> Callable[[], list[bytes]]:
    return lambda: [(finished_run() / name).read_bytes()]


# ---- the readers ------------------------------------------------------------------------


def resume(path: Path) -> None:
    fit(network(), path.with_name("again.safetensors"), again=path)


def run_with(name: str) -> Callable[[Path], None]:
    """Read a run's folder whose file ``name`` is the input, as the command line does."""

    def read(path: Path) -> None:
        from glassnet.cli.commands.summary import summary
        from glassnet.runs.answers import for_table
        from glassnet.runs.folder import RunFolder

        home = path.parent / "run"
        if not home.exists():
            shutil.copytree(finished_run(), home)
        shutil.copyfile(path, home / name)
        folder = RunFolder.open(home)
        folder.history()
        table = path.parent / "rows.csv"
        table.write_text("sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n"
                         "5.1,3.5,1.4,0.2\n")  # fmt: skip
        for_table(folder.model(), folder.facts(), table)
        with quiet():
            summary.callback(run=str(home), as_json=False)

    return read


def quiet() -> Any:
    import contextlib

    return contextlib.redirect_stdout(io.StringIO())


def table(path: Path) -> None:
    from glassnet.data.table_files import read_table

    read_table(path)


def dataset(path: Path) -> None:
    from glassnet.data.table_files import read_table

    names = read_table(path).column_names
    glassnet.data.load_table(path, target=names[-1])


def image(path: Path) -> None:
    from glassnet.data.image_reading import pixels
    from glassnet.runs.handwriting import read_image

    read_image(path, (8, 8), 16)
    read_image(path, (8, 8, 3), 255)
    pixels(path, (8, 8))


def read_idx(path: Path) -> None:
    from glassnet.data.idx import read_idx as read

    read(path, max_bytes=1 << 20)


def link(path: Path) -> None:
    from glassnet.lab import fields

    values, _ = fields.from_address(path.read_bytes().decode(errors="replace"))
    fields.to_address(fields.defaults() | values)


@cache
def session() -> Any:
    """A page's session, which the messages of a whole run of the fuzzer reach one after another."""
    from glassnet.lab.session.engine import Engine
    from glassnet.lab.session.state import Session

    made = Session(Engine())
    made.open("samples=10&layers=3.tanh")
    return made


def message(path: Path) -> None:
    """What the lab does with a message."""
    from glassnet.lab.protocol import parse
    from glassnet.lab.server.handling import handle

    told = parse(path.read_bytes().decode(errors="replace"))
    if told.name in ("play", "run"):
        return  # trains by itself, in another thread
    handle(session(), told, {"frame": 1})


def load(path: Path) -> None:
    model = glassnet.load(path)
    if model.built and np.prod(model.input_shape or (1,)) < 10_000:
        model.predict(np.zeros((2, *model.input_shape), np.float32))


READERS = {
    "model": Reader(".safetensors", models, load),
    "checkpoint": Reader(".safetensors", checkpoints, resume),
    "settings": Reader(".json", of_run("settings.json"), run_with("settings.json")),
    "report": Reader(".json", of_run("report.json"), run_with("report.json")),
    "history": Reader(".csv", of_run("history.csv"), run_with("history.csv")),
    "onnx": Reader(".onnx", others("onnx", ".onnx"), load),
    "keras": Reader(".keras", others("keras", ".keras"), load),
    "torch": Reader(".pt", others("torch", ".pt"), load),
    "pickle": Reader(".pkl", pickles, load),
    "csv": Reader(".csv", csvs, dataset),
    "parquet": Reader(".parquet", parquets, dataset),
    "picture": Reader(".png", pictures, image),
    "idx": Reader(".idx", idx, read_idx),
    "link": Reader(".txt", links, link),
    "message": Reader(".txt", messages, message),
}
