"""Lesson 17: the backward pass of an affine layer."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=17,
    name="affine",
    writes=("Affine",),
    lab="room=step&data=vertical&layers=4.relu&step_batch=8&mistakes=mean_of_bias_gradient",
    sources=("layers/dense/layer.py", "layers/dense/kernels.py"),
)
