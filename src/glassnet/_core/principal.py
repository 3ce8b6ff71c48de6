"""The two directions of largest variance."""

from __future__ import annotations

import numpy as np

from glassnet._core.types import Array


def principal(rows: Array) -> tuple[Array, Array]:
    """Rows (n, features) along their two directions of largest variance, and its shares.

    With the means taken off, XᵀX·v = λ·v, or of fewer rows than features XXᵀ·u = λ·u and
    v = Xᵀu/√λ; the points are X·v, the shares λ/Σλ (Pearson, 1901).  Of each direction the largest
    part is positive.

    >>> points, shares = principal(np.array([[0.0, 0.0], [1.0, 3.0], [2.0, 6.0]]))
    >>> shares.round(3)
    array([1., 0.])
    """
    X = rows - rows.mean(axis=0)
    if X.shape[1] == 1:
        X = np.column_stack([X, np.zeros(len(X))])
    if X.shape[1] <= len(X):
        variances, directions = np.linalg.eigh(X.T @ X)  # ascending
        two = directions[:, :-3:-1]
    else:
        variances, left = np.linalg.eigh(X @ X.T)
        two = X.T @ left[:, :-3:-1]
        length = np.linalg.norm(two, axis=0)
        two = two / np.where(length > 0, length, 1.0)
    sign = np.sign(two[np.abs(two).argmax(axis=0), [0, 1]])
    two = two * np.where(sign == 0, 1.0, sign)
    total = float(variances.sum())
    return X @ two, variances[:-3:-1] / (total or 1.0)
