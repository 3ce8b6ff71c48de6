"""What one test registers no other one finds."""

import pytest

from glassnet._core import custom


@pytest.fixture(autouse=True)
def nothing_stays_registered():
    before = {name: dict(family.own) for name, family in custom.FAMILIES.items()}
    functions = dict(custom.FUNCTIONS)
    yield
    for name, family in custom.FAMILIES.items():
        family.own.clear()
        family.own.update(before.get(name, {}))
    custom.FUNCTIONS.clear()
    custom.FUNCTIONS.update(functions)
