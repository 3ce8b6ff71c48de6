"""Lesson 21: initial weights."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=21,
    name="weights",
    writes=("xavier", "he", "spreads"),
    lab="data=spiral&layers=8.tanh,8.tanh&init=zeros&panel=layers",
    sources=("initializers.py", "experiments/weights.py"),
)
