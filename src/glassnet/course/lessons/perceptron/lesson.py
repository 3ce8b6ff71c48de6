"""Lesson 1: the perceptron."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=1,
    name="perceptron",
    writes=("AND", "NAND", "OR", "XOR"),
    lab="data=xor&noise=0&layers=",
    sources=("model/perceptron.py", "experiments/gates.py"),
)
