"""What version 0.1.0 said to a hundred wrong calls is said still.

Lists of what is known are not compared: a new activation is no other message.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
specification = importlib.util.spec_from_file_location("wrong_calls", HERE / "wrong_calls.py")
assert specification is not None and specification.loader is not None
wrong_calls = importlib.util.module_from_spec(specification)
specification.loader.exec_module(wrong_calls)

SAID = json.loads(wrong_calls.MESSAGES.read_text())


@pytest.fixture(scope="module")
def names():
    return wrong_calls.names()


def test_every_call_has_its_message():
    assert [entry["call"] for entry in SAID] == wrong_calls.CALLS


@pytest.mark.parametrize("entry", SAID, ids=lambda entry: entry["call"])
def test_a_wrong_call_is_answered_as_before(entry, names, workplace):
    wrong_calls.prepare(workplace)
    error, text = wrong_calls.answer(entry["call"], names)
    assert (error, without_lists(text)) == (entry["error"], without_lists(entry["text"]))


def without_lists(text: str) -> str:
    return re.sub(r"Known are [^.]*\.", "Known are ….", text)
