"""Lesson 6: digits read by a trained network."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=6,
    name="pretrained",
    writes=("init_network", "predict", "accuracy"),
    lab="room=digits&digits_units=100",
    sources=("interop/pickles.py", "interop/dlfs.py", "experiments/pretrained.py"),
)
