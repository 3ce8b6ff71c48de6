# glassnet lesson: layers
"""A network of layers, and one step of its training. Then: glassnet check layers"""

from glassnet.course.built import Affine, ReLU, SoftmaxWithLoss


class Network:
    """Affine, ReLU, Affine, ReLU, …, Affine, and SoftmaxWithLoss at the end."""

    def __init__(self, weights):
        """weights: a list of (W, b), one pair for each Affine layer; they stay as they are."""
        raise NotImplementedError

    def predict(self, x):
        """The scores of the last Affine layer, before softmax."""
        raise NotImplementedError

    def loss(self, x, t):
        """The mean cross-entropy. t: class numbers."""
        raise NotImplementedError

    def gradients(self, x, t):
        """A list of (dW, db), one pair for each Affine layer, from the first to the last."""
        raise NotImplementedError

    def train_step(self, x, t, lr):
        """W ← W - lr·dW and b ← b - lr·db in each Affine layer. Returns the loss before that."""
        raise NotImplementedError
