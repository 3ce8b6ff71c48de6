"""Lesson 13: the gradient of a network's loss."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=13,
    name="net",
    writes=("loss", "gradient"),
    lab="room=step&data=vertical&layers=",
    sources=("experiments/net2x3.py", "losses/categorical_crossentropy.py"),
)
