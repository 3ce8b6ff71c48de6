"""The table of fields: validation, the address, and that nothing gets in that it forbids."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.errors import ConfigError, UnknownNameError
from glassnet.lab import fields
from glassnet.lab.catalogues import ACTIVATIONS, CURVES
from glassnet.lab.fields import FIELDS, TABLE, check, defaults, describe, from_address, to_address
from glassnet.lab.rooms.descent.racers import HIGHEST_RATE, LOWEST_RATE, MOST_STEPS
from glassnet.optimizers import OPTIMIZERS


def values_of(field: fields.Field) -> st.SearchStrategy[Any]:
    if field.kind == "choice":
        return st.sampled_from(field.choices)
    if field.kind == "lesson":
        return st.sampled_from(["", "relu", "gradient/3"])
    if field.kind == "flag":
        return st.booleans()
    if field.kind == "whole":
        return st.integers(int(field.low), int(field.high))
    if field.kind in ("number", "log"):
        return (
            st.floats(field.low, field.high)
            .map(lambda v: float(f"{v:.6g}"))
            .filter(lambda v: field.low <= v <= field.high)
        )
    if field.kind == "numbers":
        return st.lists(st.integers(0, int(field.high)), max_size=9, unique=True).map(sorted)
    if field.kind == "names":
        return st.lists(st.sampled_from(field.choices or list(FIELDS)), max_size=5)
    if field.kind == "layers":
        layer = st.tuples(
            st.integers(1, 100), st.sampled_from(ACTIVATIONS),
            st.integers(0, 90).map(lambda p: p / 100), st.booleans(), st.booleans(),
        )  # fmt: skip
        return st.lists(layer, max_size=6)
    if field.kind == "points":
        number = st.floats(-1, 1)
        return st.lists(st.tuples(number, number, st.integers(0, 7)), max_size=20)
    if field.kind == "racers":
        rate = st.floats(LOWEST_RATE, HIGHEST_RATE).map(lambda v: float(f"{v:.6g}"))
        racer = st.tuples(st.sampled_from(list(OPTIMIZERS)), rate, st.integers(0, MOST_STEPS))
        return st.lists(racer, min_size=1, max_size=6)
    if field.kind == "pins":
        pinned = st.fixed_dictionaries({f.name: values_of(f) for f in field.of})
        return st.just([]) | pinned.map(lambda values: list(values.items()))
    if field.kind == "kernel":
        number = st.floats(-100, 100).map(lambda v: float(f"{v:.6g}"))
        return st.integers(1, 7).flatmap(
            lambda side: st.lists(
                st.lists(number, min_size=side, max_size=side), min_size=side, max_size=side
            )
        )
    if field.kind == "strokes":
        place = st.integers(0, 255)
        points = st.lists(st.tuples(place, place), min_size=1, max_size=8)
        flat = points.map(lambda pairs: [number for pair in pairs for number in pair])
        return st.lists(st.tuples(st.integers(1, 100), st.booleans(), flat), max_size=6)
    return st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=40).filter(
        str.isprintable
    )


STATES = st.fixed_dictionaries({f.name: values_of(f) for f in TABLE})


@settings(max_examples=40, deadline=None)
@given(STATES)
def test_the_address_gives_the_state_back(state: dict[str, Any]) -> None:
    values, wrong = check(state)
    assert not wrong
    found, wrong = from_address(to_address(values))
    assert not wrong
    assert defaults() | found == values


def test_defaults_are_valid_and_have_an_empty_address() -> None:
    assert check(defaults()) == (defaults(), [])
    assert to_address(defaults()) == ""


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=300))
def test_any_address_is_understood_or_reported(text: str) -> None:
    found, _ = from_address(text)
    assert check(defaults() | found)[1] == []


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
INNER = st.lists(PLAIN, max_size=4) | st.dictionaries(st.text(max_size=5), PLAIN)
JSON = PLAIN | INNER | st.lists(INNER, max_size=3) | st.dictionaries(st.text(max_size=5), INNER)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(TABLE), JSON)
def test_any_value_is_taken_or_refused_in_words(field: fields.Field, value: Any) -> None:
    try:
        taken = field.check(value)
    except ConfigError as error:
        assert str(error).startswith(f"{field.name} is ") or "must be" in str(error)
    else:
        assert field.check(taken) == taken
        assert field.from_text(field.to_text(taken)) is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 0), ("batch_size", 2.5), ("batch_size", True), ("batch_size", 10**400),
        ("noise", float("nan")), ("noise", float("inf")), ("noise", "0.1"),
        ("learning_rate", 0), ("l1", -0.1), ("data", "mnist"), ("data", ["spiral"]),
        ("layers", [[513, "relu", 0, False]]), ("layers", [[1, "relu", 0.95, False]]),
        ("layers", [[2, "step", 0, False]]), ("layers", [[1, "relu", 0, False]] * 7),
        ("points", [[0, 0, 0]] * 401), ("points", [[2, 0, 0]]), ("points", [[0, 0, 9]]),
        ("features", ["x9"]), ("hide", ["<b>"]),
        ("activations", list(CURVES[:7])), ("tangent_h", 0), ("tangent_at", float("inf")),
        ("surface_formula", "x" * 201), ("surface_formula", "x0\n+1"), ("start_x", 1e9),
        ("race", []), ("race", [["sgd", 0.1, 30]] * 7), ("race", [["sgd", 0.1]]),
        ("race", [["walk", 0.1, 30]]), ("race", [[["sgd"], 0.1, 30]]), ("race", [["sgd", 0, 30]]),
        ("race", [["sgd", float("nan"), 30]]), ("race", [["sgd", 0.1, 501]]),
        ("race", [["sgd", 0.1, 2.5]]), ("race", [["sgd", 10**400, 30]]),
    ],
)  # fmt: skip
def test_values_out_of_range_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ConfigError):
        FIELDS[name].check(value)


def test_zero_is_allowed_where_it_means_none() -> None:
    assert FIELDS["l2"].check(0) == 0
    assert from_address("l2=0")[1] == []


def test_an_unknown_field_is_named_with_the_closest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'noise'"):
        fields.field("niose")


def test_an_address_with_endless_settings_is_refused() -> None:
    assert from_address("&".join(["noise=0.1"] * 500))[0] == {}


def test_the_page_gets_the_ranges() -> None:
    found = {f["name"]: f for f in describe()}
    assert found["noise"]["low"] == 0 and found["noise"]["high"] == 1
    assert found["data"]["choices"][0] == "vertical"
