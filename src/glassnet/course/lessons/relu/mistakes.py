"""What goes wrong in the backward pass of an activation."""

from glassnet.course.lesson import Mutant

RELU = "return np.where(self.mask, dout, 0)"
SIGMOID = "return dout * self.y * (1 - self.y)"

MUTANTS = (
    Mutant("gradient_overwritten", "ReLU", RELU, "dout[~self.mask] = 0; return dout"),
    Mutant("mask_by_gradient", "ReLU", RELU, "return np.where(dout > 0, dout, 0)"),
    Mutant("gradient_of_output", "ReLU", RELU, "return np.where(self.mask, 1.0, 0.0)"),
    Mutant("relu_passes_all", "ReLU", RELU, "return dout + 0"),
    Mutant("kink_counts", "ReLU", "self.mask = x > 0", "self.mask = x >= 0"),
    Mutant("relu_overwrites_input", "ReLU", "return np.where(self.mask, x, 0)",
           "x[~self.mask] = 0; return x"),
    Mutant("sigmoid_of_output", "Sigmoid", SIGMOID,
           "s = 1 / (1 + np.exp(-self.y)); return dout * s * (1 - s)"),
    Mutant("sigmoid_no_factor", "Sigmoid", SIGMOID, "return dout * self.y"),
    Mutant("sigmoid_without_gradient", "Sigmoid", SIGMOID, "return self.y * (1 - self.y)"),
    Mutant("sigmoid_overwrites_gradient", "Sigmoid", SIGMOID,
           "dout *= self.y * (1 - self.y); return dout"),
)  # fmt: skip
