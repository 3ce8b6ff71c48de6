"""The course's pages: the lessons as glassnet itself carries them, and nothing copied.

A lesson's questions become lists whose answers open; behind it stand the way into the lab and the
place in glassnet's source.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from glassnet._core.strict_json import to_json
from glassnet.course.catalog import lessons
from glassnet.course.lesson import Lesson
from glassnet.course.notebook import notebook
from glassnet.course.reading import Question, read
from reference import write_if_changed

FOLDER, FILES = "lessons", "files"
WORDS = {
    "en": {
        "course": "The course", "hint": "Hint", "right": "Right.", "wrong": "No.",
        "lab": "In the lab",
        "open": "Shows the lesson's mistake moving:", "source": "In glassnet",
        "write": "Get the exercise, and have it judged:",
        "take": "To take away: {notebook}, {exercise}", "notebook": "this lesson as a notebook",
        "exercise": "the exercise as a file",
    },
    "ko": {
        "course": "과정", "hint": "힌트", "right": "맞습니다.", "wrong": "아닙니다.",
        "lab": "실험실에서",
        "open": "이 단원의 실수가 움직이는 모습을 볼 수 있습니다.", "source": "glassnet 안에서",
        "write": "연습 문제를 받고 채점합니다.",
        "take": "내려받기: {notebook}, {exercise}", "notebook": "이 단원의 노트북",
        "exercise": "연습 문제 파일",
    },
}  # fmt: skip


def page(lesson: Lesson, language: str) -> str:
    """A lesson's text as Sphinx reads it."""
    words = WORDS[language]
    known = read(lesson, language)
    hints = [_opens(f"{words['hint']} {i}", text) for i, text in enumerate(known.hints, 1)]
    text = lesson.text_file(language).read_text("utf-8")
    text = _replaced(text, f"{lesson.name}-hints", hints)
    text = _replaced(text, f"{lesson.name}-questions", [_shown(q, words) for q in known.questions])
    parts = [
        text,
        f"## {words['lab']}", "", words["open"], "", "```console",
        f"$ glassnet lab --lesson {lesson.name}",
        f"$ glassnet lab --link '{lesson.lab}'", "```", "",
        words["write"], "", "```console",
        f"$ glassnet learn {lesson.name}", f"$ glassnet check {lesson.name}", "```", "",
        words["take"].format(
            notebook=f"{{download}}`{words['notebook']} <{FILES}/{lesson.name}.ipynb>`",
            exercise=f"{{download}}`{words['exercise']} <{FILES}/{lesson.name}.py>`",
        ), "",
        f"## {words['source']}", "",
        *(f"- `src/glassnet/{source}`" for source in lesson.sources), "",
    ]  # fmt: skip
    return "\n".join(parts)


def _shown(question: Question, words: dict[str, str]) -> str:
    lines = [f"### {question.text}", ""]
    for choice in question.choices:
        verdict = words["right"] if choice.right else words["wrong"]
        lines.append(_opens(choice.text, f"**{verdict}** {choice.reason}"))
    return "\n".join(lines)


def _opens(title: str, text: str) -> str:
    """A line that shows the text behind it when it is clicked."""
    return f"::::{{dropdown}} {title}\n{text}\n::::\n"


def _replaced(text: str, label: str, pieces: list[str]) -> str:
    """The text with other content below the heading that has the label."""
    part = rf"^(\({label}\)=\n## [^\n]*\n).*?(?=^\(|\Z)"
    said = "\n".join(["", *pieces, ""])
    return re.sub(part, lambda m: m[1] + said, text, flags=re.MULTILINE | re.DOTALL)


def write_pages(app: Any) -> None:
    language = app.config.language
    folder = Path(app.srcdir) / FOLDER
    (folder / FILES).mkdir(parents=True, exist_ok=True)
    entries = []
    for lesson in lessons().values():
        name = f"{lesson.number:02}-{lesson.name}"
        write_if_changed(folder / f"{name}.md", page(lesson, language))
        made = to_json(notebook(lesson, language), indent=1)
        write_if_changed(folder / FILES / f"{lesson.name}.ipynb", f"{made}\n")
        write_if_changed(folder / FILES / f"{lesson.name}.py", lesson.exercise(language))
        entries.append(name)
    lines = [f"# {WORDS[language]['course']}", "", "```{toctree}", ":maxdepth: 1", "", *entries]
    write_if_changed(folder / "index.md", "\n".join([*lines, "```", ""]))


def setup(app: Any) -> dict[str, bool]:
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
