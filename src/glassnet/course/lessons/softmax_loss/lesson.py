"""Lesson 18: softmax with cross-entropy, and their common backward pass."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=18,
    name="softmax_loss",
    writes=("SoftmaxWithLoss",),
    lab="room=step&data=vertical&layers=4.relu&step_batch=4&mistakes=softmax_twice",
    sources=("losses/sparse_categorical_crossentropy.py", "losses/categorical_crossentropy.py"),
)
