"""Lesson 5: softmax."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=5,
    name="softmax",
    writes=("softmax",),
    lab="room=step&data=vertical&layers=4.relu&mistakes=unstable_formula",
    sources=("activations/softmax.py",),
)
