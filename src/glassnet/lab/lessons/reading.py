"""A lesson file taken apart; what is wrong in it is said with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from glassnet.course.lesson import CourseError
from glassnet.course.reading import Question, choices_of, one_line, quotation
from glassnet.lab import fields
from glassnet.lab.lessons import conditions
from glassnet.lab.lessons.lesson import LabLesson, Step

MOST_BYTES = 200_000
MOST_STEPS = 40
MARK = re.compile(r"%\s*(\w+)\s*:\s*(.*?)\s*")
HEAD = ("number", "level")
IN_STEP = ("state", "light", "until")

# What can be lit beside fields, and where it is: a selector of the page.
PARTS = {
    "play": ".transport .play",
    "run": ".transport",
    "network": ".playground .net",
    "map": ".results .map",
    "curves": ".results .panel",
    "step_network": ".step-net",
    "step_numbers": ".step > :nth-child(2)",
    "step_checks": ".step > :nth-child(4)",
    "descent_views": ".descent .views",
    "race_table": ".descent .race",
    "paper": ".digits .paper",
    "answer": ".digits .answer",
}


def read_file(path: str | Path) -> LabLesson:
    """The lesson in a teacher's file; it is called by the file's name.

    Raises:
        CourseError: it cannot be read, or is no lesson; ``where`` is file and line.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CourseError("lab_file.unreadable", where=str(path), reason=reason) from None
    if len(raw) > MOST_BYTES:
        raise CourseError("lab_file.large", where=str(path), most=MOST_BYTES // 1000)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CourseError("lab_file.encoding", where=str(path)) from None
    name = re.sub(r"[^\w-]", "-", path.stem)[:40] or "lesson"
    return parse(text, name, str(path), "own")


def parse(text: str, name: str, where: str = "", kind: str = "lab") -> LabLesson:
    """The lesson in ``text``.

    Raises:
        CourseError: what is wrong, and ``where:line``.
    """
    lines = re.split(r"\r\n|\r|\n", text)
    lesson = LabLesson(name, "", "", [], kind)
    place = 1
    try:
        for place, piece in _pieces(lines):
            _take(lesson, piece, place)
    except _LineError as error:
        raise CourseError(error.said.key, f"{where}:{error.line}", **error.said.values) from None
    if not lesson.title:
        raise CourseError("lab_file.title", f"{where}:1")
    if not lesson.steps:
        raise CourseError("lab_file.no_step", f"{where}:{place}")
    return lesson


class _LineError(Exception):
    def __init__(self, at: int, key: str, /, **values: str) -> None:
        super().__init__(key)
        self.line, self.said = at, CourseError(f"lab_file.{key}", **values)


def _fenced(lines: list[str]) -> tuple[list[bool], int]:
    """Which lines are code between fences, and the line of a fence that is never closed, or 0."""
    inside, fence, opened = [], "", 0
    for number, line in enumerate(lines, 1):
        mark = re.match(r"\s{0,3}(```+|~~~+)", line)
        inside.append(bool(fence or mark))
        if mark and not fence:
            fence, opened = mark[1], number
        elif mark and mark[1].startswith(fence) and line.strip() == mark[1]:
            fence = ""
    return inside, opened if fence else 0


def _pieces(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The head and then each step or question: the number of the first line, and the lines."""
    inside, opened = _fenced(lines)
    if opened:
        raise _LineError(opened, "fence")
    begin = 0
    for i, line in enumerate(lines):
        if not inside[i] and re.match(r"#{2,3} ", line) and i > begin:
            yield begin + 1, lines[begin:i]
            begin = i
    yield begin + 1, lines[begin:]


def _take(lesson: LabLesson, lines: list[str], place: int) -> None:
    if lines[0].startswith("## "):
        if len(lesson.steps) >= MOST_STEPS:
            raise _LineError(place, "many_steps", most=str(MOST_STEPS))
        lesson.steps.append(_step(lines, place))
    elif lines[0].startswith("### "):
        if not lesson.steps:
            raise _LineError(place, "question_first")
        lesson.steps[-1].questions.append(_question(lines, place))
    else:
        _head(lesson, lines, place)


def _marks(
    lines: list[str], place: int, known: tuple[str, ...]
) -> tuple[dict[str, tuple[int, str]], str]:
    """The lines that begin with %, by name with their numbers, and the text without them."""
    found: dict[str, tuple[int, str]] = {}
    rest = []
    inside, _ = _fenced(lines)
    for number, (line, code) in enumerate(zip(lines, inside, strict=True), place):
        if code or not line.startswith("%"):
            rest.append(line)
            continue
        mark = MARK.fullmatch(line)
        if mark is None or mark[1] not in known:
            raise _LineError(
                number, "mark", line=line[:60], known=", ".join(f"% {k}:" for k in known)
            )
        if mark[1] in found:
            raise _LineError(number, "twice", name=mark[1])
        found[mark[1]] = number, mark[2]
    return found, "\n".join(rest).strip()


def _head(lesson: LabLesson, lines: list[str], place: int) -> None:
    marks, text = _marks(lines, place, HEAD)
    title = re.match(r"# (.+)", text)
    if title is None:
        return
    lesson.title = title[1].strip()
    lesson.question = quotation(text)
    if "level" in marks:
        line, word = marks["level"]
        if word != "yes":
            raise _LineError(line, "level")
        lesson.kind = "level"
    if "number" in marks:
        line, word = marks["number"]
        if not (word.isascii() and word.isdecimal() and len(word) < 5):
            raise _LineError(line, "number", name="number", word=word[:40])
        lesson.number = int(word)


def _step(lines: list[str], place: int) -> Step:
    marks, text = _marks(lines[1:], place + 1, IN_STEP)
    step = Step(lines[0][3:].strip(), text)
    if "state" in marks:
        line, step.state = marks["state"][0], marks["state"][1].lstrip("#")
        if "lesson=" in step.state:
            raise _LineError(line, "state_lesson")
        wrong = fields.from_address(step.state)[1]
        if wrong:
            raise _LineError(line, "state", problem=wrong[0])
    if "light" in marks:
        line, names = marks["light"]
        step.light = tuple(part.strip() for part in names.split(",") if part.strip())
        for name in step.light:
            if name not in fields.FIELDS and name not in PARTS:
                raise _LineError(line, "light", name=name[:40], parts=", ".join(PARTS))
    if "until" in marks:
        line, said = marks["until"]
        try:
            step.until = conditions.parse(said)
        except CourseError as error:
            raise _LineError(line, error.key.removeprefix("lab_file."), **error.values) from None
    return step


def _question(lines: list[str], place: int) -> Question:
    text = "\n".join(lines[1:])
    begin = re.search(r"^- \[", text, re.MULTILINE)
    more = text[: begin.start()].strip() if begin else ""
    choices = choices_of(text)
    if len(choices) < 2 or not any(choice.right for choice in choices):
        raise _LineError(place, "choices")
    bare = next((choice for choice in choices if not choice.reason), None)
    if bare:
        raise _LineError(place, "reason", choice=bare.text[:60])
    return Question(one_line(f"{lines[0][4:]} {more}"), choices)
