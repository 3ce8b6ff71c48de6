"""Lesson 12: gradient descent."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=12,
    name="descent",
    writes=("gradient_descent",),
    lab="room=descent&surface=bowl&start_x=-3&start_y=4&race=sgd_0.1_20,sgd_1.05_20,sgd_0.001_20",
    sources=("calculus/descent.py", "optimizers/sgd.py"),
)
