"""Lesson files as teachers write them, right and wrong: every error names its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from glassnet.cli.root import root
from glassnet.course.lesson import CourseError
from glassnet.lab.lessons import conditions
from glassnet.lab.lessons.blocks import blocks
from glassnet.lab.lessons.reading import parse, read_file

RIGHT = """# A title

> **Why?**

## One

% state: data=spiral&layers=4.tanh
% light: layers, map
% until: epoch >= 5 and data = spiral

Text.

```
## no heading
% no mark
```

### A question?

- [x] yes

  because
- [ ] no

  because not

## Two
"""


def test_a_lesson_is_taken_apart() -> None:
    lesson = parse(RIGHT.replace("\n", "\r\n"), "mine")
    one, two = lesson.steps
    assert (lesson.title, lesson.question) == ("A title", "Why?")
    assert (one.title, two.title, one.light) == ("One", "Two", ("layers", "map"))
    assert one.until == conditions.Condition((("epoch", ">=", 5.0), ("data", "=", "spiral")))
    assert "## no heading\n% no mark" in one.text and "state" not in one.text
    assert [(c.text, c.right, c.reason) for c in one.questions[0].choices] == [
        ("yes", True, "because"),
        ("no", False, "because not"),
    ]
    assert lesson.state(2) == one.state  # a step without a state keeps the one before


WRONG = {
    "room": ("data=spiral&layers=4.tanh", "room=cellar", 7, "cellar"),
    "field": ("data=spiral&", "colour=red&", 7, "colour"),
    "value": ("layers=4.tanh", "batch_size=0", 7, "batch_size"),
    "lesson in a state": ("data=spiral&", "lesson=relu&", 7, "lesson="),
    "light": ("layers, map", "layers, moon", 8, "moon"),
    "fact": ("epoch >=", "epok >=", 9, "epok"),
    "number": (">= 5", ">= five", 9, "five"),
    "infinite": (">= 5", ">= nan", 9, "nan"),
    "word": ("data = spiral", "data > spiral", 9, ">"),
    "choice": ("data = spiral", "data = spirall", 9, "spirall"),
    "no condition": ("epoch >= 5 and", "__import__('os') and", 9, "__import__"),
    "mark": ("% light:", "% lihgt:", 8, "lihgt"),
    "twice": ("% light: layers, map", "% state: data=moons", 8, "twice"),
    "fence": ("% no mark\n```", "% no mark", 13, "not closed"),
    "no right choice": ("- [x]", "- [ ]", 18, "right"),
    "no reason": ("  because\n", "\n", 18, "yes"),
    "no title": ("# A title", "A title", 1, "title"),
}


@pytest.mark.parametrize(("old", "new", "line", "said"), WRONG.values(), ids=WRONG)
def test_an_error_names_its_line(old: str, new: str, line: int, said: str) -> None:
    assert old in RIGHT
    with pytest.raises(CourseError) as caught:
        parse(RIGHT.replace(old, new, 1), "mine", "mine.md")
    assert caught.value.where == f"mine.md:{line}"
    assert said in str(caught.value) and caught.value.say("ko") != caught.value.say("en")


@given(st.text(max_size=300) | st.text(alphabet="#% \n-[x]`>stauelinghtp:=&.", max_size=300))
def test_any_text_is_a_lesson_or_an_error_that_says_why(text: str) -> None:
    try:
        assert parse(text, "any").steps
    except CourseError as error:
        assert str(error)


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"# a\n## b\n" * 60_000, b"\x00" * 50])
def test_a_file_that_is_no_lesson(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "my lesson.md"
    path.write_bytes(raw)
    with pytest.raises(CourseError):
        read_file(path)
    with pytest.raises(CourseError, match="cannot be read"):
        read_file(tmp_path)


def test_the_command_says_where_a_lesson_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text(RIGHT.replace("spiral&", "spirale&"), encoding="utf-8")
    said = CliRunner().invoke(root, ["lab", "--no-browser", "--lesson", str(path)])
    assert said.exit_code and "mine.md:7" in str(said.output) + str(said.exception)
    said = CliRunner().invoke(root, ["lab", "--no-browser", "--lesson", "rellu"])
    assert said.exit_code and "relu" in str(said.output) + str(said.exception)


def test_text_from_anywhere_becomes_no_markup() -> None:
    wild = "<script>x</script> [a](javascript:b) ![i](http://x/y.png) [c](#room=step) $a_1$ $5 $6"
    assert blocks(wild, "lesson=m/1&") == [
        [
            "p", {}, "<script>x</script> [a](javascript:b) ", "i", " ",
            ["a", {"href": "#lesson=m/1&room=step"}, "c"], " ", ["math", {}, "a_1"], " $5 $6",
        ]
    ]  # fmt: skip
