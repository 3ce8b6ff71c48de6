"""Lesson 22: batch normalization."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=22,
    name="batch_norm",
    writes=("BatchNorm",),
    lab="data=spiral&layers=8.relu.bn,8.relu.bn&panel=layers",
    sources=("layers/normalization/layer.py", "layers/normalization/kernels.py"),
)
