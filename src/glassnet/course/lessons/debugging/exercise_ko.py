# glassnet lesson: debugging
"""실수가 하나씩 든 코드 열한 개. 고친 뒤: glassnet check debugging

docstring은 옳습니다. 코드마다 세 줄 안에서 고칠 수 있습니다.
"""

import numpy as np


def descend(w, x, t, lr, steps):
    """손실 mean((x·w - t)²) / 2의 경사 하강법. ``steps``번 갱신한 가중치를 돌려줍니다."""
    y = x @ w
    for _ in range(steps):
        w = w - lr * x.T @ (y - t) / len(x)
    return w


def output_gradient(z, t):
    """dL/dz. L은 softmax(z)의 교차 엔트로피의 평균입니다. t: 원-핫 행."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    dz = (p - t) / len(z)
    return p * (dz - (dz * p).sum(axis=1, keepdims=True))


def cross_entropy(z, t):
    """softmax(z)의 교차 엔트로피의 평균. 유한한 z라면 아무리 커도 됩니다. t: 클래스 번호."""
    rows = np.arange(len(t))
    sums = np.exp(z).sum(axis=1)
    return np.mean(-np.log(np.exp(z[rows, t]) / sums + 1e-7))


class Affine:
    """x·W + b. 손실이 평균이므로 dout에는 1/n이 이미 들어 있습니다."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        """x: (샘플, 입력). (샘플, 출력)을 돌려줍니다."""
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        """dW와 db를 보관하고 dL/dx를 돌려줍니다."""
        self.dW = self.x.T @ dout
        self.db = dout.mean(axis=0)
        return dout @ self.W.T


def loss_gradient(p, t):
    """p = softmax(z)로 구하는, 교차 엔트로피 평균의 dL/dz. p는 다른 곳에서도 읽습니다.

    t: 클래스 번호.
    """
    dz = p
    dz[np.arange(len(t)), t] -= 1
    return dz / len(t)


class SquaredError:
    """모든 원소에 대한 (y - t)²의 평균."""

    def forward(self, y, t):
        """손실을 돌려줍니다."""
        self.error = y - t
        return np.mean(self.error**2)

    def backward(self):
        """dL/dy를 돌려줍니다."""
        return 2 * self.error


def two_layers(W1, W2, x, t, lr):
    """y = tanh(x·W1)·W2의 경사 하강법 한 스텝. 새 (W1, W2)를 돌려줍니다.

    손실은 출력에 대한 (y - t)²의 합을 2로 나누고, 샘플에 대해 평균한 것입니다.
    """
    h = np.tanh(x @ W1)
    dout = (h @ W2 - t) / len(x)
    W2 = W2 - lr * h.T @ dout
    dh = dout @ W2.T * (1 - h**2)
    W1 = W1 - lr * x.T @ dh
    return W1, W2


def slope(f, x, h=1e-5):
    """x의 원소마다 중심 차분으로 구한 f'(x). x: float32나 float64 배열.

    여섯 자리까지 맞아야 합니다.
    """
    x = x.astype(np.float32)
    return (f(x + h) - f(x - h)) / (2 * h)


class Nesterov:
    """v ← momentum·v - lr·g, 그다음 w ← w + momentum·v - lr·g."""

    def __init__(self, lr, momentum):
        self.lr, self.momentum = lr, momentum
        self.v = 0.0

    def update(self, w, g):
        """w: 가중치, g: 그 기울기. 새 가중치를 돌려줍니다."""
        w = w + self.momentum * self.v - self.lr * g
        self.v = self.momentum * self.v - self.lr * g
        return w


class Linear:
    """x·W. 배치를 차례로 받습니다."""

    def __init__(self, W):
        self.W = W
        self.dW = np.zeros(W.shape)

    def forward(self, x):
        """x: (샘플, 입력). (샘플, 출력)을 돌려줍니다."""
        self.x = x
        return x @ self.W

    def backward(self, dout):
        """이 배치의 dW를 보관하고 dL/dx를 돌려줍니다."""
        self.dW += self.x.T @ dout
        return dout @ self.W.T


class Skip:
    """x + ReLU(x): ReLU를 지나는 길과 우회하는 길."""

    def forward(self, x):
        """x: 어떤 형상의 배열이든 됩니다."""
        self.mask = x <= 0
        return x + np.maximum(x, 0)

    def backward(self, dout):
        """두 길의 합인 dL/dx를 돌려주고, dout은 바꾸지 않습니다."""
        through = dout
        through[self.mask] = 0
        return through + dout
