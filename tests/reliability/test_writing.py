"""What writing must not do: replace a pipe, leave remains, let two processes train in a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from glassnet import Sequential, layers
from glassnet._core import locked
from glassnet._core.storage import atomic_write, write_text
from glassnet.callbacks import CSVLogger
from glassnet.errors import ConfigError
from glassnet.runs.folder import LOCK, RunFolder

posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes and locks of POSIX")


@posix
def test_pipes_and_devices_are_refused_and_a_link_stays_a_link(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for special in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(ConfigError, match="pipe, a device or a socket"):
            write_text(special, "x")
    assert (tmp_path / "pipe").is_fifo()
    model = Sequential([layers.Dense(1)], seed=0)
    model.compile("sgd", loss="mse")
    with pytest.raises(ConfigError, match="pipe, a device or a socket"):
        model.fit(np.ones((2, 1)), np.ones(2), verbose=0, callbacks=[CSVLogger(tmp_path / "pipe")])
    assert (tmp_path / "pipe").is_fifo()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new"


@posix
def test_remains_of_a_killed_writer_go_and_those_of_one_at_work_stay(tmp_path):
    left, busy = tmp_path / ".a.txt.1234.part", tmp_path / ".a.txt.5678.part"
    left.write_text("half")
    with busy.open("w") as working:
        locked.hold(working.fileno())
        write_text(tmp_path / "a.txt", "whole")
        assert sorted(p.name for p in tmp_path.iterdir()) == [busy.name, "a.txt"]


@posix
def test_a_forked_process_looks_for_remains_itself(tmp_path):
    write_text(tmp_path / "a.txt", "by the parent, which has looked")
    (tmp_path / ".a.txt.1234.part").write_text("half, of a child that was killed")
    number = os.fork()
    if not number:
        try:
            write_text(tmp_path / "a.txt", "by the next child")
        finally:
            os._exit(0)
    os.waitpid(number, 0)
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "by the next child"


@posix
def test_the_part_file_is_held_until_it_has_its_name(tmp_path):
    with atomic_write(tmp_path / "a.txt") as file:
        file.write(b"1")
        (part,) = tmp_path.glob("*.part")
        locked.remove_abandoned(part)
        assert part.exists()
    assert (tmp_path / "a.txt").read_bytes() == b"1"


@pytest.mark.parametrize("name", ["n" * 255, "한" * 85])
def test_a_name_of_255_bytes_is_written(tmp_path, name):
    write_text(tmp_path / name, "x")
    assert [p.name for p in tmp_path.iterdir()] == [name]


@posix
def test_one_process_at_a_time_trains_in_a_folder(tmp_path):
    folder = RunFolder.create("iris", tmp_path / "run")
    with folder.alone():
        refused = pytest.raises(ConfigError, match="another process is training in this folder")
        with refused, folder.alone():
            pass
        assert (folder.path / LOCK).exists()
    assert not (folder.path / LOCK).exists()
    (folder.path / LOCK).touch()  # of a process that was killed
    RunFolder.create("iris", tmp_path / "run")
    with folder.alone():
        pass
