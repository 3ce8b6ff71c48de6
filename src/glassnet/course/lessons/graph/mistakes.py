"""What goes wrong in a graph."""

from glassnet.course.lesson import Mutant

PRODUCT = "return dout * self.y, dout * self.x"
SUM = "return dout, dout"
KEPT = "self.x, self.y = x, y"
BUY = "buy_apples_and_oranges"

MUTANTS = (
    Mutant("factors_not_swapped", "Mul", PRODUCT, "return dout * self.x, dout * self.y"),
    Mutant("without_dout", "Mul", PRODUCT, "return self.y, self.x"),
    Mutant("kept_for_the_class", "Mul", KEPT, "Mul.x, Mul.y = x, y"),
    Mutant("first_values_kept", "Mul", KEPT,
           "self.x, self.y = getattr(self, 'x', x), getattr(self, 'y', y)"),
    Mutant("ones_for_dout", "Add", SUM, "return 1.0, 1.0"),
    Mutant("shared_out", "Add", SUM, "return dout / 2, dout / 2"),
    Mutant("one_node_for_both", BUY,
           "some_apples, some_oranges, both, taxed = Mul(), Mul(), Add(), Mul()",
           "some_apples, both, taxed = Mul(), Add(), Mul(); some_oranges = some_apples"),
    Mutant("tax_left_out", BUY, "da, do = both.backward(dboth)", "da, do = both.backward(1.0)"),
    Mutant("tax_once_more", BUY, "taxed.backward(1.0)", "taxed.backward(tax)"),
    Mutant("tax_first", BUY, "both.forward(a, o), tax)", "tax, both.forward(a, o))"),
)  # fmt: skip
