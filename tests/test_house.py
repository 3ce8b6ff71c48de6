"""What holds the house together, counted over the syntax trees.

    pytest -n 0 tests/test_house.py -s       prints the figures

No circles between modules, imports inside functions and for types counted as well. Engines ask
layers by name and seldom for their class.
"""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import glassnet
from glassnet import layers

ROOT = Path(glassnet.__file__).parent

MOST_TESTS_ON_LAYERS = 15

# Called "Layer" in a wider sense: what is no kind of layer.
NO_KINDS = {"Layer", "L1", "L2", "L1L2", "Activation"}


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """Every module of glassnet: its file and its tree."""
    trees = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        trees[name.removesuffix(".__init__")] = (path, ast.parse(path.read_text("utf-8")))
    return trees


def imported(name: str, path: Path, tree: ast.Module) -> set[str]:
    """The modules of glassnet that a module imports, wherever in it."""
    known, found = modules(), set()
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found.add(inner if inner in known else base)
    # A module of a package may import the package's other modules through its face.
    return {other for other in found & set(known) if not name.startswith(other + ".")} - {name}


def circles() -> list[set[str]]:
    """Groups of modules each of which leads to each other one."""
    graph = {name: imported(name, *module) for name, module in modules().items()}
    groups: list[set[str]] = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
            return groups
        except CycleError as error:
            group = set(error.args[1])
            groups.append(group)
            head = min(group)  # the circle is made one node, so that the next one shows
            merged = set().union(*(graph.pop(name) for name in group)) - group
            graph = {name: {head if to in group else to for to in others} - {name}
                     for name, others in graph.items()} | {head: merged}  # fmt: skip


def asked_for_class() -> list[str]:
    """Where ``isinstance(…, a kind of layer)`` stands outside of layers/."""
    kinds = {name for name in layers.__all__ if name[0].isupper()} - NO_KINDS
    found = []
    for name, (_, tree) in modules().items():
        if name.startswith("glassnet.layers"):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "isinstance":
                continue
            asked = {getattr(n, "id", getattr(n, "attr", "")) for n in ast.walk(node.args[-1])}
            if asked & kinds:
                found.append(f"{name}:{node.lineno}")
    return found


def test_no_module_leads_back_to_itself() -> None:
    found = circles()
    print(f"\n{len(found)} circles between {len(modules())} modules")
    assert not found, found


def test_engines_seldom_ask_for_the_class_of_a_layer() -> None:
    found = asked_for_class()
    lines = sum(len(path.read_text("utf-8").splitlines()) for path, _ in modules().values())
    print(f"\n{len(found)} tests on layer classes outside layers/, {lines} lines")
    assert len(found) < MOST_TESTS_ON_LAYERS, found
