"""The field of the points that are drawn by hand."""

from __future__ import annotations

import base64
from typing import Any

from glassnet.lab.kinds import Field, is_real

MOST_POINTS = 400


class Points(Field):
    """Points drawn by hand, in [-1, 1]², each with its class; on a grid of 1/127, as saved."""

    kind = "points"

    def check(self, value: Any) -> tuple[tuple[float, float, int], ...]:
        if not isinstance(value, (list, tuple)) or len(value) > MOST_POINTS:
            raise self.refuse(value, f"a list of at most {MOST_POINTS} points")
        checked = []
        for point in value:
            if not isinstance(point, (list, tuple)) or len(point) != 3:
                raise self.refuse(point, "[x, y, class] for each point")
            x, y, label = point
            for number in (x, y):
                if not is_real(number) or not -1 <= number <= 1:
                    raise self.refuse(number, "a coordinate from -1 to 1")
            if label not in range(8) or isinstance(label, bool):
                raise self.refuse(label, "a class from 0 to 7")
            checked.append((round(x * 127) / 127, round(y * 127) / 127, int(label)))
        return tuple(checked)

    def to_text(self, value: tuple[tuple[float, float, int], ...]) -> str:
        raw = bytes(
            n for x, y, label in value for n in (round(x * 127) + 128, round(y * 127) + 128, label)
        )
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def from_text(self, text: str) -> Any:
        raw = self._bytes(text, "points")
        if len(raw) % 3 or len(raw) > 3 * MOST_POINTS:
            raise self.refuse(text, f"at most {MOST_POINTS} points of three bytes")
        points = [((raw[i] - 128) / 127, (raw[i + 1] - 128) / 127, raw[i + 2])
                  for i in range(0, len(raw), 3)]  # fmt: skip
        return self.check(points)
