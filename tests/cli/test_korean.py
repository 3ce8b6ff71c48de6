"""The usual commands in Korean: no line of what they print holds an English sentence."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from glassnet import texts
from glassnet.cli.language import retold, speaking
from glassnet.cli.root import root

# Three small words behind each other, or one that only a sentence has.
SENTENCE = re.compile(
    r"[a-z]{2,} [a-z]{2,} [a-z]{2,}"
    r"|\b(the|is|are|was|with|for|from|which|what|how|that|not|has|have|must|expected)\b"
)
# What stays as it is: commands, what is quoted, code, formulas, settings, LaTeX and markup, and
# what another program said.
ALLOWED = re.compile(
    r"glassnet [a-z]+ [^가-힣]*|'[^']*'|\"[^\"]*\"|`[^`]*`|<[^>]*>|\\[a-z]+(\{[a-z]*\})?"
    r"|\(Error while [^)]*\)|--[a-z-]+|[\w./]+\.(py|csv|png|html)|&#x27;.*?&#x27;|&quot;.*?&quot;"
)
CODE = re.compile(r"```.*?```|<style>.*?</style>|<head>.*?</head>", re.DOTALL)


def english(text):
    """The lines with a sentence in English."""
    lines = CODE.sub("", text).replace("><", ">\n<").splitlines()
    return [line for line in lines if SENTENCE.search(ALLOWED.sub("", line))]


def korean(*arguments):
    found = CliRunner().invoke(root, [*map(str, arguments), "--language", "ko"])
    assert "Traceback" not in found.output
    assert found.exit_code in (0, 1, 2)
    assert re.search("[가-힣]", found.output), arguments
    assert english(found.output) == []
    return found


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_the_rule_finds_english():
    assert english("손실: x fused with the last activation\n값 3\n(59 smaller terms here: 1)")[1:]
    assert not english("다음: glassnet learn perceptron\n손실 (--learning-rate 0.004)")


@pytest.mark.parametrize("name", ["digits", "diabetes", "things"])
def test_what_is_said_of_a_run_is_korean(name, runs, tmp_path):
    run = runs / name
    for command in ("evaluate", "mistakes", "summary", "explain"):
        korean(command, run, *(["--out", tmp_path / "m.png"] if command == "mistakes" else []))
    korean("explain", run, "--latex")
    korean("explain", run, "--html", tmp_path / "step.html")
    page = (tmp_path / "step.html").read_text("utf-8")
    assert english(page) == [] and "순전파" in page


def test_training_is_korean(runs):
    korean("train", "spiral", "--epochs", 3, "--out", "s", "--no-plots")
    korean("train", runs / "things.csv", "--target", "kind", "--epochs", 2, "--out", "t",
           "--no-plots")  # fmt: skip
    korean("predict", "t", runs / "things.csv", "--out", "answers.csv")


@pytest.mark.parametrize(
    "arguments",
    [
        ["learn"], ["learn", "relu"], ["check", "relu"], ["check", "relu", "--hint"], ["datasets"],
        ["tune", "--help"], ["experiment"], ["experiment", "gates"], ["experiment", "tangent"],
        ["experiment", "field"], ["experiment", "descent"], ["experiment", "net2x3"],
    ],
)  # fmt: skip
def test_other_commands_are_korean(arguments):
    korean(*arguments)


def test_errors_are_korean():
    Path("bad.csv").write_text("a,b\n1,2\n3\n")
    Path("text.csv").write_text("a,b\n" + "".join(f"word{i},{i}\n" for i in range(30)))
    for arguments in (
        ["train", "bad.csv", "--target", "b"], ["train", "text.csv", "--target", "c"],
        ["train", "text.csv", "--target", "a"], ["train", "digits", "--target", "b"],
        ["train", "digits", "--batch-size", "0"], ["train", "digits", "--activation", "x"],
        ["train", "digits", "--augment", "spin=2"], ["train", "spiral", "--augment", "flip"],
        ["train", "spiral", "--network", "lenet"],
        ["train", "spiral", "--dropout", "1.5"], ["train", "spiral", "--schedule", "x"],
        ["train", "digits", "--start", "bad.csv"], ["import", "bad.csv"], ["export", "bad.csv"],
        ["predict", "bad.csv", "x.csv"], ["summary", "nothing"], ["tune", "spiral"[:3]],
        ["tune", "spiral", "--search", "layers"], ["learn", "x"], ["check", "x"], ["plot", "x"],
        ["experiment", "x"], ["lab", "x"],
    ):  # fmt: skip
        assert korean(*arguments).exit_code == 2, arguments


def test_a_message_of_the_library_is_found_again():
    with speaking("ko"):
        told = retold("x.keras: its weights have no /a/b.")
        assert re.search("[가-힣]", told) and "/a/b" in told
        assert retold("start: input has shape (3, 4), but the layer was built for (n, 5).") == (
            "start: 입력의 형상이 (3, 4)인데 이 층은 (n, 5)용으로 만들었습니다."
        )


def test_the_words_of_a_formula_are_korean():
    with speaking("ko"):
        assert texts.in_formula("L = −(1/n) Σᵢ log pᵢ꜀, with c the class of sample i") == (
            "L = −(1/n) Σᵢ log pᵢ꜀, c는 샘플 i의 클래스"
        )
        assert texts.in_formula(r"\dots\ (\text{59 smaller terms: } 0.5)") == (
            r"\dots\ (\text{작은 항 59개: } 0.5)"
        )
    assert texts.in_formula("59 smaller terms") == "59 smaller terms"
