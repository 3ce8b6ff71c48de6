"""What goes wrong in a forward pass."""

from glassnet.course.lesson import Mutant

FIRST = "z1 = 1 / (1 + np.exp(-a1))"
SECOND = "z2 = 1 / (1 + np.exp(-a2))"
LAST = 'return np.dot(z2, network["W3"]) + network["b3"]'

MUTANTS = (
    Mutant("middle_function_left_out", "predict", SECOND, "z2 = a2"),
    Mutant("first_function_left_out", "predict", FIRST, "z1 = a1"),
    Mutant("function_on_the_scores", "predict", LAST,
           'return 1 / (1 + np.exp(-(np.dot(z2, network["W3"]) + network["b3"])))'),
    Mutant("bias_left_out", "predict", 'network["W2"]) + network["b2"]', 'network["W2"])'),
    Mutant("function_before_the_bias", "predict", f'+ network["b1"]\n    {FIRST}',
           '\n    z1 = 1 / (1 + np.exp(-a1)) + network["b1"]'),
    Mutant("inputs_instead", "predict", 'a2 = np.dot(z1, network["W2"])',
           'a2 = np.dot(x, network["W2"])'),
    Mutant("largest_class", "predict", LAST,
           'return np.argmax(np.dot(z2, network["W3"]) + network["b3"], axis=-1)'),
    Mutant("network_changed", "predict", 'a1 = np.dot(x, network["W1"]) + network["b1"]',
           'network["b1"] += np.mean(np.dot(x, network["W1"])); a1 = np.dot(x, network["W1"])'
           ' + network["b1"]'),
)  # fmt: skip
