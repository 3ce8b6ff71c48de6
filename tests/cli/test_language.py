"""The command line in Korean: help, results, errors; and that no message is forgotten or stale."""

import ast
import errno
import importlib.resources
import inspect
import os
import re
import string
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import glassnet
from glassnet import texts
from glassnet.cli.language import in_language, retold, speaking, tr
from glassnet.cli.root import root
from glassnet.diagnosis.report import Finding
from glassnet.runs.spelling import in_options
from glassnet.texts.retelling import FIELD

SOURCE = Path(glassnet.__file__).parent
KOREAN = texts.part("cli", "ko")
HANGUL = re.compile("[가-힣]")
ENGLISH = re.compile(r"\b(the|is|are|and|with|for|from|which|what|how|that)\b", re.IGNORECASE)
IN_JSON = ("not ended", "samples are counted from 0")
PHRASE = re.compile(r"[a-z]{2,} [a-z]{2,}")


def commands(group=root, path=()):
    yield path, group
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def constants(tree):
    return [node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)]  # fmt: skip


def test_every_help_text_is_korean():
    with speaking("ko"):
        for path, command in commands():
            command = command if path else in_language(root)
            command.epilog = None  # the recipes: settings, as they are written
            context = click.Context(command, info_name=" ".join(["glassnet", *path]))
            said = command.get_help(context)
            assert HANGUL.search(command.help), path
            for line in said.splitlines():
                assert HANGUL.search(line) or not ENGLISH.search(line), (path, line)
                assert not re.search(r"\b(the|which|that)\b", line), (path, line)


def test_every_message_of_the_commands_has_its_korean():
    for file in sorted((SOURCE / "cli").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree)
                      if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tr":
                said = node.args[0]
                ways = [said.body, said.orelse] if isinstance(said, ast.IfExp) else [said]
                for way in ways:
                    assert not isinstance(way, ast.Constant) or way.value in KOREAN, way.value
        if file.parent.name != "commands":
            continue
        for text in constants(tree):  # no sentence beside tr()
            command = re.match(r"glassnet | --|, or best", text)  # and a part of a help text
            if PHRASE.search(text) and text not in docstrings and not command:
                known = inspect.cleandoc(text) in KOREAN or retold_in_korean(text)
                assert known or text in IN_JSON, (file.name, text)


def retold_in_korean(text):
    with speaking("ko"):
        return bool(HANGUL.search(retold(text)))


# What newer versions of Click say, and those before them do not.
OF_LATER_CLICKS = ("Positional arguments",)


def test_no_korean_message_is_stale():
    said = []
    for file in SOURCE.rglob("*.py"):
        said += constants(ast.parse(file.read_text(encoding="utf-8")))
    for file in importlib.resources.files(click).iterdir():
        if file.name.endswith(".py"):
            said += constants(ast.parse(file.read_text(encoding="utf-8")))
    said += [os.strerror(code).lower() for code in errno.errorcode]
    everything = "\n".join([*map(inspect.cleandoc, said), *map(in_options, said), *said])
    for key in KOREAN:
        for piece in re.split(r"\{[^}]*\}|, |[.:] ", key):
            if len(piece) > 14 and key not in OF_LATER_CLICKS:
                words = piece.strip(" .:'()\n")
                assert words in everything or words.split("\n")[0] in everything, key


def test_the_values_of_both_are_the_same():
    for key, told in KOREAN.items():
        assert {n for _, n, _, _ in string.Formatter().parse(told) if n} <= set(FIELD.findall(key))
        assert told.strip(), key


def run(*arguments, **environment):
    found = CliRunner().invoke(root, [*map(str, arguments)], env=environment)
    assert "Traceback" not in found.output
    return found


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "digitz"], "오류: 'digitz': 이런 데이터 세트 이름은 없습니다. 혹시 'digits'"),
        (["evaluate", "nope"], "오류: nope: 이런 학습 결과가 없습니다."),
        (["train", "nowhere.csv", "--target", "a"], "nowhere.csv: 이런 파일이 없습니다"),
        (["train", "digits", "--epochs", "x"], "'--epochs'의 값이 잘못되었습니다"),
        (["train", "digits", "--layers", "a"], "64,32처럼"),
        (["trian"], "이런 명령 이름은 없습니다. 혹시 'train'인가요?"),
        (["train", "--foo"], "'--foo' 옵션은 없습니다."),
        (["evaluate"], "인자가 빠졌습니다"),
        (["learn", "nothing"], "nothing"),
    ],
)
def test_errors_are_korean(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = run(*arguments, "--language", "ko")
    assert found.exit_code == 2
    assert said in found.stderr
    assert not re.search(r"\b(the|there|unknown|such)\b", found.stderr.split("오류:")[1])


def test_where_the_language_comes_from():
    assert "명령:" in run("--language", "ko", "--help").output
    assert "명령:" in run("--help", "--language=ko").output
    assert "명령:" in run("--help", GLASSNET_LANGUAGE="ko").output
    assert "명령:" in run("--help", GLASSNET_LANGUAGE="", LC_ALL="ko_KR.UTF-8").output
    assert "Commands:" in run("--help", GLASSNET_LANGUAGE="", LC_ALL="C").output
    assert "Commands:" in run("--help", "--language", "en", GLASSNET_LANGUAGE="ko").output
    wrong = run("--language", "fr", "datasets")
    assert wrong.exit_code == 2 and "unknown language 'fr'" in wrong.stderr
    assert tr("Commands") == "Commands" and texts.PICTURES.get() == "en"  # nothing is left behind


def test_the_words_of_other_faces_are_found_again():
    with speaking("ko"):
        assert retold("always “no” would be right on 62.00 %; never answered: “b”") == "; ".join([
            texts.text("insight.always_class", "ko", answer="no", share="62.00 %"),
            texts.text("insight.never_answered", "ko", names="“b”"),
        ])  # fmt: skip
        assert retold("flowers.csv: something new") == "flowers.csv: something new"


def test_sentences_are_found_again_one_by_one():
    numbers = {"worst": 5.13, "baseline": 1.1, "learning_rate": 0.2, "suggested": 0.005}
    finding = Finding("learning_rate_too_large", "serious", None, None, numbers, {})
    opening = (
        "spiral: 300 samples to learn from, 303 fresh ones to watch, 3,000 fresh ones held out\n"
        "network: 2-64-3, 387 parameters; adam 0.2 cosine, 20 epochs of batches of 64"
    )
    gap = "It is better on what it learned from (69.0%) than on new data (62.4%): try "
    with speaking("ko"):
        assert retold(finding.text()) == finding.text("ko")
        assert retold(f"{finding.text()} (--learning-rate 0.005)").startswith(finding.text("ko"))
        assert retold(opening) == (
            "spiral: 학습 샘플 300개, 검증용으로 새로 만든 샘플 303개, "
            "평가용으로 새로 만든 샘플 3,000개\n"
            "신경망: 2-64-3, 매개변수 387개. adam 0.2 cosine, 배치 크기 64, 20 에포크"
        )
        told = retold(f"{gap}--dropout 0.3, --l2 0.01, a smaller network or more data.")
        assert told.endswith(
            "해 볼 것: --dropout 0.3, --l2 0.01, 더 작은 신경망 또는 더 많은 데이터."
        )


def test_json_is_the_same_in_every_language(runs):
    for command in ("evaluate", "mistakes"):
        said = [
            run(command, runs / "digits", "--json", "--language", to).stdout for to in ("en", "ko")
        ]
        assert said[0] == said[1] and '"data"' in said[0]
