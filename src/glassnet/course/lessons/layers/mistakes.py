"""What goes wrong where layers are put together."""

from glassnet.course.lesson import Mutant

STEP = """\
        for layer, (dW, db) in zip(self.affine, self.gradients(x, t)):
            layer.W = layer.W - lr * dW
            layer.b = layer.b - lr * db
"""
INSIDE = """\
        dout = self.last.backward()
        for layer in reversed(self.layers):
            if layer in self.affine:
                layer.W = layer.W - lr * (layer.x.T @ dout)
                layer.b = layer.b - lr * dout.sum(axis=0)
                dout = dout @ layer.W.T
            else:
                dout = layer.backward(dout)
"""
FORWARD = "        self.loss(x, t)\n        dout"
NAME = "Network"

MUTANTS = (
    Mutant("stale_gradient", NAME, FORWARD,
           "        if not hasattr(self.last, 'y'):\n            self.loss(x, t)\n        dout"),
    Mutant("update_in_backward", NAME, STEP, INSIDE),
    Mutant("one_relu_for_all", NAME,
           "        for layer in self.affine:\n            self.layers += [layer, ReLU()]\n",
           "        relu = ReLU()\n        for layer in self.affine:\n"
           "            self.layers += [layer, relu]\n"),
    Mutant("relu_before_softmax", NAME, "        self.layers.pop()\n", ""),
    Mutant("no_activation", NAME, "        self.layers.pop()\n",
           "        self.layers = list(self.affine)\n"),
    Mutant("order_not_reversed", NAME, "reversed(self.layers)", "self.layers"),
    Mutant("bias_not_updated", NAME, "            layer.b = layer.b - lr * db\n", ""),
    Mutant("weights_of_the_caller", NAME, "layer.W = layer.W - lr * dW", "layer.W -= lr * dW"),
    Mutant("loss_after_the_step", NAME, "return loss\n", "return self.loss(x, t)\n"),
)  # fmt: skip
