"""Lesson 10: numerical differentiation."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=10,
    name="differences",
    writes=("numerical_diff",),
    lab="room=functions&tangent_h=1e-12&float_type=float32",
    sources=("calculus/differences.py", "calculus/step_size.py"),
)
