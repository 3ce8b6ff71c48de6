import numpy as np


def im2col(x, kh, kw, stride, pad):
    n, rows, columns, channels = x.shape
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    oh = (rows + 2 * pad - kh) // stride + 1
    ow = (columns + 2 * pad - kw) // stride + 1
    windows = np.zeros((n, oh, ow, kh, kw, channels))
    for a in range(kh):
        for b in range(kw):
            down, right = a + stride * oh, b + stride * ow
            windows[:, :, :, a, b, :] = padded[:, a:down:stride, b:right:stride, :]
    return windows.reshape(n * oh * ow, kh * kw * channels)


def col2im(col, shape, kh, kw, stride, pad):
    n, rows, columns, channels = shape
    oh = (rows + 2 * pad - kh) // stride + 1
    ow = (columns + 2 * pad - kw) // stride + 1
    windows = col.reshape(n, oh, ow, kh, kw, channels)
    padded = np.zeros((n, rows + 2 * pad, columns + 2 * pad, channels))
    for a in range(kh):
        for b in range(kw):
            down, right = a + stride * oh, b + stride * ow
            padded[:, a:down:stride, b:right:stride, :] += windows[:, :, :, a, b, :]
    return padded[:, pad : pad + rows, pad : pad + columns, :]


class Conv2D:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        kh, kw, _, filters = self.W.shape
        n, rows, columns, _ = x.shape
        oh = (rows + 2 * self.pad - kh) // self.stride + 1
        ow = (columns + 2 * self.pad - kw) // self.stride + 1
        self.shape = x.shape
        self.col = im2col(x, kh, kw, self.stride, self.pad)
        out = self.col @ self.W.reshape(-1, filters) + self.b
        return out.reshape(n, oh, ow, filters)

    def backward(self, dout):
        kh, kw, _, filters = self.W.shape
        dz = dout.reshape(-1, filters)
        self.dW = (self.col.T @ dz).reshape(self.W.shape)
        self.db = dz.sum(axis=0)
        dcol = dz @ self.W.reshape(-1, filters).T
        return col2im(dcol, self.shape, kh, kw, self.stride, self.pad)
