"""Lesson 4: the forward pass of three layers."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=4,
    name="forward",
    writes=("predict",),
    lab="room=step&data=vertical&layers=4.relu",
    sources=("layers/passes.py", "model/network.py"),
)
