"""Real processes of a real MPI: mpiexec -n 1, 2, 4."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MPIEXEC = shutil.which(
    "mpiexec", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
)
pytestmark = [
    pytest.mark.skipif(
        MPIEXEC is None or importlib.util.find_spec("mpi4py") is None,
        reason="no MPI here: pip install mpi4py mpich",
    ),
    pytest.mark.timeout(300),
    # Once on a busy machine a rank was killed (9) and no run since has shown by whom.
    pytest.mark.flaky(reruns=1),
]

# Open MPI starts no more processes than there are cores, and none for root, unless told so.
ENVIRONMENT = {
    **os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}  # fmt: skip

SCRIPT = """
import os, signal, sys, zlib
import numpy as np
from glassnet import Sequential, callbacks, layers

how = "".join(sys.argv[1:])
if how == "before" and os.environ["PMI_RANK"] == "1":
    raise ValueError("my mistake")

class Wrong(callbacks.Callback):
    def on_train_batch_end(self, batch, logs):
        if self.run.rank == 1 and self.run.epoch == 1:
            if how == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            raise ValueError("my mistake")

rng = np.random.default_rng(0)
x, y = rng.random((96, 6, 6, 1), dtype=np.float32), rng.integers(0, 3, 96)
model = Sequential([
    layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization(), layers.Flatten(),
    layers.Dropout(0.3), layers.Dense(3, "softmax"),
], seed=1)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
wrong = [Wrong()] if how in ("wrong", "killed") else None
if how == "leaves":
    from glassnet.distribute import rank
    if rank() == 1:
        sys.exit(0)
history = model.fit(x, y, batch_size=64, epochs=2, verbose=0, validation_split=0.2, callbacks=wrong)
bits = model.parameters.values.tobytes() + model.parameters.state.tobytes()
print(f"<{zlib.crc32(bits + repr(history.history).encode())}>")
"""


@pytest.fixture(scope="module", autouse=True)
def an_mpi_that_starts() -> None:
    """A machine may have an mpiexec that starts nothing: no network, no rights."""
    assert MPIEXEC is not None
    hello = "from mpi4py import MPI; print('rank', MPI.COMM_WORLD.rank)"
    try:
        found = subprocess.run(
            [MPIEXEC, "-n", "2", sys.executable, "-c", hello],
            capture_output=True, text=True, timeout=120, env=ENVIRONMENT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip("MPI does not start here: nothing came within two minutes")
    if found.returncode or "rank 1" not in found.stdout:
        pytest.skip(f"MPI does not start here: {found.stderr[-200:]}")


def mpi(ranks: int, *words: str, **more: str) -> subprocess.Popen[str]:
    assert MPIEXEC is not None
    return subprocess.Popen(
        [MPIEXEC, "-n", str(ranks), sys.executable, *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, env={**ENVIRONMENT, **more},
    )  # fmt: skip


def said(process: subprocess.Popen[str], seconds: float = 120) -> str:
    try:
        return process.communicate(timeout=seconds)[0]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    return str(path)


def test_one_two_and_four_processes_give_the_same_bits(script):
    """The environment alone says it: the script is the one for a single process."""
    lines = {}
    for ranks in (1, 2, 4):
        process = mpi(ranks, script, GLASSNET_DISTRIBUTE="mpi")
        text = said(process)
        assert process.returncode == 0, text
        lines[ranks] = re.findall(r"<(\d+)>", text)
        assert len(lines[ranks]) == ranks
    assert len({line for of in lines.values() for line in of}) == 1, lines


def test_a_mistake_on_one_rank_ends_all(script):
    process = mpi(2, script, "wrong", GLASSNET_DISTRIBUTE="mpi")
    text = said(process)
    assert process.returncode != 0
    assert "ValueError: my mistake" in text
    assert "RankError: rank 1 of 2 failed, and this one, 0, ends with it" in text


@pytest.mark.parametrize("how, heard", [
    ("leaves", "RankError: rank 1 of 2 has ended, and this one, 0, waits for it"),
    ("before", "ValueError: my mistake"),
    ("killed", ""),
])  # fmt: skip
def test_nobody_waits_for_one_who_will_not_come(script, how, heard):
    process = mpi(2, script, how, GLASSNET_DISTRIBUTE="mpi")
    text = said(process, 60)
    assert process.returncode != 0 and heard in text


def test_who_trains_alone_beside_others_is_told(script):
    text = said(mpi(2, script))
    assert text.count('each trains a network of its own: say distribute="mpi"') == 2


def test_the_command_line_stops_at_ctrl_c_and_goes_on(tmp_path):
    out = str(tmp_path / "run")
    command = ["-m", "glassnet", "train", "digits", "--distribute", "mpi", "--no-plots"]
    process = mpi(2, *command, "--epochs", "2000", "--schedule", "constant", "--out", out)
    history = tmp_path / "run" / "history.csv"
    began = time.monotonic()
    while not (history.exists() and len(history.read_text().splitlines()) > 2):
        assert process.poll() is None and time.monotonic() < began + 100
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    text = said(process, 30)
    assert process.returncode == 130, text
    assert text.count("Go on with: glassnet train --resume") == 1
    assert {p.name for p in history.parent.iterdir()} >= {"checkpoint.safetensors", "settings.json"}


def test_what_cannot_be_is_said_on_the_command_line(tmp_path):
    command = ["-m", "glassnet", "train", "digits", "--distribute", "mpi"]
    process = mpi(2, *command, "--shards", "7")
    text = said(process)
    assert process.returncode != 0 and "Give --shards 6 or 8" in text
    assert "Traceback" not in text
