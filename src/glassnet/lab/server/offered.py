"""What a lab was started with, for all of its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Offered:
    """What the pages may look at, beside what they make themselves.

    Args:
        run: a saved run or model.
        data_dir: a folder with the files of MNIST.
        runs: a folder of saved runs; None: there is none to look at.
        given: networks that a program shows, by name.
        keeps: what was done in lessons is kept in the user's folder.
        greeting: what a page is told of its place in a class.
    """

    run: str | None = None
    data_dir: str | None = None
    runs: str | None = "runs"
    given: Mapping[str, Any] = field(default_factory=dict)
    keeps: bool = True
    greeting: Mapping[str, Any] = field(default_factory=dict)
