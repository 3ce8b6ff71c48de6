"""What goes wrong in an affine layer."""

from glassnet.course.lesson import Mutant

DW = "self.dW = np.dot(self.x.T, dout)"
DB = "self.db = np.sum(dout, axis=0)"
DX = "return np.dot(dout, self.W.T)"

MUTANTS = (
    Mutant("mean_of_bias_gradient", "Affine", DB, "self.db = np.mean(dout, axis=0)"),
    Mutant("bias_gradient_not_summed", "Affine", DB, "self.db = dout"),
    Mutant("bias_gradient_over_outputs", "Affine", DB, "self.db = np.sum(dout, axis=1)"),
    Mutant("weights_not_transposed", "Affine", DX, "return np.dot(dout, self.W)"),
    Mutant("weight_gradient_transposed", "Affine", DW, "self.dW = np.dot(dout.T, self.x)"),
    Mutant("divided_by_n_again", "Affine", DW, "self.dW = np.dot(self.x.T, dout) / len(dout)"),
    Mutant("leftover_gradient", "Affine", DW,
           "self.dW = getattr(self, 'dW', 0) + np.dot(self.x.T, dout)"),
    Mutant("weights_for_inputs", "Affine", DX, "return np.dot(self.x, self.W) @ self.W.T"),
    Mutant("update_in_backward", "Affine", DX,
           "self.W = self.W - 0.1 * self.dW; return np.dot(dout, self.W.T)"),
    Mutant("bias_left_out", "Affine", "np.dot(x, self.W) + self.b", "np.dot(x, self.W)"),
)  # fmt: skip
