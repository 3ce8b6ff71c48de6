"""Lesson 24: hyperparameter search by random draws and a validation set."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=24,
    name="search",
    writes=("draw", "search"),
    lab="data=spiral&learning_rate=0.001",
    sources=("experiments/search.py",),
)
