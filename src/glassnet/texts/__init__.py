"""Every message that exists in more than one language: one file for each language.

``en.toml`` has them all; a file with the same keys beside it, named by the code of the
language, is a language more: nothing else has to know it.  In the files, a table is the part
that says the messages, braces are values that are filled in.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from glassnet._core.registry import lookup

FOLDER = Path(__file__).parent


@cache
def languages() -> dict[str, Path]:
    """The languages that there are, by code: ``{"en": …, "ko": …}``; English first."""
    found = sorted(FOLDER.glob("*.toml"), key=lambda path: (path.stem != "en", path.stem))
    return {path.stem: path for path in found}


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All messages of one language by key: ``"diagnosis.diverged.advice"``.

    Raises:
        UnknownNameError: there is no such language.
    """
    path = lookup("language", languages(), language)
    flat: dict[str, str] = {}
    _flatten(tomllib.loads(path.read_text(encoding="utf-8")), "", flat)
    return flat


def _flatten(table: Mapping[str, Any], prefix: str, flat: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, str):
            flat[f"{prefix}{key}"] = value
        else:
            _flatten(value, f"{prefix}{key}.", flat)


@cache
def part(name: str, language: str) -> dict[str, str]:
    """The messages of one table, by the rest of their keys: ``part("lab", "ko")``."""
    prefix = f"{name}."
    messages = catalogue(language).items()
    return {key.removeprefix(prefix): text for key, text in messages if key.startswith(prefix)}


def text(key: str, language: str = "en", **values: Any) -> str:
    """The message ``key`` in ``language``, its values filled in.

    >>> text("diagnosis.nothing", "ko")
    '문제를 찾지 못했습니다'
    >>> text("diagnosis.layer", name="hidden")
    "layer 'hidden'"

    Raises:
        UnknownNameError: no such language, or no such message.
    """
    return lookup("message", catalogue(language), key).format_map(values)
