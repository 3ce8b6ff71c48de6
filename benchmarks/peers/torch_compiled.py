"""PyTorch with ``torch.compile``; needs a C++ compiler on the machine."""

from peers import torch_eager
from peers.torch_eager import Prediction, Steps, epochs, versions

torch_eager.COMPILED = True

__all__ = ["Prediction", "Steps", "epochs", "versions"]
