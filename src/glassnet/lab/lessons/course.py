"""A lesson of the course beside its room: the same text, a step for each of its headings."""

from __future__ import annotations

import re

from glassnet.course.formulas import for_pages
from glassnet.course.lesson import Lesson
from glassnet.course.reading import read
from glassnet.course.showing import executed
from glassnet.lab.lessons.lesson import LabLesson, Step
from glassnet.texts import text


def of_course(lesson: Lesson, language: str, run: bool = False) -> LabLesson:
    """The lesson; ``run``: its code executed, and what it printed below it."""
    words = read(lesson, language, for_pages)
    body = executed(words.body) if run else words.body
    first, *sections = re.split(r"^## ", body, flags=re.MULTILINE)
    lines = [line for line in first.splitlines() if not line.startswith(("# ", ">"))]
    steps = [Step(words.title, "\n".join(lines).strip(), state=lesson.lab)]
    for section in sections:
        title, _, rest = section.partition("\n")
        steps.append(Step(title.strip(), rest.strip()))
    steps[-1].text += "\n\n" + text("course.learn.in_terminal", language, name=lesson.name)
    questions = text("course.learn.questions", language)
    steps.append(Step(questions, questions=list(words.questions)))
    return LabLesson(lesson.name, words.title, words.question, steps, "course", lesson.number)
