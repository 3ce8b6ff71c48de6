"""Pooling: the largest or the mean number of each window."""
