"""What goes wrong in losses."""

from glassnet.course.lesson import Mutant

ROWS = "rows[np.arange(len(labels)), labels] = 1"
SQUARED = "return np.mean((y - t) ** 2)"
BINARY = "losses = -t * np.log(p) - (1 - t) * np.log(1 - p)"
CLIPPED = "q = np.clip(p, 1e-7, 1 - 1e-7)"
MEAN = "return np.sum(losses) / n"

MUTANTS = (
    Mutant("counted_from_one", "one_hot", ROWS,
           "rows[np.arange(len(labels)), np.asarray(labels) - 1] = 1"),
    Mutant("whole_columns", "one_hot", ROWS, "rows[:, labels] = 1"),
    Mutant("half_of_the_sum", "mean_squared_error", SQUARED, "return 0.5 * np.sum((y - t) ** 2)"),
    Mutant("errors_cancel", "mean_squared_error", SQUARED, "return np.mean(y - t)"),
    Mutant("root_of_the_mean", "mean_squared_error", SQUARED,
           "return np.sqrt(np.mean((y - t) ** 2))"),
    Mutant("only_the_ones", "binary_crossentropy", BINARY, "losses = -t * np.log(p)"),
    Mutant("log_of_zero", "binary_crossentropy", "p = np.clip(p, 1e-7, 1 - 1e-7)", "pass"),
    Mutant("sum_for_mean", "categorical_crossentropy", MEAN, "return np.sum(losses)"),
    Mutant("divided_by_classes_too", "categorical_crossentropy", MEAN,
           "return np.sum(losses) / (n * classes)"),
    Mutant("log_plus_constant", "categorical_crossentropy", CLIPPED, "q = p + 1e-7"),
    Mutant("labels_as_numbers", "categorical_crossentropy", "t = np.eye(classes)[t]",
           "t = t[:, None]"),
)  # fmt: skip
