"""What the command line says, in the language of its reader.

English is what stands in the code; the other languages are in :mod:`glassnet.texts`, under "cli",
by their English.  What the library or Click says arrives as a finished sentence: a key with braces
is a pattern for such, so ``unknown {kind} {name}: …`` finds its translation again, with its values.
"""

from __future__ import annotations

import contextlib
import copy
import gettext
import inspect
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any

import click

from glassnet import texts
from glassnet.texts import retelling

_spoken: ContextVar[str] = ContextVar("language of the command line", default="en")


def spoken() -> str:
    """The language of now: "en", "ko"."""
    return _spoken.get()


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Inside, this language: of results, errors, help texts, and of words in pictures."""
    before = _spoken.set(language), texts.PICTURES.set(language)
    if language != "en":
        _teach_click()
    try:
        yield
    finally:
        _spoken.reset(before[0])
        texts.PICTURES.reset(before[1])


def tr(text: str, /, **values: Any) -> str:
    """``text`` in the language of now, with the values in their places.

    >>> tr("{n:,} bytes", n=12345)
    '12,345 bytes'
    """
    return texts.filled(texts.part("cli", spoken()).get(text, text), **values)


def cell(text: str) -> str:
    """What stands in a table, a word or a phrase with numbers, in the language of now."""
    told = texts.word(text)
    return retold(text) if told == text else told


def retold(text: str) -> str:
    """Finished English in the language of now; as it came where nothing is known."""
    return retelling.retold(text, spoken())


def asked(args: Sequence[str]) -> str | None:
    """The value of ``--language`` among the words of the command line."""
    for i, arg in enumerate(args):
        if arg == "--":
            break
        name, equals, value = arg.partition("=")
        if name == "--language":
            return value if equals else (args[i + 1] if i + 1 < len(args) else None)
    return None


def language_option() -> click.Option:
    """``--language``, as every command has it; its value was read before all others."""
    return click.Option(
        ["--language"], metavar="LANGUAGE", expose_value=False,
        help="en or ko.  [default: GLASSNET_LANGUAGE, or the system's]",
    )  # fmt: skip


def in_language(command: click.Command) -> click.Command:
    """A copy of the command whose help is in the language of now, with ``--language``."""
    told = copy.copy(command)
    own = list(command.params)
    at = next((i for i, p in enumerate(own) if p.name == "as_json"), len(own))
    own.insert(at, language_option())
    told.params = [_told(param) for param in own]
    if spoken() != "en":
        told.help = retold(inspect.cleandoc(command.help)) if command.help else command.help
        if command.epilog:
            told.epilog = "\n".join(map(retold, command.epilog.split("\n")))
    return told


def _told(param: click.Parameter) -> click.Parameter:
    if spoken() == "en" or not isinstance(param, click.Option):
        return param
    other = copy.copy(param)
    other.help = retold(param.help) if param.help else param.help
    if isinstance(param.show_default, str):
        other.show_default = retold(param.show_default)
    return other


@cache
def _teach_click() -> None:
    """Let Click's own words, which it asks gettext for, come from here."""
    import click.core
    import click.decorators
    import click.exceptions
    import click.formatting
    import click.parser
    import click.types

    for module in (click.core, click.decorators, click.exceptions, click.formatting,
                   click.parser, click.types):  # fmt: skip
        for name, asks in vars(module).copy().items():
            if asks is gettext.gettext:
                setattr(module, name, lambda text: texts.part("cli", spoken()).get(text, text))
            elif asks is gettext.ngettext:
                setattr(module, name, lambda one, more, n: (
                    texts.part("cli", spoken()).get(more, one if n == 1 else more)))  # fmt: skip
