"""The program itself: help, exit codes, signals, pipes, full disks."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import glassnet as package
from glassnet import Sequential
from glassnet._core.storage import read_tensors
from glassnet.cli.commands.plot import PLOTS
from glassnet.cli.root import COMMANDS, root
from glassnet.optimizers import OPTIMIZERS

PROGRAM = [sys.executable, "-m", "glassnet"]


def start(*arguments, **options):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*PROGRAM, *map(str, arguments)], **{**pipes, **options})


def test_help_lists_every_command_and_imports_none():
    code = (
        "import sys\n"
        "from glassnet.cli.root import root\n"
        "for of in ['--help'], ['train', '--help']:\n"
        "    try: root(of)\n"
        "    except SystemExit: pass\n"
        "    ours = sorted(m for m in sys.modules if 'commands' in m)\n"
        "    if len(of) == 1: print('OURS', ours)\n"
        "heavy = {'numpy', 'numba', 'matplotlib', 'rich', 'sklearn', 'scipy', 'pyarrow'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in run.stdout and "OURS []" in run.stdout
    assert ", ".join(OPTIMIZERS) in " ".join(run.stdout.split())  # named, and none loaded
    for name, (_, line) in COMMANDS.items():
        assert f"  {name}" in run.stdout and line.split()[0] in run.stdout


def test_training_on_points_imports_what_it_needs_alone(workplace):
    """A second ``train spiral`` takes 1.5 s: each of these would be 0.02 to 0.5 of it."""
    code = (
        "import sys\n"
        "from glassnet.cli import main\n"
        "sys.argv = ['glassnet', 'train', 'spiral', '--no-plots', '--quiet', '--epochs', '2']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'matplotlib', 'PIL', 'pyarrow', 'pandas', 'sklearn', 'scipy.linalg', 'rich',\n"
        "         'glassnet.explain', 'glassnet.tabular.fit', 'glassnet.data.columns'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in run.stdout


@pytest.mark.parametrize(
    "command", [[], *([name] for name in COMMANDS), *(["plot", name] for name in PLOTS)],
    ids=" ".join,
)  # fmt: skip
def test_every_command_has_help(glassnet, command):
    shown = glassnet(*command, "--help").stdout
    assert shown.startswith(f"Usage: glassnet {' '.join(command)}".rstrip())
    assert len(shown.splitlines()) > 5


def test_the_tables_name_what_there_is():
    for name in COMMANDS:
        assert root.get_command(None, name).name == name
    plot = root.get_command(None, "plot")
    for name in PLOTS:
        assert plot.get_command(None, name).name == name


def test_help_of_train_shows_the_defaults(glassnet):
    shown = glassnet("train", "--help").stdout
    assert "digits" in shown and "epochs" in shown


def test_version(glassnet):
    assert glassnet("--version").stdout == f"glassnet {package.__version__}\n"


def test_an_unknown_command_names_the_closest(glassnet):
    assert "did you mean 'train'" in glassnet.error("trian")


def test_a_refusal_from_the_shell_is_one_line():
    process = start("train", "spirl")
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert error.startswith("Error: unknown data set 'spirl'") and error.count("\n") == 1


@pytest.mark.parametrize("encoding", ["cp949", "ascii"])
def test_signs_that_the_pipe_cannot_carry_end_nothing(runs, encoding):
    """Where Windows is Korean, a pipe takes cp949, which has no ᵢ."""
    run = subprocess.run(
        [*PROGRAM, "explain", runs / "blobs"], capture_output=True, check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr.decode(encoding)
    assert "Check: the gradient" in run.stdout.decode(encoding)


def test_the_lab_refuses_folders_that_are_not_there(glassnet, workplace):
    for option in ("--data-dir", "--runs"):
        assert "there is no folder" in glassnet.error("lab", "--no-browser", option, "nowhere")


def test_the_lab_refuses_what_is_no_link(glassnet, workplace):
    for link in ("garbage", "http://127.0.0.1:1/abc/#garbage", "batch_size=0"):
        assert "is no link of the lab" in glassnet.error("lab", "--no-browser", "--link", link)
    (workplace / "empty").mkdir()
    assert "holds no run" in glassnet.error("lab", "--no-browser", "--run", "empty")


def test_what_only_a_table_needs_is_not_passed_over(glassnet, workplace):
    assert "iris.csv" in glassnet.error("train", "iris", "--target", "species")
    assert "is for tables" in glassnet.error("train", "iris", "--missing", "drop")
    assert not list(workplace.iterdir())


def test_a_rate_far_too_large_is_one_error(glassnet, workplace):
    """Without NumPy's warnings, which are errors here."""
    given = ["--learning-rate", "1e30", "--epochs", 1]
    result = glassnet("train", "iris", *given, code=1)
    assert "1 epoch of" in result.stderr and "the loss became" in result.stderr


