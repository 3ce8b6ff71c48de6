"""What a page can ask about lessons: their list, one of them, and whether a step is done."""

from __future__ import annotations

from typing import Any

from glassnet import texts
from glassnet.course.progress import note_best, note_passed, progress
from glassnet.course.reading import Question
from glassnet.errors import UnknownNameError
from glassnet.lab.lessons import catalog
from glassnet.lab.lessons.blocks import blocks, inline
from glassnet.lab.lessons.lesson import LabLesson, Step
from glassnet.lab.lessons.reading import PARTS
from glassnet.lab.protocol import Args, RefusedError, by_name
from glassnet.lab.session.state import Session


def key(lesson: LabLesson) -> str:
    """How the user's folder calls it: the course's lessons have their ticks by name."""
    return lesson.name if lesson.kind == "course" else f"lab:{lesson.name}"


def _found(args: Args, run: bool = False) -> LabLesson:
    language = args.choice("language", tuple(texts.languages()), "en")
    name = args.text("name", 60)
    try:
        return catalog.find(name, language, run)
    except UnknownNameError as error:
        raise RefusedError(str(error), "lesson.unknown", name=name) from None


def _kept(session: Session) -> dict[str, dict[str, Any]]:
    """What was done: by the user of this machine, or on this page of a class."""
    return progress() if session.keeps else session.done


def _note_here(session: Session, name: str, score: int | None) -> int | None:
    """A tick, and the best score, that nothing but this page knows."""
    entry = session.done.setdefault(name, {"passed": ""})
    if score is not None:
        entry["best"] = min(score, entry.get("best", score))
    best: int | None = entry.get("best")
    return best


def lessons(session: Session, args: Args) -> list[dict[str, Any]]:
    """Every lesson: its name, title and kind, whether it was done, the best of a level."""
    kept = _kept(session)
    language = args.choice("language", tuple(texts.languages()), "en")
    return [
        {
            "name": lesson.name, "title": lesson.title, "kind": lesson.kind,
            "number": lesson.number, "steps": len(lesson.steps),
            "passed": "passed" in kept.get(key(lesson), {}),
            "best": kept.get(key(lesson), {}).get("best"),
        }
        for lesson in catalog.listed(language)
    ]  # fmt: skip


def lesson(session: Session, args: Args) -> dict[str, Any]:
    """A lesson in a language, ready to be shown."""
    found = _found(args, run=True)
    rows = [other for other in catalog.listed("en") if other.kind == found.kind]
    names = [other.name for other in rows]
    after = names[names.index(found.name) + 1 :] if found.name in names else []
    return {
        "name": found.name, "title": found.title, "kind": found.kind,
        "question": inline(found.question), "next": after[0] if after else None,
        "best": _kept(session).get(key(found), {}).get("best"),
        "steps": [_step(found, step, i) for i, step in enumerate(found.steps, 1)],
    }  # fmt: skip


def _step(lesson: LabLesson, step: Step, number: int) -> dict[str, Any]:
    here = f"lesson={lesson.name}/{number}&"
    return {
        "title": step.title,
        "blocks": blocks(step.text, here),
        "state": step.state,
        "light": [PARTS.get(name, f'[data-field~="{name}"]') for name in step.light],
        "until": step.until is not None,
        "questions": [_question(question) for question in step.questions],
    }


def _question(question: Question) -> dict[str, Any]:
    choices = [
        {"text": inline(choice.text), "right": choice.right, "reason": inline(choice.reason)}
        for choice in question.choices
    ]
    return {"text": inline(question.text), "choices": choices}


def reached(session: Session, args: Args) -> dict[str, Any]:
    """Whether a step is done now; a level's score (parameters × epochs) and the best so far."""
    found = _found(args)
    number = args.whole("step", 1, len(found.steps))
    until = found.steps[number - 1].until
    done = until is None or until.holds(session)
    last = number == max((i for i, s in enumerate(found.steps, 1) if s.until), default=0)
    score, best = None, None
    if found.kind == "level":
        score = session.model.parameters.size * session.trainer.epoch
        best = _kept(session).get(key(found), {}).get("best")
    if done and last and until is not None:
        if not session.keeps:
            best = _note_here(session, key(found), score)
        elif score is not None:
            best = note_best(key(found), score)
        elif "passed" not in progress().get(key(found), {}):
            note_passed(key(found))
    return {"reached": done, "score": score, "best": best}


QUESTIONS = by_name(lessons, lesson, reached)
