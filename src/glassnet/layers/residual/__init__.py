"""A block of layers with a skip connection."""
