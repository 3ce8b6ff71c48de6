"""Lesson 2: three activation functions."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=2,
    name="activations",
    writes=("step", "sigmoid", "relu"),
    lab="room=functions&activations=step,sigmoid,relu&tangent_on=sigmoid&tangent_at=1",
    sources=("activations/step.py", "activations/sigmoid.py", "activations/relu.py"),
)
