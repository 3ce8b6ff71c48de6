"""A lesson's page on the site: its answers are closed, and nothing stands on it twice."""

import sys
from pathlib import Path

import pytest

from glassnet import texts
from glassnet.course.catalog import lessons
from glassnet.course.lesson import Lesson
from glassnet.course.reading import read

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_ext"))

import lessons as pages


@pytest.mark.parametrize("language", texts.languages())
@pytest.mark.parametrize("lesson", lessons().values(), ids=lambda lesson: lesson.name)
def test_hints_and_answers_open_where_they_stand(lesson: Lesson, language: str) -> None:
    made, known = pages.page(lesson, language), read(lesson, language)
    assert "- [x]" not in made and "- [ ]" not in made
    choices = [choice for question in known.questions for choice in question.choices]
    assert made.count("{dropdown}") == len(known.hints) + len(choices)
    places = [made.index(f"({lesson.name}-{part})=") for part in ("hints", "questions", "checks")]
    assert places == sorted(places)
    assert places[0] < made.index("{dropdown}") < made.rindex("{dropdown}") < places[2]


def test_the_theme_speaks_korean() -> None:
    import themewords

    said = "".join(themewords.SAID) + 'Made with \n<a href="x">Furo</a>'
    left = themewords.in_korean(said).replace("Furo", "").replace("JavaScript", "")
    assert "Toggle" not in left and "Next" not in left and "Made with" not in left
    words = themewords.SAID.values()
    assert all(any("가" <= letter <= "힣" for letter in word) for word in words)