def test_a_damaged_file_is_named_once(glassnet, runs, workplace):
    (workplace / "run").mkdir()
    (workplace / "run" / "settings.json").write_text("[]")
    shutil.copy(runs / "blobs" / "model.safetensors", workplace / "run")
    for command in ("summary", "evaluate"):
        assert glassnet.error(command, "run").count("settings.json") == 1


def test_a_damaged_model_of_ours_is_named_once_when_it_is_taken_in(glassnet, runs, workplace):
    whole = (runs / "blobs" / "model.safetensors").read_bytes()
    for old, new in ((b"dense/W", b"dense/Q"), (b'"model\\": {', b'"model\\": [')):
        assert old in whole
        (workplace / "bad.safetensors").write_bytes(whole.replace(old, new))
        said = glassnet.error("import", "bad.safetensors")
        assert said.count("bad.safetensors") == 1 and ".)" not in said


def test_a_reader_that_leaves_a_pipe_early_is_no_error(runs):
    rows = "x1,x2\n" + "0.5,0.5\n" * 20_000
    (runs / "many.csv").write_text(rows)
    with start("predict", runs / "blobs", runs / "many.csv") as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 1


SLOW = ["--epochs", "100000", "--no-plots", "--layers", "8", "--batch-size", "16"]


def wait_for(path, process, seconds=60):
    began = time.monotonic()
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - began < seconds
        time.sleep(0.02)


def test_ctrl_c_keeps_the_model_and_says_how_to_go_on(workplace):
    process = start("train", "xor", *SLOW)
    wait_for(workplace / "runs/xor/checkpoint.safetensors", process)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130 and out == "" and "Traceback" not in error
    assert "glassnet train --resume runs/xor" in error
    assert Sequential.load(workplace / "runs/xor/model.safetensors").built
    assert not (workplace / "runs/xor/report.json").exists()


@pytest.mark.parametrize("batches", [1, 7])
def test_killed_and_resumed_gives_the_same_bits(glassnet, workplace, batches):
    """SIGKILL just after a checkpoint in the middle of an epoch, and after one at its end."""
    settings = ["xor", "--epochs", "4", "--batch-size", "16", "--dropout", "0.2", "--no-plots"]
    glassnet("train", *settings, "--out", "whole")
    # The process kills itself at its checkpoint number 3, without any chance to tidy up.
    code = (
        "import os, signal, sys\n"
        "from glassnet.runs import training\n"
        "from glassnet.model import Sequential\n"
        f"training.CHECKPOINT_BATCHES, training.CHECKPOINT_SECONDS = {batches}, 0.0\n"
        "save, count = Sequential.save_checkpoint, [0]\n"
        "def save_and_die(self, path, run):\n"
        "    save(self, path, run)\n"
        "    count[0] += 1\n"
        "    if count[0] == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Sequential.save_checkpoint = save_and_die\n"
        "from glassnet.cli.root import root\n"
        "root(sys.argv[1:])\n"
    )
    arguments = ["train", *settings, "--out", "killed", "--quiet"]
    process = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True)
    assert process.returncode == -signal.SIGKILL
    assert not (workplace / "killed/model.safetensors").exists()
    before = read_tensors(workplace / "killed/checkpoint.safetensors")[1]["run"]
    assert (before["epoch"], before["batch"]) == {1: (0, 3), 7: (1, 7)}[batches]
    glassnet("evaluate", "killed")  # the model of the checkpoint
    glassnet("train", "--resume", "killed", "--no-plots")
    whole = Sequential.load("whole/model.safetensors")
    again = Sequential.load("killed/model.safetensors")
    assert np.array_equal(whole.parameters.values, again.parameters.values)
    assert Path("whole/history.csv").read_text() == Path("killed/history.csv").read_text()
    reports = [json.loads(Path(f, "report.json").read_text()) for f in ("whole", "killed")]
    assert reports[0]["held_out"] == reports[1]["held_out"]


