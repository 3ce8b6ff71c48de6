"""PyTorch as one more judge: it agrees with the solutions, and is asked once."""

from pathlib import Path
from typing import Any

import pytest

from glassnet.course.catalog import find, lessons
from glassnet.course.judging import pytorch
from glassnet.course.judging.judge import PYTORCH
from glassnet.course.judging.process import check_file

COMPARED = [lesson for lesson in lessons().values() if pytorch.counterparts(lesson)]
WRONG = {  # wrong in numbers, each in a part that is compared
    "affine": "mean_of_bias_gradient", "batch_norm": "variance_constant",
    "convolution": "flipped_kernel", "losses": "sum_for_mean", "optimizers": "no_bias_correction",
    "pooling": "gradient_shared_out", "relu": "mask_by_gradient", "softmax": "sum_over_the_batch",
    "softmax_loss": "softmax_twice",
}  # fmt: skip


@pytest.fixture(params=COMPARED, ids=lambda lesson: lesson.name)
def lesson(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_lessons_that_say_so_are_compared() -> None:
    assert {"softmax", "losses", "affine", "optimizers"} <= {one.name for one in COMPARED}
    for one in COMPARED:
        assert set(pytorch.counterparts(one)) <= set(one.writes)


def test_without_pytorch_nothing_is_said(tmp_path: Path) -> None:
    relu = find("relu")
    (tmp_path / "relu.py").write_text(relu.solution, "utf-8")
    assert pytorch.asked(relu, 0) is None
    report = check_file(relu, tmp_path / "relu.py")
    assert report.ok and all(row.key != PYTORCH for row in report.rows)
    assert pytorch.read_answers(tmp_path / "none.npz", relu) is None
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 no archive")
    assert pytorch.read_answers(tmp_path / "broken.npz", relu) is None


@pytest.mark.parity
def test_it_says_the_same_of_the_solution_and_not_of_a_mistake(lesson: Any, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    path = tmp_path / f"{lesson.name}.py"
    path.write_text(lesson.solution, "utf-8")
    asked: list[str] = []
    report = check_file(lesson, path, seed=1, told=lambda: asked.append("once"))
    rows = [row for row in report.rows if row.key == PYTORCH]
    assert report.ok and {row.part for row in rows} == set(pytorch.counterparts(lesson))
    assert all(f"PyTorch {pytorch.version()} gives the same" in row.title for row in rows)
    mutant = next(m for m in lesson.mutants if m.name == WRONG[lesson.name])
    path.write_text(mutant.made_of(lesson.solution), "utf-8")
    wrong = check_file(lesson, path, seed=1, told=lambda: asked.append("again"))
    failed = [row for row in wrong.rows if row.key == PYTORCH and not row.ok]
    assert [row.part for row in failed] == [mutant.part]
    assert asked == ["once"]  # the answers are kept: no second import
