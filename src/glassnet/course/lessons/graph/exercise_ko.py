# glassnet lesson: graph
"""그래프의 노드 두 가지와 그것으로 만든 그래프. 작성한 뒤: glassnet check graph"""


class Mul:
    """x·y. 역전파에 필요한 것을 보관합니다."""

    def forward(self, x, y):
        raise NotImplementedError

    def backward(self, dout):
        """dL/dx와 dL/dy를 이 순서로 돌려줍니다."""
        raise NotImplementedError


class Add:
    """x + y."""

    def forward(self, x, y):
        raise NotImplementedError

    def backward(self, dout):
        """dL/dx와 dL/dy를 이 순서로 돌려줍니다."""
        raise NotImplementedError


def buy_apples_and_oranges(apple, apples, orange, oranges, tax):
    """price = (apple·apples + orange·oranges)·tax, Mul과 Add의 그래프로 계산합니다.

    값과 튜플을 돌려줍니다. 튜플은 다섯 인자에 대한 미분을 인자의 순서대로 담은 것입니다.
    """
    raise NotImplementedError
