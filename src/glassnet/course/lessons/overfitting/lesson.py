"""Lesson 23: overfitting, and two cures: weight decay and dropout."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=23,
    name="overfitting",
    writes=("Dropout", "penalized_loss", "penalized_gradients"),
    lab="noise=0.3&samples=40&layers=16.relu.d30,16.relu.d30&l2=0.01",
    sources=("layers/dropout/layer.py", "layers/regularizers.py"),
)
