"""The field that holds a drawing: strokes on a square of 255 × 255 places."""

from __future__ import annotations

import base64
from typing import Any

from glassnet.lab.kinds import Field, is_whole

MOST_STROKES = 60
MOST_PLACES = 1500  # of all strokes together
END = 255  # the last place across and down
MOST_WIDTH = 100

Line = tuple[int, bool, tuple[int, ...]]  # width, whether it erases, x, y, x, y, …


class Strokes(Field):
    """A drawing: for each stroke [width, erases, [x, y, x, y, …]], in whole places.

    In an address each stroke is its width (1 byte; with 128 more: it erases), the number of
    its points (2 bytes), and the points (2 bytes each), all in base64.
    """

    kind = "strokes"

    def check(self, value: Any) -> tuple[Line, ...]:
        if not isinstance(value, (list, tuple)) or len(value) > MOST_STROKES:
            raise self.refuse(value, f"a list of at most {MOST_STROKES} strokes")
        checked = []
        places = 0
        for stroke in value:
            if not isinstance(stroke, (list, tuple)) or len(stroke) != 3:
                raise self.refuse(stroke, "[width, erases, [x, y, …]] for each stroke")
            width, erases, flat = stroke
            if not _whole(width, 1, MOST_WIDTH):
                raise self.refuse(width, f"strokes of a width from 1 to {MOST_WIDTH}")
            if not isinstance(erases, bool):
                raise self.refuse(erases, "strokes that erase or not: true or false")
            if not isinstance(flat, (list, tuple)) or len(flat) < 2 or len(flat) % 2:
                raise self.refuse(flat, "strokes of at least one point, x and y for each")
            places += len(flat) // 2
            if places > MOST_PLACES:
                raise self.refuse(value, f"a drawing of at most {MOST_PLACES} points")
            if not all(_whole(number, 0, END) for number in flat):
                raise self.refuse(flat, f"points of whole numbers from 0 to {END}")
            checked.append((int(width), erases, tuple(int(number) for number in flat)))
        return tuple(checked)

    def to_text(self, value: tuple[Line, ...]) -> str:
        raw = bytearray()
        for width, erases, flat in value:
            raw += bytes([width + 128 * erases]) + (len(flat) // 2).to_bytes(2, "big")
            raw += bytes(flat)
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def from_text(self, text: str) -> Any:
        raw = self._bytes(text, "strokes")
        strokes = []
        place = 0
        while place < len(raw):
            end = place + 3 + 2 * int.from_bytes(raw[place + 1 : place + 3], "big")
            if len(raw) < place + 5 or end > len(raw):
                raise self.refuse(text, "strokes as a saved address writes them")
            strokes.append([raw[place] % 128, raw[place] >= 128, list(raw[place + 3 : end])])
            place = end
        return self.check(strokes)


def _whole(value: Any, low: int, high: int) -> bool:
    return is_whole(value) and low <= value <= high
