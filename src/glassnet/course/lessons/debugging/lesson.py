"""Lesson 28: eleven broken pieces to repair, and how to check a network of one's own."""

from glassnet.course.lesson import Lesson

LESSON = Lesson(
    number=28,
    name="debugging",
    writes=(
        "descend",
        "output_gradient",
        "cross_entropy",
        "Affine",
        "loss_gradient",
        "SquaredError",
        "two_layers",
        "slope",
        "Nesterov",
        "Linear",
        "Skip",
    ),
    lab="room=step&data=vertical&layers=4.relu&step_batch=4&mistakes=mean_of_bias_gradient",
    sources=("explain/checking.py", "explain/mistakes/gradients.py", "calculus/differences.py"),
    repairs=3,
)
