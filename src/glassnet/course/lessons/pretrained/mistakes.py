"""What goes wrong where a trained network is used."""

from glassnet.course.lesson import Mutant

READ = "        return {name: file[name] for name in file.files}\n"
OPEN = f"    with np.load(path) as file:\n{READ}"
SCORES = 'z = x @ network[f"W{i}"] + network[f"b{i}"]'
SOFTMAX = """\
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
"""
ROWS = "x = images.reshape(len(images), -1) / white"
SHARE = "return np.mean(p.argmax(axis=1) == t)"

MUTANTS = (
    Mutant("biases_left_behind", "init_network", "for name in file.files}",
           'for name in file.files if name.startswith("W")}'),
    Mutant("weights_drawn_anew", "init_network", "{name: file[name] for",
           "{name: 0.01 * np.random.randn(*file[name].shape) for"),
    Mutant("sigmoid_left_out", "predict", "x = 1 / (1 + np.exp(-z))", "x = z"),
    Mutant("sigmoid_at_the_end", "predict", SOFTMAX, "    return x\n"),
    Mutant("sigmoid_before_softmax", "predict", SOFTMAX,
           SOFTMAX.replace("z - z.max(", "x - x.max(")),
    Mutant("softmax_over_the_batch", "predict", "e.sum(axis=1, keepdims=True)", "e.sum()"),
    Mutant("biases_not_added", "predict", SCORES, 'z = x @ network[f"W{i}"]'),
    Mutant("pictures_not_scaled", "accuracy", ROWS, "x = images.reshape(len(images), -1)"),
    Mutant("divided_to_whole_numbers", "accuracy", ROWS,
           "x = images.reshape(len(images), -1) // white"),
    Mutant("pictures_of_the_caller", "accuracy", ROWS,
           "images[...] = images / white\n    x = images.reshape(len(images), -1)"),
    Mutant("mean_of_the_right", "accuracy", SHARE, "return np.mean(p[np.arange(len(t)), t])"),
    Mutant("mean_of_the_surest", "accuracy", SHARE, "return np.mean(p.max(axis=1))"),
    Mutant("count_for_share", "accuracy", SHARE, "return np.sum(p.argmax(axis=1) == t)"),
    Mutant("columns_first", "accuracy", ROWS,
           "x = images.transpose(0, 2, 1).reshape(len(images), -1) / white"),
)  # fmt: skip
