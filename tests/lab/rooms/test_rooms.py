"""A room is found by its folders: one of Python and one of the page, under the same name."""

from __future__ import annotations

import re

import pytest

from glassnet.lab.fields import FIELDS, ROOMS, TABLE
from glassnet.lab.server.questions import questions
from glassnet.lab.server.web import index, static_files

STATIC = static_files()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_its_questions_and_its_page(room: str) -> None:
    assert questions(room)
    page = STATIC[f"rooms/{room}/room.js"].read_text(encoding="utf-8")
    assert re.search(rf'export const room = \{{\s*name: "{room}"', page)


def test_both_sides_have_the_same_rooms_and_nothing_else() -> None:
    folders = {name.split("/")[1] for name in STATIC if name.startswith("rooms/")}
    assert folders == set(ROOMS)


def test_the_page_is_told_of_the_rooms_in_the_order_of_their_tabs() -> None:
    assert [room.tab for room in ROOMS.values()] == sorted({room.tab for room in ROOMS.values()})
    page = index(STATIC)
    assert f'data-rooms="{" ".join(ROOMS)}"' in page
    sheets = re.findall(r'href="(rooms/\w+/room\.css)"', page)
    assert sheets == [sheet for room in ROOMS if (sheet := f"rooms/{room}/room.css") in STATIC]
    assert len(sheets) > 3


def test_no_field_stands_in_two_rooms() -> None:
    assert len(FIELDS) == len(TABLE)
