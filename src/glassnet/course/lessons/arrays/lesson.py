"""Lesson 3: arrays and the matrix product."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=3,
    name="arrays",
    writes=("affine",),
    lab="room=step&data=vertical&layers=3.sigmoid&step_batch=2",
    sources=("layers/dense/layer.py", "layers/dense/kernels.py"),
)
