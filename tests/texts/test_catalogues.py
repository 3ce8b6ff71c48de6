"""The catalogues: every language whole, every message with the same values."""

import ast
import os
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet import texts
from glassnet.errors import UnknownNameError

OTHERS = [language for language in texts.languages() if language != "en"]
IN_THE_CODE = (
    "plots.",
    "cli.",
    "said.",
    "formula.",
)  # their English stands where it is drawn or said


def fields(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_is_whole(language: str) -> None:
    english, other = texts.written("en"), texts.written(language)
    own = {key for key in other if not key.startswith(IN_THE_CODE)}
    assert own == set(english)
    for key, text in english.items():
        assert text.strip() and other[key].strip(), key
        # a sentence need not begin with the layer in every language
        assert fields(text.replace("{Layer}", "{layer}")) == fields(other[key]), key


def constants() -> set[str]:
    """Every text that stands in the code."""
    trees = [
        ast.parse(file.read_text(encoding="utf-8")) for file in texts.FOLDER.parent.rglob("*.py")
    ]
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_of_a_report_is_stale(language: str) -> None:
    there = constants()
    names = {name.replace("_", " ") for name in there}  # of settings
    assert [key for key in texts.part("said", language) if key not in there | names] == []
    everything = "\n".join(there)
    for key in texts.part("formula", language):
        for piece in re.split(r"\{\w+\}", key):
            assert piece.strip(" (") in everything, key


def test_korean_is_korean() -> None:
    for key, text in texts.catalogue("ko").items():
        if key.startswith(("diagnosis.", "plots.")):
            assert any("가" <= letter <= "힣" for letter in text), key
    for key, text in texts.catalogue("en").items():
        assert not re.search("[가-힣]", text), key


def test_every_message_of_a_diagnosis_can_be_asked_for() -> None:
    from glassnet.diagnosis import rules

    kinds = {key.split(".")[0] for key in texts.part("diagnosis", "en") if "." in key}
    files = Path(rules.__file__).parent.glob("*.py")
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    assert kinds and all(f'"{kind}"' in code for kind in kinds)


def test_a_language_under_way_is_english_where_it_has_no_words(tmp_path: Path) -> None:
    (tmp_path / "en.json").write_bytes((texts.FOLDER / "en.json").read_bytes())
    (tmp_path / "fr.json").write_text('{"diagnosis.nothing": "rien à signaler"}', encoding="utf-8")
    code = (
        "import pathlib, glassnet.texts as texts; from glassnet.texts import retelling;"
        f"texts.FOLDER = pathlib.Path({str(tmp_path)!r});"
        "print(texts.text('diagnosis.nothing', 'fr'));"
        "print(texts.text('diagnosis.layer', 'fr', name='hidden'));"
        "print(retelling.retold('no such file', 'fr'))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert found.stdout.split("\n")[:3] == ["rien à signaler", "layer 'hidden'", "no such file"]


def test_what_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(
        UnknownNameError, match=rf"unknown language 'xx'.*{', '.join(['en', *OTHERS])}"
    ):
        texts.text("diagnosis.nothing", "xx")
    with pytest.raises(UnknownNameError, match=r"unknown message 'diagnosis.nothin': did you mean"):
        texts.text("diagnosis.nothin")
