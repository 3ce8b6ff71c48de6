"""The page chooses Korean particles as Python does: ``lab/static/particles.js``, run by Node."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import glassnet
from glassnet import texts
from glassnet.cli.language import speaking
from glassnet.cli.output import percent
from glassnet.texts.particles import PAIRS, SIGNS, settled

SCRIPT = Path(glassnet.__file__).parent / "lab" / "static" / "particles.js"
WORDS = [
    "신경망", "값", "층", "길", "학습", "서울", "0", "10", "7", "8", "1", "3", "6", "2.5", "99%",
    "∞", "ReLU", "Adam", "size", "L", "M", "x", "b", "XOR", "MLP", "HTML", "a.csv", "set",
    "training", "model", "train", "run", "digits", "”값", "dense_1", "?", "x₁", "x²",
    *"".join(SIGNS.values()),
]  # fmt: skip
LINES = [
    f"{before}{word}{after}{both} 끝"
    for word in WORDS
    for before, after in (("", ""), ("“", "”"), ("(", ")"), ("(", ",)"))
    for both in (*PAIRS, "(으)로")
] + ["정확도 97.21 %; 값은(는) 3 %", "97.21 % right"]


def test_by_hand():
    assert settled("“값”은(는) 7(으)로, 10(으)로; 서울(으)로, Adam을(를)") == (
        "“값”은 7로, 10으로; 서울로, Adam을"
    )
    assert settled("size을(를) 그대로") == "size을(를) 그대로"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_page_says_the_same(tmp_path):
    (tmp_path / "particles.mjs").write_text(SCRIPT.read_text("utf-8"), "utf-8")
    (tmp_path / "run.mjs").write_text(
        "import { settled } from './particles.mjs';\n"
        "import { readFileSync } from 'node:fs';\n"
        "const lines = JSON.parse(readFileSync(0, 'utf-8'));\n"
        "process.stdout.write(JSON.stringify(lines.map(settled)));\n"
    )
    found = subprocess.run(
        ["node", tmp_path / "run.mjs"], input=json.dumps(LINES).encode(), capture_output=True,
        check=True,
    )  # fmt: skip
    assert json.loads(found.stdout) == [settled(line) for line in LINES]


def test_a_percent_sign_stands_close_to_its_number_in_korean():
    assert settled("샘플 359개에서 97.21 %, 항상 10.03 %") == "샘플 359개에서 97.21%, 항상 10.03%"
    assert settled("97.21 % right") == "97.21 % right"
    apart = [k for k, said in texts.written("ko").items() if re.search(r"[\d}] %", said)]
    assert not apart, apart
    with speaking("ko"):
        assert percent(0.97214) == "97.21%"
    assert percent(0.97214) == "97.21 %"


def test_requests_in_korean_have_one_ending():
    others = [key for key, said in texts.written("ko").items() if "십시오" in said]
    assert not others, others
