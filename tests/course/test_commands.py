"""``glassnet learn`` and ``glassnet check``, as a learner and a teacher use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from glassnet.cli.root import root
from glassnet.course import check
from glassnet.course.catalog import find, lessons
from glassnet.course.judging.process import check_file
from glassnet.course.progress import progress
from glassnet.course.report import Report
from glassnet.errors import ConfigError

RELU = find("relu")
WRONG = RELU.solution.replace(
    "return np.where(self.mask, dout, 0)", "dout[~self.mask] = 0; return dout"
)


def glassnet(*args: str) -> Result:
    result = CliRunner().invoke(root, args)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def test_from_the_list_to_the_tick() -> None:
    first, *_ = lessons()
    listed = glassnet("learn")
    assert listed.output.count("\n") == len(lessons()) + 2 and "✓" not in listed.output
    assert f"Next: glassnet learn {first}" in listed.output
    lesson = glassnet("learn", "16")
    assert RELU.lab in lesson.output and "activations/relu.py" in lesson.output
    path = Path("glassnet-lessons/relu.py")
    assert path.read_text("utf-8") == RELU.exercise("en")
    assert glassnet("check", "relu").exit_code == 1
    path.write_text(RELU.solution, encoding="utf-8")
    glassnet("learn", "relu")
    assert path.read_text("utf-8") == RELU.solution  # what is there stays
    right = glassnet("check", "relu")
    assert right.exit_code == 0 and str(path.resolve()) in right.output
    assert "passed" in progress()["relu"] and "✓ 16  relu" in glassnet("learn").output


def test_a_mistake_is_named_in_the_language_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine.py").write_text(WRONG, encoding="utf-8")
    english = glassnet("check", "mine.py")
    assert english.exit_code == 1
    assert "dout[mask] = 0 on the caller's array" in english.output
    assert f"glassnet lab --link '{RELU.lab}'" in english.output
    korean = glassnet("check", "mine.py", "--language", "ko")
    assert "호출한 쪽의 배열에 dout[mask] = 0" in korean.output
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert glassnet("check", "mine.py").output == korean.output
    monkeypatch.setenv("GLASSNET_LANGUAGE", "en")
    assert glassnet("check", "mine.py").output == english.output
    assert glassnet("check", "mine.py", "--language", "fr").exit_code == 2


def test_hints_solution_and_a_new_file() -> None:
    hints = [glassnet("check", "relu", "--hint").output for _ in range(4)]
    assert [hint[:9] for hint in hints] == ["Hint 1 of", "Hint 2 of", "Hint 3 of", "Hint 3 of"]
    assert glassnet("check", "relu", "--solution").output == RELU.solution
    glassnet("learn", "relu")
    path = Path("glassnet-lessons/relu.py")
    path.write_text("mine", encoding="utf-8")
    glassnet("check", "relu", "--reset", "--language", "ko")
    assert path.read_text("utf-8") == RELU.exercise("ko")
    assert Path("glassnet-lessons/relu.py.1").read_text("utf-8") == "mine"


def test_what_cannot_be_judged_has_its_own_status() -> None:
    assert glassnet("check", "relu").exit_code == 2  # no file yet
    assert glassnet("check", "nothing.py").exit_code == 2
    assert "did you mean" in glassnet("check", "rely").output
    assert glassnet("check").exit_code == 2
    Path("odd.py").write_text("x = 1\n", encoding="utf-8")
    assert "which lesson" in glassnet("check", "odd.py").output
    assert glassnet("check", "relu", "odd.py").exit_code == 1


def test_json_and_gradescope() -> None:
    Path("mine.py").write_text(WRONG, encoding="utf-8")
    result = glassnet("check", "relu", "mine.py", "--json", "--gradescope", "results.json")
    report = json.loads(result.output)
    assert result.exit_code == report["status"] == 1
    assert [named["name"] for named in report["named"]] == ["gradient_overwritten"]
    scores = json.loads(Path("results.json").read_text("utf-8"))["tests"]
    assert sum(test["score"] for test in scores) == sum(row["ok"] for row in report["rows"])
    assert {test["status"] for test in scores} == {"passed", "failed"}
    listed = json.loads(glassnet("learn", "--json").output)
    assert [entry["name"] for entry in listed["lessons"]] == list(lessons())


def test_a_class_of_files() -> None:
    folder = Path("class")
    for name, source in (
        ("right", RELU.solution), ("wrong", WRONG), ("broken", "def f(:"), ("odd", "x = 1"),
    ):  # fmt: skip
        (folder / name).mkdir(parents=True)
        (folder / name / ("x.py" if name == "odd" else "relu.py")).write_text(source, "utf-8")
    result = glassnet("check", "--all", "class", "--json")
    judged = {entry["file"]: entry for entry in json.loads(result.output)}
    assert result.exit_code == 2
    statuses = {Path(name).parts[0]: entry["status"] for name, entry in judged.items()}
    assert statuses == {"right": 0, "wrong": 1, "broken": 2, "odd": 2}
    table = glassnet("check", "relu", "--all", "class")
    assert "1 of 4 files are right" in table.output and "no sandbox" in table.output
    assert "dout[mask] = 0" in table.output
    assert glassnet("check", "--all", "nowhere").exit_code == 2


def test_watching_ends_when_it_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    glassnet("learn", "relu")
    path = Path("glassnet-lessons/relu.py").resolve()
    statuses: list[int] = []

    def judge_and_write(*args: Any, **options: Any) -> Report:
        report = check_file(*args, **options)
        statuses.append(report.status)
        path.write_text(RELU.solution, encoding="utf-8")  # the learner saves
        return report

    monkeypatch.setattr("glassnet.course.judging.process.check_file", judge_and_write)
    result = glassnet("check", "relu", "--watch")
    assert result.exit_code == 0 and statuses == [1, 0]
    assert "✗" in result.output and "All right." in result.output


def test_with_the_learners_own_classes() -> None:
    layers, home = find("layers"), Path("glassnet-lessons")
    home.mkdir()
    (home / "layers.py").write_text(layers.solution, encoding="utf-8")
    for name in ("affine", "relu"):
        (home / f"{name}.py").write_text(find(name).solution, encoding="utf-8")
    missing = glassnet("check", "layers", "--mine")
    assert missing.exit_code == 2 and "learn softmax_loss` makes that file" in missing.output
    own = find("softmax_loss").solution.replace("class SoftmaxWithLoss:", "class SoftmaxWithLoss:\n"
                                                "    print('my own')")  # fmt: skip
    (home / "softmax_loss.py").write_text(own, encoding="utf-8")
    right = glassnet("check", "layers", "--mine")
    assert right.exit_code == 0 and "  | my own" in right.output, right.output
    assert "with your own affine.py, relu.py, softmax_loss.py" in right.output
    (home / "relu.py").write_text(WRONG, encoding="utf-8")
    wrong = glassnet("check", "layers", "--mine", "--language", "ko")
    assert wrong.exit_code == 2 and "glassnet check relu" in wrong.output
    assert "relu.py:" in wrong.output
    assert glassnet("check", "layers").exit_code == 0  # it stands alone
    assert "Leave --mine out" in glassnet("check", "affine", "--mine").output


def test_in_python() -> None:
    space: dict[str, object] = {}
    exec(RELU.solution, space)
    report = check.relu(space["ReLU"], space["Sigmoid"])
    assert report.ok and bool(report) and "passed" in progress()["relu"]
    some = check.relu(space["Sigmoid"])  # by its name
    assert some.ok and {row.part for row in some.rows} == {"Sigmoid"} and not some.whole

    class Mine:
        def forward(self, x: object) -> str:
            return "<b>"

    wrong = check.relu(Mine, language="ko")
    assert not wrong and {row.part for row in wrong.rows} == {"ReLU"}
    html = wrong._repr_html_()
    assert "&lt;b&gt;" in html and "<b>'" not in html and 'lang="ko"' in html
    with pytest.raises(ConfigError, match="takes ReLU, Sigmoid"):
        check.relu(1, 2, 3)
    with pytest.raises(AttributeError, match="unknown lesson"):
        _ = check.rel
