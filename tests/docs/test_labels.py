"""The labels of the site's pages: each names one place, and none is a page that Sphinx writes."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "ko")
SPHINX = ("genindex", "modindex", "py-modindex", "search")


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_are_unique(language: str) -> None:
    lessons = (ROOT / "src/glassnet/course/lessons").glob(f"*/{language}.md")
    guides = (ROOT / "docs" / language).rglob("*.md")  # a build leaves copies of the lessons there
    pages = [*lessons, *(page for page in guides if page.parent.name != "lessons")]
    labels = Counter(
        label
        for page in pages
        for label in re.findall(r"^\(([^()\s]+)\)=$", page.read_text("utf-8"), re.MULTILINE)
    )
    assert len(labels) > 28
    labels.update(SPHINX)
    assert [label for label, times in labels.items() if times > 1] == []
