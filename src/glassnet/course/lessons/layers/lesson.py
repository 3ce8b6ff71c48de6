"""Lesson 19: a network of layers that are objects."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=19,
    name="layers",
    writes=("Network",),
    lab="room=step&data=vertical&layers=4.relu&step_batch=4&mistakes=update_in_backward",
    sources=("layers/passes.py", "model/trainable.py"),
)
