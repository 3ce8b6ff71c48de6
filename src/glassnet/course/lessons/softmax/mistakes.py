"""What goes wrong in softmax."""

from glassnet.course.lesson import Mutant

POWERS = "e = np.exp(z - np.max(z, axis=-1, keepdims=True))"
SHARES = "return e / np.sum(e, axis=-1, keepdims=True)"

MUTANTS = (
    Mutant("exponential_overflows", "softmax", POWERS, "e = np.exp(z)"),
    Mutant("sum_over_the_batch", "softmax", SHARES, "return e / np.sum(e)"),
    Mutant("sum_over_the_samples", "softmax", SHARES, "return e / np.sum(e, axis=0)"),
    Mutant("axis_lost", "softmax", SHARES, "return e / np.sum(e, axis=-1)"),
    Mutant("largest_of_the_batch", "softmax", POWERS, "e = np.exp(z - np.max(z))"),
    Mutant("shares_of_the_scores", "softmax", POWERS, "e = z"),
    Mutant("scores_overwritten", "softmax", POWERS,
           "z -= np.max(z, axis=-1, keepdims=True); e = np.exp(z)"),
    Mutant("constant_below", "softmax", SHARES,
           "return e / (np.sum(e, axis=-1, keepdims=True) + 1e-3)"),
)  # fmt: skip
