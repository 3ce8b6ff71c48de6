"""What goes wrong where accuracy and loss are measured."""

from glassnet.course.lesson import Mutant

SHARE = "return np.mean(np.argmax(x @ W, axis=1) == t)"
SOFT = """\
z = x @ W
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return np.mean(p[np.arange(len(t)), t] / p.sum(axis=1))"""
MEAN = "return np.mean(np.log(np.exp(z).sum(axis=1)) - right)"
RIGHT = "right = z[np.arange(len(t)), t]"
COPIES = "up, down = W.copy(), W.copy()\n    up[place] += h\n    down[place] -= h\n"
CENTRAL = "return (f(up) - f(down)) / (2 * h)"
IN_PLACE = """\
W[place] += h
    above = f(W)
    W[place] -= 2 * h
    return (above - f(W)) / (2 * h)"""

MUTANTS = (
    Mutant("mean_probability", "accuracy", SHARE, SOFT),
    Mutant("over_the_samples", "accuracy", "axis=1) == t", "axis=0) == t"),
    Mutant("count_for_share", "accuracy", SHARE, "return np.sum(np.argmax(x @ W, axis=1) == t)"),
    Mutant("loss_of_the_answer", "loss", RIGHT, "right = z.max(axis=1)"),
    Mutant("sum_for_mean", "loss", MEAN, MEAN.replace("np.mean", "np.sum")),
    Mutant("log_of_base_two", "loss", MEAN, f"{MEAN} / np.log(2)"),
    Mutant("exponential_overflows", "loss", "    z = z - z.max(axis=1, keepdims=True)\n", ""),
    Mutant("forward_difference", "slope", CENTRAL, "return (f(up) - f(W)) / h"),
    Mutant("divided_by_h", "slope", CENTRAL, "return (f(up) - f(down)) / h"),
    Mutant("all_weights_moved", "slope", COPIES, "up, down = W + h, W - h\n"),
    Mutant("weight_not_put_back", "slope", f"{COPIES}    {CENTRAL}", IN_PLACE),
    Mutant("fall_for_learning", "gain", "np.log(classes) - losses[-1]", "losses[0] - losses[-1]"),
    Mutant("first_loss_compared", "gain", "losses[-1]", "losses[0]"),
    Mutant("logarithm_forgotten", "gain", "np.log(classes) - losses[-1]",
           "1 / classes - losses[-1]"),
)  # fmt: skip