def test_a_killed_ensemble_says_how_to_go_on_and_ends_with_the_same_bits(glassnet, workplace):
    rows = [f"{i % 17},{i % 5},{'yes' if i % 17 + i % 3 > 8 else 'no'}" for i in range(150)]
    Path("t.csv").write_text("\n".join(["a,b,y", *rows]))
    given = ["t.csv", "--target", "y", "--no-plots", "--seed", 4]
    glassnet("train", *given, "--out", "whole")
    code = (
        "import os, signal, sys\n"
        "from glassnet.runs import training\n"
        "from glassnet.tabular import resuming\n"
        "training.CHECKPOINT_SECONDS = 0.0\n"
        "write, count = resuming.write, [0]\n"
        "def write_and_die(training, path):\n"
        "    write(training, path)\n"
        "    count[0] += 1\n"
        "    if count[0] == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "resuming.write = write_and_die\n"
        "from glassnet.cli.root import root\n"
        "root(sys.argv[1:])\n"
    )
    arguments = ["train", *map(str, given), "--out", "killed", "--quiet"]
    process = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True)
    assert process.returncode == -signal.SIGKILL
    said = glassnet.error("predict", "killed", "t.csv")
    assert "has no model yet. Go on with: glassnet train --resume killed" in said
    glassnet("train", "--resume", "killed", "--no-plots")
    whole, again = (Sequential.load(f"{f}/model.safetensors") for f in ("whole", "killed"))
    assert np.array_equal(whole.parameters.values, again.parameters.values)
    assert Path("whole/history.csv").read_text() == Path("killed/history.csv").read_text()
    assert {f.name for f in Path("whole").iterdir()} == {f.name for f in Path("killed").iterdir()}


def test_a_disk_that_is_full_ends_with_1_and_the_old_files_whole(glassnet, workplace, monkeypatch):
    real = os.fsync

    def full(handle):
        if any(p.name.startswith(".model") for p in (workplace / "mine").glob(".*")):
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    said = glassnet.error("train", "blobs", "--epochs", 2, "--out", "mine", "--no-plots", code=1)
    assert "no space left on device" in said
    assert {p.name for p in (workplace / "mine").iterdir()} == {
        "settings.json", "checkpoint.safetensors", "history.csv",
    }  # fmt: skip
    monkeypatch.undo()
    os.chdir(workplace)
    glassnet("train", "--resume", "mine", "--no-plots")


def test_a_folder_that_cannot_be_written_is_named(glassnet, workplace, monkeypatch):
    (workplace / "file").write_text("")
    assert "file" in glassnet.error("train", "blobs", "--out", "file/run")

    def refuse(self, *arguments, **options):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert glassnet.error("train", "blobs", "--out", "mine") == "Error: mine: permission denied."


def test_too_little_memory_is_a_line(glassnet, workplace, monkeypatch):
    def load(settings):
        raise MemoryError("unable to allocate 3 TiB")

    monkeypatch.setattr("glassnet.runs.samples.load", load)
    assert "3 TiB" in glassnet.error("train", "blobs", code=1)
