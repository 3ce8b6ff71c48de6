"""PyTorch: `torch.nn.Sequential`, and weights in safetensors files."""
