from glassnet.course.built import Affine, ReLU, SoftmaxWithLoss


class Network:
    def __init__(self, weights):
        self.affine = [Affine(W, b) for W, b in weights]
        self.layers = []
        for layer in self.affine:
            self.layers += [layer, ReLU()]
        self.layers.pop()
        self.last = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        return self.last.forward(self.predict(x), t)

    def gradients(self, x, t):
        self.loss(x, t)
        dout = self.last.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return [(layer.dW, layer.db) for layer in self.affine]

    def train_step(self, x, t, lr):
        loss = self.loss(x, t)
        for layer, (dW, db) in zip(self.affine, self.gradients(x, t)):
            layer.W = layer.W - lr * dW
            layer.b = layer.b - lr * db
        return loss
