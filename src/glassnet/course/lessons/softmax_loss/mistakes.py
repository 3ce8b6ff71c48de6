"""What goes wrong in softmax with cross-entropy."""

from glassnet.course.lesson import Mutant

BACK = "return (self.y - self.t) / len(self.y)"
SHIFT = "z = z - z.max(axis=1, keepdims=True)"
LOSSES = "losses = np.sum(self.t * (np.log(total) - z), axis=1)"
NAME = "SoftmaxWithLoss"

MUTANTS = (
    Mutant("softmax_twice", NAME, BACK,
           "g = (self.y - self.t) / len(self.y)\n"
           "        return self.y * (g - (g * self.y).sum(axis=1, keepdims=True))"),
    Mutant("prediction_overwritten", NAME, BACK,
           "gradient = self.y\n        gradient -= self.t\n        return gradient / len(self.y)"),
    Mutant("sum_for_mean", NAME, BACK, "return self.y - self.t"),
    Mutant("divided_by_classes", NAME, BACK, "return (self.y - self.t) / self.y.size"),
    Mutant("truth_minus_prediction", NAME, BACK, "return (self.t - self.y) / len(self.y)"),
    Mutant("gradient_of_probability", NAME, BACK, "return -self.t / self.y / len(self.y)"),
    Mutant("overflowing_softmax", NAME, SHIFT, "pass"),
    Mutant("log_of_probability", NAME, LOSSES,
           "losses = -np.sum(self.t * np.log(self.y), axis=1)"),
    Mutant("sum_over_the_batch", NAME, "total = e.sum(axis=1, keepdims=True)", "total = e.sum()"),
    Mutant("loss_summed", NAME, "return np.mean(losses)", "return np.sum(losses)"),
)  # fmt: skip
