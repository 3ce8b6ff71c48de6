"""What Python says with arguments, said with the options of the command line."""

from __future__ import annotations

import ast
import re
import shlex

OPTIONS = (
    "ignore", "categorical", "missing", "missing_values", "decimal", "thousands", "delimiter",
    "encoding", "task", "unknown", "max_categories", "header", "names", "strict", "target",
    "size", "aspect", "test", "class_weight", "augment", "effort", "validation", "patience",
    "shards",
)  # fmt: skip
GIVEN = re.compile(
    rf"(?<![\w.-])({'|'.join(OPTIONS)})=(\[[^\]]*\]|\"[^\"]*\"|'[^']*'|True|False|\d+)?"
)


def in_options(text: str) -> str:
    """A message in the words of the command line.

    >>> in_options("leave it out: ignore=['car name', 'id'] missing=\\"fill\\"")
    "leave it out: --ignore 'car name' --ignore id --missing fill"
    >>> in_options("header=False, or names=['a', …]; raise max_categories=")
    '--no-header, or --names a,…; raise --max-categories'
    """
    return GIVEN.sub(lambda found: _option(found[1], found[2]), text)


def _option(name: str, value: str | None) -> str:
    spelled = f"--{name.replace('_', '-')}"
    if value is None:
        return spelled
    try:
        given = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        given = [part.strip(" '\"[]") for part in value.split(",")]
    if isinstance(given, bool):
        return spelled if given else f"--no-{name}"
    if isinstance(given, list):
        words = [str(each) for each in given]
        if name in ("ignore", "categorical"):
            return " ".join(f"{spelled} {shlex.quote(word)}" for word in words)
        plain = ",".join(words)
        return f"{spelled} {plain if '…' in plain else shlex.quote(plain)}"
    return f"{spelled} {shlex.quote(str(given))}"
