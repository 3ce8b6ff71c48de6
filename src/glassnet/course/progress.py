"""What a learner has passed, kept in the user's folder."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from glassnet._core.storage import write_text
from glassnet._core.strict_json import to_json


def user_folder() -> Path:
    """Where the system keeps what belongs to a user."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "glassnet"
    if sys.platform == "darwin":
        return home / "Library/Application Support/glassnet"
    named = Path(os.environ.get("XDG_DATA_HOME") or "")
    return (named if named.is_absolute() else home / ".local/share") / "glassnet"


def _file() -> Path:
    return user_folder() / "course.json"


def progress() -> dict[str, dict[str, Any]]:
    """lesson → {"passed": "2026-03-01", "hints": 2}; empty where nothing can be read."""
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
        return {name: dict(entry) for name, entry in found.items() if isinstance(entry, dict)}
    except (OSError, ValueError, AttributeError):
        return {}


def _write(kept: dict[str, dict[str, Any]]) -> None:
    """All of it, or nothing: a disk that is full or read-only costs the tick, not the check."""
    with suppress(OSError):
        write_text(_file(), to_json(kept, indent=2))


def note_passed(name: str) -> None:
    """A tick for the lesson."""
    kept = progress()
    kept.setdefault(name, {}).setdefault("passed", date.today().isoformat())
    _write(kept)


def note_best(name: str, score: int) -> int:
    """The best score of a level, the lowest one, ``score`` counted in; a tick as well."""
    kept = progress()
    entry = kept.setdefault(name, {})
    before = entry.get("best")
    if isinstance(before, int) and before <= score:
        return before
    entry["best"] = score
    entry.setdefault("passed", date.today().isoformat())
    _write(kept)
    return score


def next_hint(name: str, count: int) -> int:
    """The number of the next hint, counted from 0: one more each time, the last one again."""
    kept = progress()
    shown = kept.get(name, {}).get("hints", 0)
    number = min(shown if isinstance(shown, int) and shown > 0 else 0, count - 1)
    kept.setdefault(name, {})["hints"] = number + 1
    _write(kept)
    return number


def forget(name: str) -> None:
    """No tick and no hints any more."""
    kept = progress()
    if kept.pop(name, None) is not None:
        _write(kept)
