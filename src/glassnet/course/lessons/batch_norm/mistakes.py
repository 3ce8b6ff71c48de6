"""What goes wrong in batch normalization."""

from glassnet.course.lesson import Mutant

NAME = "BatchNorm"
OWN = "            mean, var = x.mean(axis=0), x.var(axis=0)\n"
DX = "return (g - g.mean(axis=0) - self.hat * (g * self.hat).mean(axis=0)) / self.root"
MOVED = "return self.momentum * running + (1 - self.momentum) * new"
KEEP = """\
            self.running_mean = self._moved(self.running_mean, mean)
            self.running_var = self._moved(self.running_var, var)
"""

MUTANTS = (
    Mutant("batch_statistics_at_inference", NAME, f"        if train:\n{OWN}{KEEP}",
           f"        mean, var = x.mean(axis=0), x.var(axis=0)\n        if train:\n{KEEP}"),
    Mutant("mean_and_variance_constant", NAME, DX, "return g / self.root"),
    Mutant("variance_constant", NAME, DX, "return (g - g.mean(axis=0)) / self.root"),
    Mutant("gamma_not_in_dx", NAME, "g = self.gamma * dout", "g = dout"),
    Mutant("one_mean_for_all_features", NAME, OWN,
           "            one = np.ones(x.shape[1])\n"
           "            mean, var = x.mean() * one, x.var() * one\n"),
    Mutant("over_the_features", NAME, OWN,
           "            mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)\n"),
    Mutant("epsilon_left_out", NAME, "np.sqrt(var + self.eps)", "np.sqrt(var)"),
    Mutant("root_left_out", NAME, "np.sqrt(var + self.eps)", "(var + self.eps)"),
    Mutant("divided_by_n_minus_one", NAME, "x.var(axis=0)", "x.var(axis=0, ddof=1)"),
    Mutant("shares_swapped", NAME, MOVED,
           "return (1 - self.momentum) * running + self.momentum * new"),
    Mutant("only_the_last_batch", NAME, MOVED, "return new"),
    Mutant("moved_at_inference", NAME, f"        if train:\n{OWN}{KEEP}",
           f"        if train:\n{OWN}" + KEEP.replace(" " * 12, " " * 8)
           .replace("mean, mean)", "mean, x.mean(axis=0))")
           .replace("var, var)", "var, x.var(axis=0))")),
    Mutant("mean_of_gradients", NAME,
           "self.dbeta = dout.sum(axis=0)\n        self.dgamma = (dout * self.hat).sum(axis=0)",
           "self.dbeta = dout.mean(axis=0)\n"
           "        self.dgamma = (dout * self.hat).mean(axis=0)"),
    Mutant("dgamma_without_x", NAME, "self.dgamma = (dout * self.hat).sum(axis=0)",
           "self.dgamma = dout.sum(axis=0)"),
)  # fmt: skip
