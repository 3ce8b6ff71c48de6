"""What goes wrong in the gradient of a network."""

from glassnet.course.lesson import Mutant

PICKED = "z[np.arange(len(x)), t]"
DZ = "dz = (p - np.eye(W.shape[1])[t]) / len(x)"
BACK = "return np.dot(x.T, dz)"

MUTANTS = (
    Mutant("loss_summed", "loss", "return np.mean(losses)", "return np.sum(losses)"),
    Mutant("wrong_class_picked", "loss", PICKED, "z.max(axis=1)"),
    Mutant("all_columns_picked", "loss", PICKED, "z[:, t].mean(axis=1)"),
    Mutant("gradient_by_input", "gradient", BACK, "return np.dot(dz, W.T)"),
    Mutant("weights_not_used", "gradient", BACK, "return np.zeros_like(W)"),
    Mutant("sum_for_mean", "gradient", DZ, "dz = p - np.eye(W.shape[1])[t]"),
    Mutant("truth_left_out", "gradient", DZ, "dz = p / len(x)"),
    Mutant("truth_minus_prediction", "gradient", DZ,
           "dz = (np.eye(W.shape[1])[t] - p) / len(x)"),
    Mutant("gradient_transposed", "gradient", BACK, "return np.dot(dz.T, x)"),
    Mutant("scores_for_probabilities", "gradient", DZ,
           "dz = (z - np.eye(W.shape[1])[t]) / len(x)"),
)  # fmt: skip
