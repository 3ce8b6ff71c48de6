"""The eleven mistakes of the file that is handed out, one in each piece."""

from glassnet.course.lesson import Mutant

STEP = "room=step&data=vertical&layers=4.relu&step_batch=4&mistakes="
SKIP = "room=step&data=vertical&layers=4.relu,4.relu.skip&step_batch=4&mistakes="
SQUARED = "room=step&data=vertical&layers=4.relu&step_batch=4&loss=mean_squared_error&mistakes="
NESTEROV = "room=step&data=vertical&layers=4.relu&optimizer=nesterov&mistakes="


def _mutant(name: str, part: str, right: str, wrong: str, lab: str = STEP) -> Mutant:
    """A mistake, with the link that shows it in the lab."""
    return Mutant(name, part, right, wrong, lab + name)


MUTANTS = (
    _mutant("stale_gradient", "descend",
            "    for _ in range(steps):\n        y = x @ w\n",
            "    y = x @ w\n    for _ in range(steps):\n"),
    _mutant("softmax_twice", "output_gradient", "    return (p - t) / len(z)\n",
            "    dz = (p - t) / len(z)\n"
            "    return p * (dz - (dz * p).sum(axis=1, keepdims=True))\n"),
    _mutant("unstable_formula", "cross_entropy",
            "    z = z - z.max(axis=1, keepdims=True)\n    sums = np.exp(z).sum(axis=1)\n"
            "    return np.mean(np.log(sums) - z[rows, t])\n",
            "    sums = np.exp(z).sum(axis=1)\n"
            "    return np.mean(-np.log(np.exp(z[rows, t]) / sums + 1e-7))\n"),
    _mutant("mean_of_bias_gradient", "Affine", "dout.sum(axis=0)", "dout.mean(axis=0)"),
    _mutant("prediction_overwritten", "loss_gradient", "dz = p.copy()", "dz = p", SQUARED),
    _mutant("sum_for_mean", "SquaredError", "2 * self.error / self.error.size", "2 * self.error"),
    _mutant("update_in_backward", "two_layers",
            "    dh = dout @ W2.T * (1 - h**2)\n    W2 = W2 - lr * h.T @ dout\n",
            "    W2 = W2 - lr * h.T @ dout\n    dh = dout @ W2.T * (1 - h**2)\n"),
    _mutant("float32_differences", "slope", "x.astype(np.float64)", "x.astype(np.float32)"),
    _mutant("old_velocity", "Nesterov",
            "        self.v = self.momentum * self.v - self.lr * g\n"
            "        return w + self.momentum * self.v - self.lr * g\n",
            "        w = w + self.momentum * self.v - self.lr * g\n"
            "        self.v = self.momentum * self.v - self.lr * g\n        return w\n", NESTEROV),
    _mutant("leftover_gradient", "Linear",
            "        self.dW = self.x.T @ dout\n        return",
            "        self.dW += self.x.T @ dout\n        return"),
    _mutant("gradient_overwritten", "Skip", "through = dout.copy()", "through = dout", SKIP),
)  # fmt: skip
