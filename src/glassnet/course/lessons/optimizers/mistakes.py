"""What goes wrong in optimizers."""

from glassnet.course.lesson import Mutant

VELOCITY = "            v = self.v.get(name, 0)\n"
MOVE = "params[name] += self.v[name]"
SQUARES = "self.h[name] = self.h.get(name, 0) + g**2"
MEAN = "self.mean[name] = self.rho * mean + (1 - self.rho) * g**2"
COUNTED = """\
        self.t += 1
        first, second = 1 - self.beta_1**self.t, 1 - self.beta_2**self.t
        lr = self.lr * np.sqrt(second) / first
"""
EACH = """\
        for name, g in grads.items():
            self.m
"""[:-1]

MUTANTS = (
    Mutant("velocity_forgotten", "Momentum", VELOCITY, "            v = 0\n"),
    Mutant("velocity_one_step_late", "Momentum", MOVE, "params[name] += v"),
    Mutant("one_velocity_for_all", "Momentum", VELOCITY,
           "            v = list(self.v.values())[-1] if self.v else 0\n"),
    Mutant("gradient_damped_too", "Momentum", "self.momentum * v - self.lr * g",
           "self.momentum * v - (1 - self.momentum) * self.lr * g"),
    Mutant("squares_not_summed", "AdaGrad", SQUARES, "self.h[name] = g**2"),
    Mutant("root_left_out", "AdaGrad", "np.sqrt(self.h[name] + 1e-7)", "(self.h[name] + 1e-7)"),
    Mutant("gradient_squared_in_place", "AdaGrad",
           f"            {SQUARES}\n            params[name] -= self.lr * g / np.sqrt",
           "            step = self.lr * g\n            g **= 2\n"
           "            self.h[name] = self.h.get(name, 0) + g\n"
           "            params[name] -= step / np.sqrt"),
    Mutant("shares_swapped", "RMSprop", MEAN,
           "self.mean[name] = (1 - self.rho) * mean + self.rho * g**2"),
    Mutant("mean_without_share", "RMSprop", MEAN, "self.mean[name] = self.rho * mean + g**2"),
    Mutant("mean_of_gradients", "RMSprop", MEAN,
           "self.mean[name] = self.rho * mean + (1 - self.rho) * np.abs(g)"),
    Mutant("no_bias_correction", "Adam", "lr = self.lr * np.sqrt(second) / first", "lr = self.lr"),
    Mutant("step_counted_per_array", "Adam", COUNTED + EACH, EACH.replace(
        "items():\n", "items():\n            " + COUNTED.strip().replace("\n", "\n    ") + "\n")),
    Mutant("correction_without_root", "Adam", "np.sqrt(second) / first", "second / first"),
)  # fmt: skip
