"""Files of learners that do what no file should: one kind sentence, the line, nothing left."""

from __future__ import annotations

import json
import os
import re
import signal
import tempfile
import time
from pathlib import Path

import pytest

from glassnet import texts
from glassnet.course.catalog import find
from glassnet.course.judging.process import check_file
from glassnet.course.judging.source import COMMON
from glassnet.course.report import Report

LESSON = find("relu")
RIGHT = LESSON.solution
FORWARD = "        self.mask = x > 0\n        return np.where(self.mask, x, 0)\n"
LINE = RIGHT[: RIGHT.index(FORWARD)].count("\n") + 1  # of the first line of ReLU.forward


def judged(folder: Path, source: str, language: str = "en", seconds: float = 10.0) -> Report:
    path = folder / "relu.py"
    path.write_text(source, encoding="utf-8")
    return check_file(LESSON, path, language=language, seconds=seconds)


def forward(*lines: str) -> str:
    """The right file with other lines in ReLU.forward."""
    assert FORWARD in RIGHT
    return RIGHT.replace(FORWARD, "".join(f"        {line}\n" for line in lines))


def start_of(key: str, language: str) -> str:
    """The words of a message before its first value."""
    return texts.catalogue(language)[f"course.{key}"].partition("{")[0]


# what stops the judging: (source, message, line)
STOPS = {
    "no Python": ("import numpy as np\ndef f(:\n    pass\n", "syntax", 2),
    "return outside": ("def f():\n    x = 1\nreturn x\n", "syntax", 3),
    "a module that is not there": ("import numpy as np\nimport nampai\n", "no_module", 2),
    "sys.exit": ("import sys\n\nsys.exit(3)\n", "leaves", 3),
    "an error at the top": ("x = 1\ny = x / 0\n", "raised", 2),
    "no end": ("x = 1\nwhile x:\n    x = 2\n", "endless", None),
    "ten million numbers": (f"x = [{'1,' * 10_000_000}]\n", "large", None),
    "a gigabyte printed": ("while True:\n    print('a' * 10_000)\n", "floods", 2),
}


@pytest.mark.parametrize("case", STOPS)
def test_what_cannot_be_judged(case: str, tmp_path: Path) -> None:
    source, key, line = STOPS[case]
    for language in texts.languages():
        report = judged(tmp_path, source, language, seconds=1.5)
        assert report.status == 2 and not report.ok
        assert report.error.startswith(start_of(key, language)), report
        assert "\n" not in report.error and len(report.printed) < 1000
        assert "relu.py" in report.where
        if line is not None:
            assert report.where == f"relu.py:{line}"


UNREADABLE = (
    "def f(x)\n  pass", "x = (1,\n", "x = [1\n", "x = {1\n", "x = 1)\n", "x = 1]\n", "x = 1}\n",
    "x = 'a\n", "if x:\n  a\n b\n", "  x = 1\n", "def f():\nx=1", "print 3\n", "x = [1 2]\n",
    "if x = 1:\n  a", "if x:\n\ta\n        b\n", "else:\n a", "return 3\n", "break\n",
)  # fmt: skip


def test_what_python_cannot_read_is_said_in_the_learners_words(tmp_path: Path) -> None:
    said = set()
    for source in UNREADABLE:
        error = judged(tmp_path, source, "ko").error
        assert re.fullmatch(r"[^A-Za-z]*((print|return|break)[^A-Za-z]*)*", error), error
        said.add(error)
        english = judged(tmp_path, source).error
        assert english.isascii() and "?." not in english
    assert len(said) == len(UNREADABLE) == len(COMMON)


def test_what_is_printed_is_shown_by_its_beginning(tmp_path: Path) -> None:
    report = judged(tmp_path, RIGHT + "for i in range(90):\n    print(i)\n")
    assert report.ok and report.printed.splitlines() == [*"012345678", "9 …"]


def test_one_missing_method_is_said_once(tmp_path: Path) -> None:
    report = judged(tmp_path, "class ReLU:\n    pass\nclass Sigmoid:\n    pass\n")
    assert [row.key for row in report.rows if not row.ok] == ["relu_forward", "sigmoid_forward"]


def test_numbers_of_a_wrong_answer_make_no_check_warn(tmp_path: Path) -> None:
    """A logarithm of what should have been positive: the check is wrong for nobody."""
    path = tmp_path / "search.py"
    source = find("search").solution
    path.write_text(next(m for m in find("search").mutants if m.name == "exponent_returned")
                    .made_of(source), encoding="utf-8")  # fmt: skip
    assert check_file(find("search"), path).printed == ""


# what makes checks fail: lines of ReLU.forward, and the message
FAILS = {
    "an error": (["return x.nothing"], "raised"),
    "None": (["y = np.maximum(x, 0)"], "returned_none"),
    "a string": (["return 'relu'"], "returned_text"),
    "a list": (["return [0.0]"], "returned_list"),
    "an object": (["return object()"], "returned_thing"),
    "complex numbers": (["return x + 1j"], "returned_thing"),
    "NaN": (["self.mask = x > 0", "return x * np.nan"], "value_for"),
    "another shape": (["self.mask = x > 0", "return np.zeros((1, 1, 2))"], "shape"),
    "os._exit": (["import os", "os._exit(0)"], "leaves"),
    "a signal": (["import os, signal", "os.kill(os.getpid(), signal.SIGKILL)"], "leaves"),
    "abort": (["import os", "os.abort()"], "leaves"),
    "input": (["input('?')"], "asks"),
    "itself": (["return self.forward(x)"], "recursion"),
    "much memory": (["return np.ones(10**12)"], "memory"),
}


