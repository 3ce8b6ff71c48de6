"""What goes wrong in initial weights."""

from glassnet.course.lesson import Mutant

XAVIER = "return rng.normal(0, np.sqrt(2 / (n + m)), (n, m))"
HE = "return rng.normal(0, np.sqrt(2 / n), (n, m))"
LAYER = "        x = f(x @ W)\n        found.append(np.std(x))\n"

MUTANTS = (
    Mutant("all_zeros", "xavier", XAVIER, "return np.zeros((n, m))"),
    Mutant("one_hundredth", "xavier", XAVIER, "return rng.normal(0, 0.01, (n, m))"),
    Mutant("variance_for_spread", "xavier", "np.sqrt(2 / (n + m))", "2 / (n + m)"),
    Mutant("one_side_only", "xavier", "np.sqrt(2 / (n + m))", "np.sqrt(1 / n)"),
    Mutant("between_zero_and_one", "xavier", XAVIER,
           "return rng.random((n, m)) * np.sqrt(2 / (n + m))"),
    Mutant("generator_ignored", "xavier", XAVIER, XAVIER.replace("rng", "np.random")),
    Mutant("always_the_same", "xavier", XAVIER, XAVIER.replace("rng", "np.random.default_rng(0)")),
    Mutant("xavier_for_relu", "he", "2 / n)", "2 / (n + m))"),
    Mutant("half_forgotten", "he", "2 / n)", "1 / n)"),
    Mutant("outputs_for_inputs", "he", "2 / n)", "2 / m)"),
    Mutant("variance_in_he", "he", "np.sqrt(2 / n)", "2 / n"),
    Mutant("shape_turned", "he", "2 / n), (n, m))", "2 / n), (m, n))"),
    Mutant("before_the_activation", "spreads", LAYER,
           "        x = x @ W\n        found.append(np.std(x))\n        x = f(x)\n"),
    Mutant("activation_left_out", "spreads", "x = f(x @ W)", "x = x @ W"),
    Mutant("every_layer_gets_x", "spreads", LAYER, "        found.append(np.std(f(x @ W)))\n"),
    Mutant("variance_of_outputs", "spreads", "np.std(x)", "np.var(x)"),
)  # fmt: skip
