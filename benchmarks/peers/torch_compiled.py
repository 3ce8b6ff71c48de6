"""PyTorch with ``torch.compile``; needs a C++ compiler on the machine."""

from peers import torch_eager
from peers.torch_eager import Mnist, Prediction, Steps, versions

torch_eager.COMPILED = True

__all__ = ["Mnist", "Prediction", "Steps", "versions"]
