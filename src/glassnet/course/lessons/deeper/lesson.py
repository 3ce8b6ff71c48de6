"""Lesson 27: deeper networks: vanishing gradients, skip connections, augmentation."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=27,
    name="deeper",
    writes=("Residual", "shift", "with_copies"),
    lab="data=spiral&layers=8.sigmoid,8.sigmoid.skip,8.sigmoid.skip,8.sigmoid.skip&panel=layers",
    sources=("layers/residual/layer.py", "layers/block.py", "layers/augmentation/layer.py"),
)
