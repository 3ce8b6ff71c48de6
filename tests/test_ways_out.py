"""Every way out that a message names is there: commands, options, Python names and arguments.

The messages are the string constants in the source that are no docstrings. What they name is
read from them and looked up: in the command line's own tables, in the packages, in signatures.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path

import click

import glassnet
from glassnet import Sequential, callbacks, layers, optimizers
from glassnet._core.attributes import settings_of
from glassnet._core.settings import keywords_of
from glassnet.cli.root import COMMANDS, root
from glassnet.cli.words import ELSEWHERE

ROOT = Path(glassnet.__file__).parent
PLACES = (
    "activations", "callbacks", "calculus", "data", "experiments", "explain", "initializers",
    "interop", "layers", "losses", "metrics", "networks", "optimizers", "plots", "schedules",
    "sklearn", "verify",
)  # fmt: skip
OPTION = r"(?<![\w-])--[a-z][a-z0-9-]*"
GAP = "…"  # what an f-string puts in
# Programs of others, and of learners.
CODE = ("interop/source", "lab/rooms/playground/scripting", "course/lessons")
NOT_OURS = {"losses.sum", "losses.mean", "data.pkl"}  # what a wrong program has; a file


@cache
def messages() -> list[tuple[str, str]]:
    """Where, and what: f-strings with … for what they put in."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        if where.startswith(CODE):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        inside = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for part in ast.walk(node)
            if part is not node
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                inside.add(id(node.value))  # a docstring
        for node in ast.walk(tree):
            if id(node) in inside:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append((f"{where}:{node.lineno}", node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = [p.value if isinstance(p, ast.Constant) else GAP for p in node.values]
                found.append((f"{where}:{node.lineno}", "".join(map(str, parts))))
    for path in sorted((ROOT / "texts").glob("*.json")):
        found += [(path.name, text) for text in json.loads(path.read_text("utf-8")).values()]
    return [(where, re.sub(r"var\(--\w+\)", "", text)) for where, text in found if " " in text]


@cache
def options() -> dict[str, set[str]]:
    """Command → its options, those of ``plot`` all together."""
    found: dict[str, set[str]] = {}
    for name in COMMANDS:
        context = click.Context(root)
        command = root.get_command(context, name)
        below = [command]
        if isinstance(command, click.Group):
            below += [command.get_command(context, sub) for sub in command.list_commands(context)]
        found[name] = {
            word for one in below for p in one.params for word in (*p.opts, *p.secondary_opts)
        } | {"--help"}
    return found


def test_there_are_messages():
    assert len(messages()) > 1500


def test_commands_and_options_are_there():
    known = set().union(*options().values(), {"--version"})
    wrong: set[tuple[str, str, str]] = set()
    for where, text in messages():
        for option in re.findall(OPTION, text):
            if option not in known:
                wrong.add((where, option, text))
        for command, rest in re.findall(r"\bglassnet ([a-z]+)((?: (?:--)?[^\s.,;:]+)*)", text):
            if command not in COMMANDS:
                continue
            for option in re.findall(OPTION, rest):
                if option not in options()[command]:
                    wrong.add((where, f"{command} {option}", text))
        for command in re.findall(r"'glassnet ([a-z]+)", text):
            if command not in COMMANDS:
                wrong.add((where, command, text))
    assert not wrong, "\n".join(map(str, wrong))
    assert {o for o in ELSEWHERE if o[:2] == "--"} <= known


def resolved(path: str) -> object | None:
    thing: object = glassnet
    for part in path.split("."):
        try:
            thing = getattr(thing, part)
        except AttributeError:
            return None
    return thing


def test_python_names_are_there():
    wrong: set[tuple[str, str, str]] = set()
    packages = "|".join(PLACES)
    for where, text in messages():
        for path in re.findall(
            rf"(?<![\w./])((?:glassnet\.)?(?:{packages})(?:\.\w+)+)", text, re.ASCII
        ):  # not the particle behind it
            if re.search(r"\.(py|json|safetensors|csv|png|onnx)$", path):
                continue
            if path not in NOT_OURS and resolved(path.removeprefix("glassnet.")) is None:
                wrong.add((where, path, text))
        for name in re.findall(r"\bglassnet\.(\w+)", text, re.ASCII):
            if resolved(name) is None and not (ROOT / name).exists():
                wrong.add((where, name, text))
        for name in re.findall(r"(?<![\w.'/])model\.(\w+)\(", text):
            if not hasattr(Sequential, name):
                wrong.add((where, f"model.{name}", text))
    assert not wrong, "\n".join(map(str, wrong))


METHODS = ("fit", "evaluate", "predict", "compile", "build", "load", "copy")


def test_arguments_are_there():
    calls = {name: keywords_of(getattr(Sequential, name)) for name in METHODS}
    for package in (layers, optimizers, callbacks):
        kinds = {n: getattr(package, n) for n in package.__all__ if n[0].isupper()}
        calls |= {n: settings_of(kind) for n, kind in kinds.items() if isinstance(kind, type)}
    wrong: set[tuple[str, str, str]] = set()
    for where, text in messages():
        for name, given in re.findall(r"(?<![\w.])(?:model\.)?(\w+)\(([^()]*)\)", text):
            for word in re.findall(r"(\w+)=", given) if name in calls else ():
                if word not in calls[name]:
                    wrong.add((where, f"{name}({word}=)", text))
    assert not wrong, "\n".join(map(str, wrong))
