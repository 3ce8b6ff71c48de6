"""How files and classes are called, whatever wrote their names."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence


def spelled(name: str) -> str:
    """A name as text: macOS takes 한 apart, old Korean archives are not UTF-8.

    >>> spelled("강아지"), spelled("a\\x1b[2J")
    ('강아지', 'a\\\\x1b[2J')
    """
    raw = os.fsencode(name)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = raw.decode("cp949")
        except UnicodeDecodeError:
            text = raw.decode("utf-8", "backslashreplace")
    text = unicodedata.normalize("NFC", text)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def is_utf8(name: str) -> bool:
    """Whether the name of a file is UTF-8."""
    try:
        os.fsencode(name).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def class_order(labels: Iterator[str] | Sequence[str]) -> list[str]:
    """The classes in the order of their names; of numbers, in that of the numbers.

    >>> class_order(["10", "9"]), class_order(["b", "a", "b"])
    (['9', '10'], ['a', 'b'])
    """
    different = set(labels)
    if all(label.isdecimal() for label in different):
        return sorted(different, key=lambda label: (int(label), label))
    return sorted(different)
