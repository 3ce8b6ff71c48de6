"""What reading must not do: wait for ever, die of another's writing, say another fault."""

from __future__ import annotations

import json
import os
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import glassnet
from glassnet import Sequential, data, interop, layers
from glassnet._core import storage
from glassnet._core.strict_json import to_json
from glassnet.data.image_reading import reduced
from glassnet.errors import DataError, FileFormatError
from glassnet.runs.handwriting import read_image

posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")


def network() -> Sequential:
    model = Sequential([layers.Dense(3, activation="relu"), layers.Dense(2)], seed=0)
    model.compile("adam", loss="mse")
    model.build((4,))
    return model


@posix
@pytest.mark.timeout(20)
@pytest.mark.parametrize("suffix", [".safetensors", ".onnx", ".pt", ".csv", ".parquet", ".png"])
def test_a_pipe_is_refused_and_not_waited_for(suffix: str, tmp_path: Path) -> None:
    pipe = tmp_path / f"x{suffix}"
    os.mkfifo(pipe)
    read = {
        ".csv": data.read_table,
        ".parquet": data.read_table,
        ".png": lambda path: read_image(path, (8, 8), 16),
    }.get(suffix, glassnet.load)
    with pytest.raises((FileFormatError, DataError), match=r"pipe|no file"):
        read(pipe)


def test_the_same_network_makes_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the time is, and in whatever order a table of notes is gone through."""
    model, formats = network(), [(".safetensors", "torch"), (".pt", "torch")]
    writers = [(".safetensors", model.save)]
    writers += [(s, lambda p, n=n: interop.export_model(model, p, n)) for s, n in formats]
    for suffix, write in writers:
        made = set()
        for number in range(4):
            write(tmp_path / f"{number}{suffix}")
            made.add((tmp_path / f"{number}{suffix}").read_bytes())
        assert len(made) == 1, suffix


@posix
def test_a_pickle_of_some_bytes_takes_no_memory(tmp_path: Path) -> None:
    """Found by fuzzing: a read of at most 1 GB makes room for 1 GB before it has seen a byte."""
    path = tmp_path / "w.pkl"
    path.write_bytes(b"(lp0\n.")
    tracemalloc.start()
    assert interop.load_pickle(path) == []
    assert tracemalloc.get_traced_memory()[1] < 1 << 24
    tracemalloc.stop()


@posix
def test_a_model_that_is_cut_off_after_it_was_read_harms_nobody(tmp_path: Path) -> None:
    """Its numbers are not mapped into memory: a mapped page that is gone is a SIGBUS."""
    path = tmp_path / "m.safetensors"
    network().save(path)
    tensors, _ = storage.read_tensors(path)
    os.truncate(path, 0)
    assert all(np.isfinite(array).all() for array in tensors.values())
    with pytest.raises(FileFormatError, match="not a whole safetensors file"):
        storage.read_tensors(path)


@posix
def test_a_model_that_may_not_be_read_is_not_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.safetensors"
    network().save(path)

    def refuse(self: Path) -> bytes:  # as for a user without rights; the superuser has all
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PermissionError):
        Sequential.load(path)


def test_parquet_with_text_that_is_no_utf_8_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    broken = pa.array([b"\xff\xfe", b"b", b"c"]).view(pa.string())
    pq.write_table(pa.table({"a": broken, "b": [1.0, 2.0, 3.0]}), path)
    with pytest.raises(FileFormatError, match="damaged Parquet file"):
        data.read_table(path)


def test_of_a_large_picture_means_are_taken_before_it_is_copied() -> None:
    for mode in ("RGBA", "LA", "P", "1", "I;16"):
        assert max(reduced(Image.new(mode, (5000, 40)), 1024).size) <= 2048
    small = Image.new("P", (30, 20))
    assert reduced(small, 1024) is small
    drawn = np.zeros((64, 64), np.uint8)
    drawn[:32] = 200  # means over squares of one colour are that colour
    assert np.array_equal(
        np.asarray(reduced(Image.fromarray(drawn), 32))[:, 0], [200] * 16 + [0] * 16
    )


def test_the_names_of_files_need_not_be_utf_8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.safetensors")
    try:
        network().save(tmp_path / name)
    except OSError:
        pytest.skip("this file system wants UTF-8")
    assert glassnet.load(tmp_path / name).parameters.size == 23
    storage.write_text(tmp_path / "report.json", to_json({"folder": name, "class": "한글"}))
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["folder"] == name
    table = tmp_path / os.fsdecode(b"caf\xe9.csv")
    table.write_text("a,b\n1,2\n3,4\n")
    for _ in range(2):
        with pytest.raises(FileFormatError, match="its name is not UTF-8"):
            data.read_table(table)
        table = table.rename(table.with_suffix(".jsonl"))
