# glassnet lesson: graph
"""Two nodes of a graph, and a graph made of them. Then: glassnet check graph"""


class Mul:
    """x·y. Keeps what backward needs."""

    def forward(self, x, y):
        raise NotImplementedError

    def backward(self, dout):
        """Returns dL/dx and dL/dy, in this order."""
        raise NotImplementedError


class Add:
    """x + y."""

    def forward(self, x, y):
        raise NotImplementedError

    def backward(self, dout):
        """Returns dL/dx and dL/dy, in this order."""
        raise NotImplementedError


def buy_apples_and_oranges(apple, apples, orange, oranges, tax):
    """price = (apple·apples + orange·oranges)·tax, by a graph of Mul and Add.

    Returns the price, and a tuple: its derivatives by the five arguments, in their order.
    """
    raise NotImplementedError
