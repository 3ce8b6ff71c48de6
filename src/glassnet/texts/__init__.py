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
import re
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache, partial
from pathlib import Path
from typing import Any

from glassnet._core.registry import lookup
from glassnet.texts.particles import settled

FOLDER = Path(__file__).parent

# The language of the words in pictures and reports that are made now.
PICTURES: ContextVar[str] = ContextVar("language of the pictures", default="en")


@cache
def languages() -> dict[str, Path]:
    """The languages that there are, by code: ``{"en": …, "ko": …}``; English first."""
    found = sorted(FOLDER.glob("*.json"), key=lambda path: (path.stem != "en", path.stem))
    return {path.stem: path for path in found}


@cache
def written(language: str) -> dict[str, str]:
    """The messages that the file of one language has.

    Raises:
        UnknownNameError: there is no such language.
    """
    path = lookup("language", languages(), language)
    messages: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return messages


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All messages of one language by key, ``"diagnosis.diverged.advice"``.

    They are English where its file has none: it may be under way.

    Raises:
        UnknownNameError: there is no such language.
    """
    return {**written("en"), **written(language)}


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
    return filled(lookup("message", catalogue(language), key), **values)


def word(english: str, /, **values: Any) -> str:
    """A word or a line of a report, in the language of now; English where it has no other.

    Its translations stand under "said", by the English with its values in braces.
    """
    told = part("said", PICTURES.get()).get(english, english)
    return filled(told, **values) if values else told


def percent(number: str) -> str:
    """A number of hundredths as the language of now writes it: ``97 %``, ``97%``."""
    return word("{number} %", number=number)


def in_formula(formula: str) -> str:
    """A formula whose few English words are in the language of now: ``… (59 smaller terms)``.

    Their translations stand under "formula"; braces are numbers.
    """
    for pattern, told in _of_formulas(PICTURES.get()):
        formula = pattern.sub(partial(_in_words, told), formula)
    return formula


def _in_words(told: str, found: re.Match[str]) -> str:
    return told.format_map(found.groupdict())


@cache
def _of_formulas(language: str) -> list[tuple[re.Pattern[str], str]]:
    """What stands for the words of formulas, the longest first."""
    found = []
    for english, told in sorted(part("formula", language).items(), key=lambda pair: -len(pair[0])):
        words = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[\\d.,×]+)", re.escape(english))
        found.append((re.compile(rf"(?<![A-Za-z]){words}(?![A-Za-z])"), told))
    return found


def filled(template: str, /, **values: Any) -> str:
    """The template with its values, and with the particles that fit them.

    >>> filled("{name}은(는) {n}(으)로", name="값", n=10)
    '값은 10으로'
    """
    return settled(template.format_map(values))


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
