"""Lesson 16: the backward pass of ReLU and sigmoid."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=16,
    name="relu",
    writes=("ReLU", "Sigmoid"),
    lab="room=step&data=vertical&layers=4.relu,4.relu.skip&mistakes=gradient_overwritten",
    sources=("activations/relu.py", "activations/sigmoid.py"),
)
