"""The Python on the page about scikit-learn runs, from top to bottom."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "en" / "guides" / "scikit-learn.md"


@pytest.mark.filterwarnings("ignore")  # short trainings that have not converged
def test_the_page():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 5
    here: dict[str, object] = {}
    for block in blocks:
        if not block.startswith("# needs"):
            alone = block.replace("n_jobs=2", "n_jobs=1")  # other processes take seconds to start
            exec(compile(alone, PAGE.name, "exec"), here)
    assert here["model"].n_iter_ > 5
    assert here["search"].best_score_ > 0.9
