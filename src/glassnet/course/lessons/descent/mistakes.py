"""What goes wrong in gradient descent."""

from glassnet.course.lesson import Mutant

START = "x = np.array(x0, dtype=float)"
STEP = "x = x - lr * gradient(x)"
LOOP = "        x = x - lr * gradient(x)\n        points.append(x)\n"

MUTANTS = (
    Mutant("start_overwritten", "gradient_descent",
           f"    {START}\n    points = [x]\n    for _ in range(steps):\n{LOOP}",
           "    x = x0\n    points = [x.copy()]\n    for _ in range(steps):\n"
           "        x -= lr * gradient(x)\n        points.append(x.copy())\n"),
    Mutant("one_point_many_times", "gradient_descent", STEP, "x -= lr * gradient(x)"),
    Mutant("uphill", "gradient_descent", STEP, "x = x + lr * gradient(x)"),
    Mutant("first_gradient_for_ever", "gradient_descent", STEP,
           "x = x - lr * gradient(np.array(x0, dtype=float))"),
    Mutant("start_left_out", "gradient_descent", "points = [x]", "points = []"),
    Mutant("only_the_last_point", "gradient_descent", "return np.array(points)", "return x"),
    Mutant("direction_without_length", "gradient_descent", STEP,
           "x = x - lr * gradient(x) / np.linalg.norm(gradient(x))"),
    Mutant("rate_left_out", "gradient_descent", STEP, "x = x - gradient(x)"),
)  # fmt: skip
