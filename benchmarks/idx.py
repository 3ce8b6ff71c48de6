"""MNIST for the peers that bring no reader of their own."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np


def load_mnist(folder: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Images (n, 28, 28) as bytes and labels, for training and testing."""

    def read(name: str, skip: int) -> np.ndarray:
        data = gzip.decompress((Path(folder) / f"{name}-ubyte.gz").read_bytes())
        return np.frombuffer(data, np.uint8, offset=skip).copy()

    return (
        read("train-images-idx3", 16).reshape(-1, 28, 28),
        read("train-labels-idx1", 8).astype(np.int64),
        read("t10k-images-idx3", 16).reshape(-1, 28, 28),
        read("t10k-labels-idx1", 8).astype(np.int64),
    )
