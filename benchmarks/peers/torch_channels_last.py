"""PyTorch with its images and kernels channels last in memory."""

import torch
from peers import torch_eager
from peers.torch_eager import ImagePrediction, MnistLenet, Steps, versions

torch_eager.LAYOUT = torch.channels_last

__all__ = ["ImagePrediction", "MnistLenet", "Steps", "versions"]
