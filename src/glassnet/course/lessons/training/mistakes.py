"""What goes wrong in the training loop."""

from glassnet.course.lesson import Mutant

ORDER = "order = rng.permutation(n)"
CUT = "range(0, n, size)]"
LOOP = """\
    for _ in range(epochs):
        for batch in batches(len(x), size, rng):
            w = w - lr * gradient(w, x[batch], t[batch])
"""
STEP = "w = w - lr * gradient(w, x[batch], t[batch])"
LEFTOVER = """\
    g = 0
    for _ in range(epochs):
        for batch in batches(len(x), size, rng):
            g = g + gradient(w, x[batch], t[batch])
            w = w - lr * g
"""

MUTANTS = (
    Mutant("drawn_with_replacement", "batches", ORDER, "order = rng.choice(n, n)"),
    Mutant("not_shuffled", "batches", ORDER, "order = np.arange(n)"),
    Mutant("always_the_same_order", "batches", ORDER,
           "order = np.random.default_rng(0).permutation(n)"),
    Mutant("last_batch_dropped", "batches", CUT, "range(0, n - size + 1, size)]"),
    Mutant("generator_ignored", "batches", ORDER, "order = np.random.permutation(n)"),
    Mutant("leftover_gradient", "fit", LOOP, LEFTOVER),
    Mutant("shuffled_once", "fit", LOOP,
           "    cut = batches(len(x), size, rng)\n    for _ in range(epochs):\n"
           f"        for batch in cut:\n            {STEP}\n"),
    Mutant("labels_not_shuffled", "fit", "t[batch])", "t[: len(batch)])"),
    Mutant("one_batch_for_an_epoch", "fit", LOOP,
           "    for _ in range(epochs):\n        batch = batches(len(x), size, rng)[0]\n"
           f"        {STEP}\n"),
    Mutant("weights_of_the_caller", "fit", f"    w = np.array(w, dtype=float)\n{LOOP}",
           LOOP.replace("w = w - ", "w -= ")),
    Mutant("whole_data_each_time", "fit", "x[batch], t[batch])", "x, t)"),
)  # fmt: skip
