"""Every message that exists in more than one language: one file for each language.

``en.json`` has them all.  A file with the same keys beside it, named by the code of the
language, is one language more: nothing else has to know it.  The first part of a key says who
says the message (``diagnosis``, ``mistakes``, ``plots``, ``lab``); braces are values that are
filled in.
JSON, because reading it takes a millisecond.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from glassnet._core.registry import lookup

FOLDER = Path(__file__).parent


@cache
def languages() -> dict[str, Path]:
    """The languages that there are, by code: ``{"en": …, "ko": …}``; English first."""
    found = sorted(FOLDER.glob("*.json"), key=lambda path: (path.stem != "en", path.stem))
    return {path.stem: path for path in found}


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All messages of one language by key: ``"diagnosis.diverged.advice"``.

    Raises:
        UnknownNameError: there is no such language.
    """
    path = lookup("language", languages(), language)
    messages: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return messages


@cache
def part(name: str, language: str) -> dict[str, str]:
    """The messages of one part, by the rest of their keys: ``part("lab", "ko")``."""
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


def of_reader(language: str | None = None) -> str:
    """The language to speak: ``language``, else GLASSNET_LANGUAGE, else the system's, else English.

    Raises:
        UnknownNameError: a language was asked for that there is not.
    """
    asked = language or os.environ.get("GLASSNET_LANGUAGE")
    if asked:
        lookup("language", languages(), asked)
        return asked.lower()
    import locale

    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):  # the first that is set decides
        if os.environ.get(name):
            return _code(os.environ[name])
    return _code(locale.getlocale()[0] or "")


def _code(name: str) -> str:
    """``ko`` of ``ko_KR.UTF-8`` and of Windows's ``Korean_Korea``; ``en`` of what is not known."""
    first = name.replace("-", "_").partition("_")[0].lower()
    code = {"korean": "ko", "english": "en"}.get(first, first)
    return code if code in languages() else "en"
