"""What training did not have is taken for the nearest, and said."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.data import BooleanColumn, CategoryColumn, NumberColumn, Preprocessor, Target
from glassnet.data.features import DateColumn
from glassnet.data.unfamiliar import familiar, in_one_line
from glassnet.errors import DataError

ROWS = Preprocessor(
    (
        NumberColumn("age", 40.0, 10.0),
        NumberColumn("fare", 8.0, 2.0, 6.0, gap=True),
        BooleanColumn("vip"),
        CategoryColumn("town", ("Busan", "Seoul")),
        CategoryColumn("deck", ("a", "b"), missing=True),
        DateColumn(
            "on", (NumberColumn("on.days", 19000.0, 10.0), NumberColumn("on.year", 2024, 1))
        ),
    ),
    Target("y", "regression"),
)
PLAIN = {"age": 50, "fare": 10, "vip": True, "town": "Seoul", "deck": "b", "on": "2022-01-08"}


def features(**changed: object) -> tuple[list[float], list[str]]:
    """Those of the second of two rows; the first is plain."""
    raw = {
        k: [str(v) if isinstance(changed.get(k), str) else v, changed.get(k, v)]
        for k, v in PLAIN.items()
    }
    table, strange = familiar(ROWS, raw)
    return ROWS.transform(table, unknown="zeros")[1].tolist(), [each.said for each in strange]


def test_what_training_had_is_as_ever() -> None:
    found, said = features()
    assert found == pytest.approx([1, 1, 0, 1, 0, 1, 0, 1, 0, 0.0, -2])
    assert not said
    # gaps where training had some: filled and marked, and nothing to wonder at
    found, said = features(fare=None, deck=None)
    assert found == pytest.approx([1, -1, 1, 1, 0, 1, 0, 0, 1, 0.0, -2])
    assert not said


@pytest.mark.parametrize(
    ("changed", "at", "expected", "words"),
    [
        ({"age": None}, [0], [0], "'age' has no value in row 2"),
        ({"age": "old"}, [0], [0], "'age' is 'old', no number, in row 2"),
        ({"age": float("inf")}, [0], [0], "'age' is infinite in row 2"),
        ({"fare": "free"}, [1, 2], [-1, 1], "'fare' is 'free', no number, in row 2"),
        ({"vip": None}, [3], [0], "'vip' has no value in row 2"),
        ({"town": "Jeju"}, [4, 5], [0, 0], "'town' is 'Jeju' in row 2"),
        ({"town": None}, [4, 5], [0, 0], "'town' has no value in row 2"),
        ({"deck": "z"}, [6, 7, 8], [0, 0, 0], "'deck' is 'z' in row 2"),
        ({"on": "soon"}, [9, 10], [0, 0], "'on' is 'soon', no date, in row 2"),
        ({"on": None}, [9, 10], [0, 0], "'on' has no value in row 2"),
    ],
)
def test_what_it_did_not_have(
    changed: dict[str, object], at: list[int], expected: list[float], words: str
) -> None:
    plain, _ = features()
    found, said = features(**changed)
    assert [found[i] for i in at] == expected
    rest = [i for i in range(len(plain)) if i not in at]
    assert [found[i] for i in rest] == [plain[i] for i in rest]
    assert said == [words]


def test_rows_are_counted_once() -> None:
    raw = {k: [v] * 7 for k, v in PLAIN.items()}
    raw["town"] = ["Seoul", "Jeju", "Ulsan", "Daegu", "Suwon", "Seoul", "Seoul"]
    raw["age"] = [1, None, 3, 4, 5, 6, None]
    said = in_one_line(familiar(ROWS, raw)[1], 7)
    assert said.startswith("5 of 7 rows have what training did not have: 'age' has no value in ")
    assert "'town' is 'Jeju', 'Ulsan', 'Daegu' or another in rows 2, 3, 4, 5" in said


def test_a_column_of_something_else_is_refused() -> None:
    """Not one number, or not one date: another column, or another language."""
    for name, value in (("age", "old"), ("on", "soon")):
        with pytest.raises(DataError, match=f"'{name}'"):
            table, _ = familiar(ROWS, PLAIN | {name: value})
            ROWS.transform(table, unknown="zeros")


def test_strict_stays_strict() -> None:
    with pytest.raises(DataError, match="'age' has no value"):
        ROWS.transform({k: [v, None if k == "age" else v] for k, v in PLAIN.items()})
    assert np.isfinite(ROWS.transform(PLAIN)).all()
