"""Lesson 20: four optimizers."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=20,
    name="optimizers",
    writes=("Momentum", "AdaGrad", "RMSprop", "Adam"),
    lab="room=descent",
    sources=(
        "optimizers/sgd.py", "optimizers/adagrad.py", "optimizers/rmsprop.py",
        "optimizers/adam.py",
    ),
)  # fmt: skip
