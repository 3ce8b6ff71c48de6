"""The catalogues match, and every text that is used exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from glassnet.lab import fields
from glassnet.lab.server.web import page_texts, static_files
from glassnet.runs.recipes import Settings

STATIC = static_files()
USED = re.compile(
    r"""\b(?:t|label|title):\s*\[?\s*"([a-z_]+\.[\w.]+)"|\bt\(\s*"([a-z_]+\.[\w.]+)"|"""
    r'''"?(?:aria-label|title|placeholder|aria-description)"?:\s*\[?\s*"([a-z_]+\.[\w.]+)"'''
)


ENGLISH = page_texts()["en"]


@pytest.mark.parametrize("field", fields.TABLE, ids=lambda f: f.name)
def test_every_field_and_choice_has_its_texts(field: fields.Field) -> None:
    assert f"field.{field.name}" in ENGLISH
    if field.kind == "choice":
        for choice in field.choices:
            key = f"{field.choice_texts}.{choice}"
            # an activation that has no text goes by its own name: t() takes the end of the key
            assert key in ENGLISH or field.choice_texts == "activation"


def scripts() -> list[tuple[str, Path]]:
    return [(name, path) for name, path in STATIC.items()
            if name.endswith(".js")]  # fmt: skip


def test_every_text_that_the_page_uses_exists() -> None:
    used = {
        key: name
        for name, path in scripts()
        for groups in USED.findall(path.read_text(encoding="utf-8"))
        for key in groups
        if key
    }
    missing = {key: name for key, name in used.items() if key not in ENGLISH}
    assert not missing
    assert len(used) > 10  # the pattern still finds them


def test_modules_are_small_and_fetch_nothing_from_elsewhere() -> None:
    for name, path in scripts():
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300, name
        assert not re.search(r"https?://(?!www\.w3\.org/)", text), name
        assert "innerHTML" not in text and "eval(" not in text, name


def test_every_setting_of_a_run_has_its_words() -> None:
    """The room of saved runs lists them: English in a Korean page is what is missing here."""
    for name in Settings.__dataclass_fields__:
        assert f"setting.{name}" in ENGLISH or f"field.{name}" in ENGLISH, name
