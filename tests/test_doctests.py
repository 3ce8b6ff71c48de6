"""The examples in the docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import glassnet

MODULES = ["glassnet"] + [
    module.name
    for module in pkgutil.walk_packages(glassnet.__path__, "glassnet.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    module = importlib.import_module(name)
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.testmod(module, optionflags=options).failed == 0
