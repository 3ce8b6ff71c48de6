"""Lesson 11: the gradient of a function of many numbers."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=11,
    name="gradient",
    writes=("numerical_gradient",),
    lab="room=descent&surface=bowl&start_x=3&start_y=4",
    sources=("calculus/differences.py",),
)
