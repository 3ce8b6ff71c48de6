"""The catalogues match, and every text that is used exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from glassnet.lab import fields
from glassnet.lab.app import static_files

STATIC = static_files()
ENTRY = re.compile(r'^\s*"((?:[^"\\]|\\.)+)":\s*"((?:[^"\\]|\\.)*)",?\s*$')
USED = re.compile(
    r"""\b(?:t|label|title):\s*\[?\s*"([a-z_]+\.[\w.]+)"|\bt\(\s*"([a-z_]+\.[\w.]+)"|"""
    r'''"?(?:aria-label|title|placeholder|aria-description)"?:\s*\[?\s*"([a-z_]+\.[\w.]+)"'''
)


def catalogue(language: str) -> dict[str, str]:
    lines = STATIC[f"i18n/{language}.js"].read_text(encoding="utf-8").splitlines()
    found: dict[str, str] = {}
    for line in lines:
        if line.strip().startswith('"'):
            entry = ENTRY.match(line)
            assert entry, f"{language}: not one entry on a line: {line}"
            assert entry[1] not in found, f"{language}: {entry[1]} stands twice"
            found[entry[1]] = entry[2]
    return found


ENGLISH, KOREAN = catalogue("en"), catalogue("ko")


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(ENGLISH) == list(KOREAN)


def test_no_text_is_empty_and_both_have_the_same_places_to_fill() -> None:
    for key in ENGLISH:
        assert ENGLISH[key].strip() and KOREAN[key].strip(), key
        places = [sorted(re.findall(r"\{(\w+)\}", text)) for text in (ENGLISH[key], KOREAN[key])]
        assert places[0] == places[1], key


@pytest.mark.parametrize("field", fields.TABLE, ids=lambda f: f.name)
def test_every_field_and_choice_has_its_texts(field: fields.Field) -> None:
    assert f"field.{field.name}" in ENGLISH
    if field.kind == "choice":
        for choice in field.choices:
            key = f"room.{choice}" if field.name == "room" else f"choice.{field.name}.{choice}"
            assert key in ENGLISH


def scripts() -> list[tuple[str, Path]]:
    return [(name, path) for name, path in STATIC.items()
            if name.endswith(".js") and not name.startswith("i18n/")]  # fmt: skip


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
