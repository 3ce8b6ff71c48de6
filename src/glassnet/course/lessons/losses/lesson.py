"""Lesson 8: three losses, and one-hot labels."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=8,
    name="losses",
    writes=("one_hot", "mean_squared_error", "binary_crossentropy", "categorical_crossentropy"),
    lab="room=functions&curves=losses&predicts=probability"
    "&losses=mean_squared_error,binary_crossentropy",
    sources=(
        "losses/mean_squared_error.py",
        "losses/binary_crossentropy.py",
        "losses/categorical_crossentropy.py",
    ),
)
