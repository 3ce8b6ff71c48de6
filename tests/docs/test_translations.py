"""A page in another language says of which English text it is the translation, and is no older."""

import re
from pathlib import Path

import pytest

from glassnet.course.reading import FRONT, digest

DOCS = Path(__file__).parents[2] / "docs"
WRITTEN = ("api", "lessons")  # by the build
PAGES = sorted(page for page in (DOCS / "ko").rglob("*.md") if not set(WRITTEN) & set(page.parts))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_translation_is_of_the_english_text_as_it_is(page):
    english = DOCS / "en" / page.relative_to(DOCS / "ko")
    assert english.exists(), f"{page.name} translates no page"
    if page.name == "index.md":
        return  # the ways into the site: each language has its own
    text, source = page.read_text("utf-8"), english.read_text("utf-8")
    front = FRONT.match(text)
    now = f"mirrors: en@{digest(source)}"
    assert front and now in front[1], f"{page}: the English text changed; when it is mended, {now}"
    assert text.count("\n## ") == source.count("\n## ")


def test_every_page_can_be_reached_from_the_first():
    for language in ("en", "ko"):
        named = re.findall(r"^(guides/[\w-]+)$", (DOCS / language / "index.md").read_text(), re.M)
        there = [
            f"guides/{page.stem}" for page in sorted((DOCS / language / "guides").glob("*.md"))
        ]
        assert sorted(named) == there