@pytest.mark.parametrize("case", FAILS)
def test_what_is_wrong_in_one_kind_sentence(case: str, tmp_path: Path) -> None:
    lines, key = FAILS[case]
    report = judged(tmp_path, forward(*lines))
    assert report.status == 1 and not report.error
    first = next(row for row in report.rows if not row.ok)
    expected = start_of(key, "en")
    assert first.detail.startswith(expected) or key.startswith("returned"), first
    assert texts.catalogue("en")[f"course.{key}"].rpartition("}")[2] in first.detail
    assert first.where.startswith("relu.py:") and "\n" not in first.detail
    assert all(row.ok for row in report.rows if row.part == "Sigmoid")  # the rest is judged


def test_the_line_is_that_of_the_fault(tmp_path: Path) -> None:
    report = judged(tmp_path, forward("y = x + 0", "return y.nothing"))
    assert report.rows[0].where == f"relu.py:{LINE + 1}"
    assert sum("nothing" in row.detail for row in report.rows) == 1  # said once


def test_an_endless_loop_in_a_method_says_its_line(tmp_path: Path) -> None:
    began = time.monotonic()
    report = judged(tmp_path, forward("while True:", "    pass"), seconds=1.5)
    assert time.monotonic() - began < 30
    assert report.status == 2
    assert report.where in {f"relu.py:{LINE}", f"relu.py:{LINE + 1}"}


def test_the_line_is_found_in_a_file_with_a_korean_name(tmp_path: Path) -> None:
    path = tmp_path / "홍길동" / "홍은채 é 😀.py"
    path.parent.mkdir()
    path.write_text(forward("while True:", "    pass"), encoding="utf-8")
    report = check_file(LESSON, path, seconds=1.5)
    assert report.where in {f"{path.name}:{LINE}", f"{path.name}:{LINE + 1}"}
    assert report.error.startswith("after 1.5 seconds")


@pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="Windows has no such clock")
def test_a_busy_machine_gives_an_endless_loop_no_more_of_the_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.course.judging.process._busy", lambda: 1000.0)
    report = judged(tmp_path, forward("while True:", "    pass"), seconds=1.0)
    assert report.error.startswith(start_of("endless", "en")) and "after 1 seconds" in report.error
    assert report.where in {f"relu.py:{LINE}", f"relu.py:{LINE + 1}"}


def test_the_random_seed_of_the_file_changes_nothing(tmp_path: Path) -> None:
    wrong = RIGHT.replace("return np.where(self.mask, x, 0)", "return np.where(self.mask, x, 1)")
    seeded = wrong.replace("self.mask = x > 0", "np.random.seed(0); self.mask = x > 0")
    assert judged(tmp_path, seeded).rows == judged(tmp_path, wrong).rows


def test_another_signature(tmp_path: Path) -> None:
    report = judged(tmp_path, RIGHT.replace("def forward(self, x)", "def forward(self)", 1))
    assert "cannot be called with 1 arguments" in report.rows[0].detail
    assert report.rows[0].where == f"relu.py:{LINE - 1}"


def test_a_file_that_lacks_a_class(tmp_path: Path) -> None:
    report = judged(tmp_path, RIGHT[: RIGHT.index("class Sigmoid")])
    assert report.status == 1
    assert [row.detail for row in report.rows if not row.ok] == ["the file has no Sigmoid."]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    home = tmp_path / "home"
    home.mkdir()
    (home / "random.py").write_text("raise SystemExit('not this one')")  # hides nothing
    source = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid)\n" + RIGHT
    )
    report = judged(home, source)
    assert report.ok, report
    assert sorted(path.name for path in home.iterdir()) == ["random.py", "relu.py"]
    assert not list(place.iterdir())
    time.sleep(0.2)
    state = Path(f"/proc/{int(report.printed)}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"
    assert os.getpid() != int(report.printed)


def test_a_notebook_runs_what_it_needs(tmp_path: Path) -> None:
    slow = "raise RuntimeError('a training run')"
    cells = ["%matplotlib inline\nimport numpy as np", slow, RIGHT, slow, "# a remark"]
    path = tmp_path / "mine.ipynb"
    notebook = {"cells": [{"cell_type": "code", "source": [cell]} for cell in cells]}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert check_file(LESSON, path).ok
    notebook["cells"].append({"cell_type": "code", "source": [forward("return 'x'")]})
    path.write_text(json.dumps(notebook), encoding="utf-8")
    report = check_file(LESSON, path)
    assert report.status == 1 and report.rows[0].where == f"mine.ipynb [6]:{LINE - 1}"
    path.write_text("{", encoding="utf-8")
    assert check_file(LESSON, path).status == 2
