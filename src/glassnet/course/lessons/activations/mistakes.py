"""What goes wrong in activation functions."""

from glassnet.course.lesson import Mutant

STEP = "return np.where(np.asarray(x) > 0, 1, 0)"
SIGMOID = "    e = np.exp(-np.abs(x))\n    return np.where(np.asarray(x) >= 0, 1, e) / (1 + e)\n"
RELU = "return np.maximum(x, 0)"

MUTANTS = (
    Mutant("step_at_zero", "step", STEP, "return np.where(np.asarray(x) >= 0, 1, 0)"),
    Mutant("sign_for_step", "step", STEP, "return np.sign(x)"),
    Mutant("step_of_one_number", "step", STEP, "return 1 if x > 0 else 0"),
    Mutant("exponential_overflows", "sigmoid", SIGMOID, "    return 1 / (1 + np.exp(-x))\n"),
    Mutant("sigmoid_mirrored", "sigmoid", SIGMOID,
           "    e = np.exp(-np.abs(x))\n    return np.where(np.asarray(x) >= 0, e, 1) / (1 + e)\n"),
    Mutant("sigmoid_clipped", "sigmoid", SIGMOID,
           "    return 1 / (1 + np.exp(-np.clip(x, -10, 10)))\n"),
    Mutant("relu_of_one_number", "relu", RELU, "return x if x > 0 else 0"),
    Mutant("absolute_for_relu", "relu", RELU, "return np.abs(x)"),
    Mutant("relu_overwrites_input", "relu", RELU, "x[x < 0] = 0; return x"),
)  # fmt: skip
