"""What goes wrong in batches."""

from glassnet.course.lesson import Mutant

START = "for start in range(0, len(x), size):"
COUNT = "right += np.sum(answers == t[i : i + size])"
LOOP = "for i in range(0, len(x), size):"

MUTANTS = (
    Mutant("last_batch_dropped", "predict_in_batches", START,
           "for start in range(0, len(x) // size * size, size):"),
    Mutant("batches_kept_apart", "predict_in_batches", "np.concatenate(scores)",
           "np.array(scores)"),
    Mutant("one_row_too_many", "predict_in_batches", "x[start : start + size]",
           "x[start : start + size + 1]"),
    Mutant("all_at_once", "predict_in_batches", "x[start : start + size]))",
           "x)[start : start + size])"),
    Mutant("mean_of_batch_means", "accuracy_in_batches", f"{COUNT}\n    return right / len(x)",
           "right += np.mean(answers == t[i : i + size])\n"
           "    return right / len(range(0, len(x), size))"),
    Mutant("last_batch_not_counted", "accuracy_in_batches", LOOP,
           "for i in range(0, len(x) // size * size, size):"),
    Mutant("always_the_first_labels", "accuracy_in_batches", COUNT,
           "right += np.sum(answers == t[: len(answers)])"),
    Mutant("over_the_samples", "accuracy_in_batches", "axis=1", "axis=0"),
    Mutant("divided_by_the_batches", "accuracy_in_batches", "return right / len(x)",
           "return right / (len(range(0, len(x), size)) * size)"),
)  # fmt: skip
