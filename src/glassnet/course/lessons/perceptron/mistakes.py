"""What goes wrong in gates."""

from glassnet.course.lesson import Mutant

ALL = "np.where(0.5 * x1 + 0.5 * x2 - 0.7 > 0, 1, 0)"
NOT_ALL = "np.where(-0.5 * x1 - 0.5 * x2 + 0.7 > 0, 1, 0)"
ANY = "np.where(0.5 * x1 + 0.5 * x2 - 0.2 > 0, 1, 0)"
ONE = "return AND(NAND(x1, x2), OR(x1, x2))"

MUTANTS = (
    Mutant("one_input_suffices", "AND", ALL, ANY),
    Mutant("gate_of_one_number", "AND", ALL, "1 if 0.5 * x1 + 0.5 * x2 - 0.7 > 0 else 0"),
    Mutant("bias_not_turned", "NAND", NOT_ALL, "np.where(-0.5 * x1 - 0.5 * x2 - 0.7 > 0, 1, 0)"),
    Mutant("nor_for_nand", "NAND", NOT_ALL, "np.where(-0.5 * x1 - 0.5 * x2 + 0.2 > 0, 1, 0)"),
    Mutant("both_are_needed", "OR", ANY, ALL),
    Mutant("always_fires", "OR", ANY, "np.where(0.5 * x1 + 0.5 * x2 + 0.2 > 0, 1, 0)"),
    Mutant("or_for_xor", "XOR", ONE, "return OR(x1, x2)"),
    Mutant("compared_for_xor", "XOR", ONE, "return np.where(x1 != x2, 1, 0)"),
    Mutant("gates_swapped", "XOR", ONE, "return OR(NAND(x1, x2), AND(x1, x2))"),
)  # fmt: skip
