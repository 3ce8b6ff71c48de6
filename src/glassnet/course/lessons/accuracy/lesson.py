"""Lesson 9: why a network learns from a loss, and not from its accuracy."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=9,
    name="accuracy",
    writes=("accuracy", "loss", "slope", "gain"),
    lab="batch_size=500",
    sources=(
        "metrics/accuracy.py",
        "losses/sparse_categorical_crossentropy.py",
        "calculus/differences.py",
    ),
)
