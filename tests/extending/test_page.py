"""docs/en/guides/extending.md, followed from top to bottom with nothing else.

The Korean page has the same programs (tests/docs/test_translations.py).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "en" / "guides" / "extending.md"
KINDS = (
    "layer",
    "activation",
    "loss",
    "optimizer",
    "metric",
    "callback",
    "schedule",
    "initializer",
)


def test_the_page_runs_as_it_stands(tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.S | re.M)
    program = tmp_path / "mine.py"
    program.write_text("\n".join(blocks), "utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                   "PYTHONIOENCODING": "utf-8"}  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", program],
        cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "Scale" in ran.stdout and "[[3. 6.]]" in ran.stdout


def test_each_kind_has_an_example():
    headings = re.findall(r"^## An? (\w+)$", PAGE.read_text("utf-8"), re.M)
    assert headings == list(KINDS)
