"""Lesson 26: pooling and a small convolutional network."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=26,
    name="pooling",
    writes=("MaxPool", "Flatten"),
    lab="room=convolution&conv_source=digits&conv_relu=1&conv_pooling=max",
    sources=(
        "layers/pooling/layer.py",
        "layers/pooling/kernels.py",
        "layers/pooling/mistakes.py",
        "layers/reshape/layer.py",
    ),
)
