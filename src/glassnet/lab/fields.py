"""The table of fields: everything about a page that can be set.

The controls, the address of the page, the saved file, the validation and the limits all
come from this one table.  A field's texts are ``field.<name>`` and ``choice.<field>.<value>``
in the catalogues.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from urllib.parse import parse_qsl, quote

from glassnet import texts
from glassnet._core.registry import lookup
from glassnet.errors import ConfigError, UnknownNameError
from glassnet.lab.kinds import Choice, Field, LessonStep, Names, Room, Text

HOME = "glassnet.lab.rooms"


def _found() -> dict[str, Room]:
    """Every room by the name of its folder, in the order of the tabs."""
    folder = Path(__file__).parent / "rooms"
    names = [entry.name for entry in iter_modules([str(folder)]) if entry.ispkg]
    rooms = {name: import_module(f"{HOME}.{name}").ROOM for name in names}
    return dict(sorted(rooms.items(), key=lambda item: item[1].tab))


ROOMS = _found()

TABLE: tuple[Field, ...] = (
    Choice("room", "playground", choices=tuple(ROOMS), texts="room"),
    Choice("language", "auto", choices=("auto", *texts.languages())),
    Choice("theme", "auto", choices=("auto", "light", "dark")),
    LessonStep("lesson", ""),  # beside the room, and its step
    Names("hide", ()),  # controls that the link hides
    *(field for room in ROOMS.values() for field in room.fields),
)

# What a page shows that was opened without an address: harder than the defaults, and slow enough
# to watch. The defaults themselves stay: every link that was ever shared leaves them out.
FIRST = "data=spiral&pace=20"

FIELDS: dict[str, Field] = {field.name: field for field in TABLE}


def field(name: str) -> Field:
    """The field called ``name``.

    Raises:
        UnknownNameError: there is none; says the closest one.
    """
    return lookup("field", FIELDS, name)


def defaults() -> dict[str, Any]:
    """Every field at its default."""
    return {f.name: f.default for f in TABLE}


def check(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields that ``values`` gives well, and what was wrong with the others."""
    good: dict[str, Any] = {}
    wrong: list[str] = []
    for name, value in values.items():
        try:
            good[name] = field(name).check(value)
        except ConfigError as error:
            wrong.append(str(error))
    return good, wrong


def to_address(values: Mapping[str, Any]) -> str:
    """What stands behind the # of the page: the fields that are not at their default.

    >>> to_address({**defaults(), "data": "spiral", "batch_size": 5})
    'data=spiral&batch_size=5'
    """
    return "&".join(
        f"{f.name}={quote(f.to_text(values[f.name]), safe='.,^-_/:;')}"
        for f in TABLE
        if values[f.name] != f.default
    )


def from_address(text: str) -> tuple[dict[str, Any], list[str]]:
    """The fields that an address gives, and what in it was not understood.

    >>> from_address("data=moons&batch_size=0")
    ({'data': 'moons'}, ['batch_size is 0, but must be a whole number from 1 to 500.'])
    """
    good: dict[str, Any] = {}
    wrong: list[str] = []
    try:
        pairs = parse_qsl(text.lstrip("#"), keep_blank_values=True, max_num_fields=len(TABLE))
    except ValueError:
        return {}, [f"the address has more than {len(TABLE)} settings"]
    for name, value in pairs:
        try:
            good[name] = field(name).from_text(value)
        except UnknownNameError:  # a list of all settings would help nobody
            close = get_close_matches(name, FIELDS, 1)
            wrong.append(
                f"there is no setting {name[:40]!r}" + (f" ({close[0]}?)" if close else "")
            )
        except ConfigError as error:
            wrong.append(str(error))
    return good, wrong


def of_link(link: str) -> str:
    """The state that a link carries: what stands behind its #, or the whole of a bare state.

    >>> of_link("http://127.0.0.1:8123/abc/#data=moons"), of_link("data=moons")
    ('data=moons', 'data=moons')
    """
    _, sign, state = link.rpartition("#")
    return "" if not sign and "://" in state else state


def describe() -> list[dict[str, Any]]:
    """The table as the page gets it, to make its controls of."""
    return [f.describe() for f in TABLE]


__all__ = ["FIELDS", "FIRST", "ROOMS", "TABLE", "Field", "Text", "check", "defaults", "describe",
           "field", "from_address", "of_link", "to_address"]  # fmt: skip
