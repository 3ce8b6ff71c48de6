"""Lesson 7: answers and accuracy, batch by batch."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=7,
    name="batches",
    writes=("predict_in_batches", "accuracy_in_batches"),
    lab="room=step&data=vertical&step_batch=8",
    sources=("data/batches.py", "model/evaluation.py"),
)
