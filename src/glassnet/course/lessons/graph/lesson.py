"""Lesson 15: the computational graph and the chain rule."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=15,
    name="graph",
    writes=("Mul", "Add", "buy_apples_and_oranges"),
    lab="room=step&data=xor&layers=2.sigmoid",
    sources=("explain/chain.py", "layers/passes.py"),
)
