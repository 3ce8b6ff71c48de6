class Mul:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.y, dout * self.x


class Add:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        return dout, dout


def buy_apples_and_oranges(apple, apples, orange, oranges, tax):
    some_apples, some_oranges, both, taxed = Mul(), Mul(), Add(), Mul()
    a = some_apples.forward(apple, apples)
    o = some_oranges.forward(orange, oranges)
    price = taxed.forward(both.forward(a, o), tax)
    dboth, dtax = taxed.backward(1.0)
    da, do = both.backward(dboth)
    return price, (*some_apples.backward(da), *some_oranges.backward(do), dtax)
