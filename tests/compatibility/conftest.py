"""A session without its web: the tests' own thread stands for the session's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from glassnet.lab.session.engine import Engine
from glassnet.lab.session.state import Session


@pytest.fixture
def open_session() -> Iterator[Callable[..., Session]]:
    engines: list[Engine] = []

    def make(address: str = "") -> Session:
        engines.append(Engine())
        session = Session(engines[-1])
        session.open(address)
        return session

    yield make
    for engine in engines:
        engine.close()
        assert engine.join(10)
