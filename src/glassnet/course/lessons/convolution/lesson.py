"""Lesson 25: convolution, forward and backward, by im2col."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=25,
    name="convolution",
    writes=("im2col", "col2im", "Conv2D"),
    lab="room=convolution&conv_view=back",
    sources=(
        "layers/convolution/layer.py",
        "layers/convolution/kernels.py",
        "layers/windows.py",
    ),
)
