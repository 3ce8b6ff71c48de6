"""What goes wrong in numerical differentiation."""

from glassnet.course.lesson import Mutant

FLOAT = "x = np.float64(x)"
STEP = "h = 1e-5 * max(1.0, abs(x))"
QUOTIENT = "return (f(x + h) - f(x - h)) / (2 * h)"

MUTANTS = (
    Mutant("forward_difference", "numerical_diff", QUOTIENT, "return (f(x + h) - f(x)) / h"),
    Mutant("tiny_step", "numerical_diff", STEP, "h = 1e-50"),
    Mutant("small_step", "numerical_diff", STEP, "h = 1e-12 * max(1.0, abs(x))"),
    Mutant("large_step", "numerical_diff", STEP, "h = 1e-2 * max(1.0, abs(x))"),
    Mutant("float32_differences", "numerical_diff", FLOAT, "x = np.float32(x)"),
    Mutant("step_that_drowns", "numerical_diff", STEP, "h = 1e-5"),
    Mutant("divided_by_one_step", "numerical_diff", QUOTIENT, "return (f(x + h) - f(x - h)) / h"),
    Mutant("missing_brackets", "numerical_diff", QUOTIENT,
           "return (f(x + h) - f(x - h)) / 2 * h"),
    Mutant("rounded_slope", "numerical_diff", QUOTIENT,
           "return np.round((f(x + h) - f(x - h)) / (2 * h), 3)"),
)  # fmt: skip
