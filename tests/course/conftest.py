"""A learner of their own for each test: no ticks from elsewhere, and an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def learner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:  # fmt: skip
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.delenv("GLASSNET_LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(home)
    if request.node.get_closest_marker("parity") is None:
        monkeypatch.setattr("glassnet.course.judging.pytorch.version", lambda: "")
    return home
