"""Lesson 14: the training loop: epochs and mini-batches."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=14,
    name="training",
    writes=("batches", "fit"),
    lab="data=vertical&batch_size=10&hide=features",
    sources=("data/batches.py", "training/loop.py"),
)
