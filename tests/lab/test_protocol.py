"""What a page may say: every other message is refused, and nothing else happens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.lab import protocol
from glassnet.lab.protocol import Args, ProtocolError, Rate, RefusedError, parse

GOOD: list[dict[str, Any]] = [
    {"t": "open", "address": "data=moons"},
    {"t": "set", "field": "noise", "value": 0.2},
    {"t": "do", "action": "play"},
    {"t": "do", "action": "set_weight", "args": {"index": 1, "value": 0.5}},
    {"t": "ask", "room": "playground", "what": "link", "args": {"hide": []}, "id": 3},
    {"t": "frame", "want": ["units", "map"]},
    {"t": "upload", "name": "a.csv", "text": "a,b\n1,2\n"},
    {"t": "load", "file": {"format": "glassnet lab"}},
]


@pytest.mark.parametrize("message", GOOD, ids=lambda m: m["t"])
def test_what_the_page_says_is_understood(message: dict[str, Any]) -> None:
    found = parse(json.dumps(message))
    assert found.kind == message["t"]


@pytest.mark.parametrize(
    "text",
    [
        None, b"\x00", "", "{", "null", "[]", "3", '"set"', "{}", '{"t": 1}', '{"t": "sudo"}',
        '{"t": "set"}', '{"t": "set", "field": 3}', '{"t": "set", "field": "", "value": 1}',
        '{"t": "set", "field": "noise", "value": NaN}', '{"t": "set", "field": "a", "value": 1e999',
        '{"t": "do", "action": "play", "args": []}', '{"t": "do", "action": ["play"]}',
        '{"t": "ask", "room": "cellar", "what": "x", "id": 1}',
        '{"t": "ask", "room": "playground", "what": "x", "id": -1}',
        '{"t": "ask", "room": "playground", "what": "x", "id": true}',
        '{"t": "frame"}', '{"t": "frame", "want": ["secrets"]}', '{"t": "frame", "want": "map"}',
        '{"t": "open", "address": 3}', '{"t": "load", "file": "x"}',
        '{"t": "upload", "name": "", "text": "a"}', "[" * 100_000,
        json.dumps({"t": "set", "field": "target", "value": "x" * 70_000}),
        json.dumps({"t": "open", "address": "x" * 9000}),
        json.dumps({"t": "frame", "want": ["map"] * 200}),
        json.dumps({"t": "do", "action": "x", "args": {str(i): 0 for i in range(50)}}),
        '{"t": "set", "field": "noise", "value": ' + "9" * 6000 + "}",
    ],
)  # fmt: skip
def test_anything_else_ends_the_connection(text: Any) -> None:
    with pytest.raises(ProtocolError):
        parse(text)


def test_an_upload_that_is_too_large_is_not_even_read() -> None:
    with pytest.raises(ProtocolError, match="characters"):
        parse(" " * (protocol.MOST_UPLOAD + 1))


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=10,
)
KEYS = ["t", "field", "value", "action", "args", "room", "what", "id", "want", "name", "text",
        "address", "file"]  # fmt: skip
WORDS = st.sampled_from(["open", "set", "do", "ask", "frame", "upload", "load", "playground"])


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), WORDS | JSON) | JSON)
def test_any_json_is_a_message_or_is_refused(value: Any) -> None:
    try:
        found = parse(json.dumps(value))
    except ProtocolError as error:
        assert 0 < len(str(error)) < 120
    else:
        assert found.kind == value["t"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=50))
def test_any_text_is_refused(text: Any) -> None:
    with pytest.raises(ProtocolError):
        parse(text)


def test_too_many_messages_are_refused_and_the_store_fills_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("glassnet.lab.protocol.time.monotonic", lambda: now)
    rate = Rate()
    for _ in range(protocol.MOST_AT_ONCE):
        rate.count()
    with pytest.raises(ProtocolError, match="too many"):
        rate.count()
    now = 1.0
    for _ in range(protocol.MOST_A_SECOND):
        rate.count()
    with pytest.raises(ProtocolError, match="too many"):
        rate.count()


def test_arguments_are_read_with_their_types_and_ranges() -> None:
    args = Args({"n": 3, "x": 0.5, "yes": True, "word": "a", "list": [1, 2.5], "texts": ["a"]})
    assert args.whole("n", 0, 5) == 3 and args.number("x", 0, 1) == 0.5
    assert args.flag("yes") and args.choice("word", ["a", "b"]) == "a"
    assert args.numbers("list", 5, 0, 3) == [1, 2.5] and args.texts("texts", 3) == ["a"]
    assert args.number("missing", 0, 1, default=0.25) == 0.25
    assert "n" in args and "m" not in args


@pytest.mark.parametrize(
    "read",
    [
        lambda a: a.number("word", 0, 1), lambda a: a.number("yes", 0, 1),
        lambda a: a.number("nothing", 0, 1), lambda a: a.whole("x", 0, 1),
        lambda a: a.flag("n"), lambda a: a.text("n"), lambda a: a.numbers("word", 3, 0, 1),
        lambda a: a.texts("list", 3), lambda a: a.choice("n", ["a"]),
    ],
)  # fmt: skip
def test_arguments_of_another_type_end_the_connection(read: Any) -> None:
    with pytest.raises(ProtocolError):
        read(Args({"n": 3, "x": 0.5, "yes": True, "word": "a", "list": [1, 2.5]}))


@pytest.mark.parametrize(
    "read",
    [
        lambda a: a.number("n", 0, 1), lambda a: a.whole("n", 5, 9),
        lambda a: a.choice("word", ["b"]), lambda a: a.text("word", 2),
        lambda a: a.numbers("list", 1, 0, 9), lambda a: a.numbers("list", 5, 0, 1),
    ],
)  # fmt: skip
def test_arguments_out_of_range_are_told_in_words(read: Any) -> None:
    with pytest.raises(RefusedError, match=r"may have|must be"):
        read(Args({"n": 3, "word": "abc", "list": [1, 2.5]}))
