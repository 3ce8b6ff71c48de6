"""A page in another language says of which English text it is the translation, and is no older.

Its programs, commands and tables are those of the English page; words in them are its own.
"""

import ast
import re
from pathlib import Path

import pytest

from glassnet.course.reading import FRONT, digest
from glassnet.texts import catalogue

DOCS = Path(__file__).parents[2] / "docs"
WRITTEN = ("api", "lessons")  # by the build
PAGES = sorted(page for page in (DOCS / "ko").rglob("*.md") if not set(WRITTEN) & set(page.parts))

PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^(?:    |\$ )((?:glassnet|pip|python|pytest|gcc) .*)$", re.MULTILINE)
PICTURE = re.compile(r"!\[[^]]*\]\(([^)]*)\)")


def bare(program: str) -> str:
    """What Python makes of it without comments and docstrings."""
    tree = ast.parse(program)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:]
    return ast.dump(tree)


def commands(text: str) -> list[str]:
    """Those of a page, without the words behind them."""
    return [re.split(r"\s*#|\s{2,}", line)[0] for line in COMMAND.findall(text)]


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
    assert text.count("\n|") == source.count("\n|"), "rows of tables"
    assert list(map(bare, PROGRAM.findall(text))) == list(map(bare, PROGRAM.findall(source)))
    assert commands(text) == commands(source)
    pictures = PICTURE.findall(text)
    assert pictures == [name.replace("-en.", "-ko.") for name in PICTURE.findall(source)]
    for name in pictures:
        assert (page.parent / name).exists()


def test_every_page_can_be_reached_from_the_first():
    for language in ("en", "ko"):
        named = re.findall(r"^(guides/[\w-]+)$", (DOCS / language / "index.md").read_text(), re.M)
        there = [
            f"guides/{page.stem}" for page in sorted((DOCS / language / "guides").glob("*.md"))
        ]
        assert sorted(named) == there


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_guide_calls_the_rooms_of_the_lab_as_the_lab_does(language):
    text = (DOCS / language / "guides" / "lab.md").read_text("utf-8")
    rooms = [name for key, name in catalogue(language).items() if key.startswith("lab.room.")]
    assert set(rooms) <= set(re.findall(r"^## (.*)$", text, re.M))
